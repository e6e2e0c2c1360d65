import type { MaxChanges } from '../options/site.js';
import { printable } from '../report/format.js';
import { given, msg, type Text } from '../report/message.js';
import type { Stray, Strays } from './listing/strays.js';

/** The default of `maxDelete` and `maxUpdate`: the larger of a number and a share of the keys in percent. */
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

/** The most changes that are allowed. @param keys of which a share is one */
export function changeLimit(max: MaxChanges, keys: number): number {
  if (max.kind === 'count') return max.count;
  if (max.kind === 'share') return Math.floor((keys * max.percent) / 100);
  return Math.max(DEFAULT_COUNT, Math.floor((keys * DEFAULT_PERCENT) / 100));
}

/** Keys that a refusal names. */
export const NAMED = 20;

/**
 * Refuses more deletes than are allowed: all of them, or none.
 * @param listed how many keys were listed
 */
export function refuseMany(
  deletes: readonly Pick<Stray, 'key'>[],
  listed: number,
  max: MaxChanges,
): DeleteRefusal | undefined {
  const limit = changeLimit(max, listed);
  const count = deletes.length;
  if (count <= limit) return undefined;
  return {
    code: 'TooManyDeletes',
    message: `${number(count)} of ${number(listed)} keys would be deleted, more than the ${number(limit)} that are allowed:${named(deletes, count)}`,
    hint: msg`Check source and prefix. If these are to go, set ${given('maxDelete', String(count))}; {protect} keeps keys, and {dryRun} lists all of them.`,
  };
}

/** Why no headers may be set. */
export interface UpdateRefusal {
  readonly code: 'TooManyUpdates';
  readonly message: string;
  readonly hint: Text;
}

/** Objects with headers to set: how many there are, and the first {@link NAMED} of them. */
export interface Updates {
  readonly count: number;
  readonly first: readonly Pick<Stray, 'key'>[];
}

/**
 * Refuses to set the headers of more objects than are allowed: of all of them, or none.
 * @param keys how many the run has compared with the bucket
 */
export function refuseManyUpdates({ count, first }: Updates, keys: number, max: MaxChanges): UpdateRefusal | undefined {
  const limit = changeLimit(max, keys);
  if (count <= limit) return undefined;
  return {
    code: 'TooManyUpdates',
    message: `The headers of ${number(count)} of ${number(keys)} objects would be set, more than the ${number(limit)} that are allowed:${named(first, count)}`,
    hint: msg`Check headers and rules. If all of them are to change, set ${given('maxUpdate', String(count))}; {dryRun} shows old and new.`,
  };
}

function named(keys: readonly Pick<Stray, 'key'>[], count: number): string {
  const names = keys.slice(0, NAMED).map(({ key }) => `\n  ${printable(key)}`);
  const more = count > NAMED ? `\n  and ${number(count - NAMED)} more` : '';
  return names.join('') + more;
}

function number(count: number): string {
  return count.toLocaleString('en-US');
}
