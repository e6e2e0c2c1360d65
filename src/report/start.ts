import { printable } from './format.js';
import { maskAddress } from './mask-secrets.js';
import type { RunEvent } from './types.js';

/** Sources that the first line names; it counts the others. */
const NAMED = 3;

/**
 * The first line of a run, which says what goes where: `dist → s3://my-site/docs (eu-central-1)`. The parentheses have the address of the server
 * where it is not AWS S3, else the region where it is known.
 */
export function startText({ from, to, region, endpoint, dryRun }: Omit<StartEvent, 'type'>): string {
  const sources = from.slice(0, NAMED).map(maskAddress).join(', ');
  const more = from.length > NAMED ? ` and ${from.length - NAMED} more` : '';
  const at = endpoint === undefined ? region : maskAddress(endpoint);
  const server = at === undefined || at === '' ? '' : ` (${at})`;
  // A deletion has no source.
  const way = from.length === 0 ? `all objects below ${to}` : `${sources}${more} → ${to}`;
  return printable(`${dryRun ? 'Dry run: ' : ''}${way}${server}`);
}

export type StartEvent = Extract<RunEvent, { readonly type: 'start' }>;
