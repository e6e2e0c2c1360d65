import type { MaxChanges } from '../options/site.js';
import { printable } from '../report/format.js';
import { given, msg, type Text } from '../report/message.js';
import type { Stray, Strays } from './listing/strays.js';

/** The default of `maxDelete`: the larger of a number and a share of the listed keys in percent. */
const DEFAULT_COUNT = 256;
const DEFAULT_PERCENT = 25;

/** Why nothing may be deleted. */
export interface DeleteRefusal {
  readonly code: 'TooManyDeletes' | 'ListingIncomplete';
  readonly message: string;
  readonly hint: Text;
}

/** Refuses deletes unless the listing that names the keys was read to its end, in an order that can be trusted. */
export function refuseIncomplete({ complete, denied }: Strays): DeleteRefusal | undefined {
  if (complete) return undefined;
  return {
    code: 'ListingIncomplete',
    message: denied
      ? 'Nothing is deleted, because the bucket may not be listed: keys that the source does not have are unknown.'
      : 'Nothing is deleted, because the listing of the bucket could not be read as a whole.',
    hint: denied
      ? msg`Allow s3:ListBucket, or leave {delete} out.`
      : 'Deletes need a listing whose keys are in UTF-8 byte order, or one that is out of order from its first page on and has at most 1,000,000 keys.',
  };
}

/** The most deletes that are allowed. */
export function deleteLimit(max: MaxChanges, listed: number): number {
  if (max.kind === 'count') return max.count;
  if (max.kind === 'share') return Math.floor((listed * max.percent) / 100);
  return Math.max(DEFAULT_COUNT, Math.floor((listed * DEFAULT_PERCENT) / 100));
}

/** Keys that a refusal names. */
const NAMED = 20;

/**
 * Refuses more deletes than are allowed: all of them, or none.
 * @param listed how many keys were listed
 */
export function refuseMany(
  deletes: readonly Pick<Stray, 'key'>[],
  listed: number,
  max: MaxChanges,
): DeleteRefusal | undefined {
  const limit = deleteLimit(max, listed);
  const count = deletes.length;
  if (count <= limit) return undefined;
  const names = deletes.slice(0, NAMED).map(({ key }) => `\n  ${printable(key)}`);
  const more = count > NAMED ? `\n  and ${(count - NAMED).toLocaleString('en-US')} more` : '';
  return {
    code: 'TooManyDeletes',
    message: `${count.toLocaleString('en-US')} of ${listed.toLocaleString('en-US')} keys would be deleted, more than the ${limit.toLocaleString('en-US')} that are allowed:${names.join('')}${more}`,
    hint: msg`Check source and prefix. If these are to go, set ${given('maxDelete', String(count))}; {protect} keeps keys, and {dryRun} lists all of them.`,
  };
}
