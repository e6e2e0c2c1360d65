import { UsageError } from '../errors.js';
import { checkedGzip } from '../gzip-option.js';
import type { PutOptions } from '../put-options.js';
import type { Given } from './argv.js';

/**
 * Joins `--gzip`, `--gzip=TYPE`, `--gzip-type TYPE` and `--no-gzip` to the API's option: types alone say which, and turn it on; `--gzip` beside
 * them adds nothing. Throws `UsageError` where it is turned off as well, and for what is no type.
 */
export function gzipFromArgv(given: readonly Given[]): Pick<PutOptions, 'gzip'> {
  const all = given.filter(({ row }) => row.name === 'gzip' || row.name === 'gzipType');
  if (all.length === 0) return {};
  const off = all.find(({ value }) => value === false);
  const on = all.find(({ value }) => value !== false);
  if (on !== undefined && off !== undefined) throw new UsageError(`${on.as} and ${off.as} contradict each other.`);
  if (on === undefined) return { gzip: false };
  const types = all.flatMap(({ as, value }) => {
    if (typeof value !== 'string') return [];
    checkedGzip(as, [value]);
    return [value];
  });
  if (types.length === 0) return { gzip: true };
  return { gzip: types.includes('all') ? 'all' : types };
}
