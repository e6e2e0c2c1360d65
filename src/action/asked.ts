import type { CopyOptions } from '../copy-options.js';
import { UsageError } from '../errors.js';
import { apiRows } from '../option-table.js';
import type { PutOptions } from '../put-options.js';
import { copyKey } from '../settings/copy-key.js';
import { engineOptions } from '../settings/engine-options.js';
import { type Settings, valuesIn } from '../settings/layers.js';

type Names = ReadonlySet<string>;

const namesOf = (command: 'put' | 'copy'): Names => new Set(apiRows(command).map(({ name }) => name));

/** The options of a put; throws `UsageError` where source or bucket is missing. */
export function putAsked(settings: Settings): PutOptions {
  const { source, bucket, ...rest } = engineOptions(valuesIn(settings), namesOf('put'));
  const sources = typeof source === 'string' ? [source] : (source as readonly string[] | undefined);
  if (sources === undefined || sources.length === 0) throw missing('source', 'dist');
  const place = sources.find((one) => one.startsWith('s3://'));
  if (place !== undefined)
    throw new UsageError(`The source "${place}" is a bucket.`, 'Set command: copy to copy from bucket to bucket.');
  if (typeof bucket !== 'string') throw missing('bucket', 's3://my-site/docs');
  return { ...rest, source: sources, bucket };
}

/** The options of a copy, with what its list files hold; throws `UsageError` where a place is missing. */
export async function copyAsked(
  settings: Settings,
  readList: (file: string, input: string) => Promise<readonly string[]>,
): Promise<CopyOptions> {
  const all = valuesIn(settings);
  const { source, destination, key, fromPrefix, ...rest } = engineOptions(all, namesOf('copy'));
  const from = single('source', source, 's3://my-assets/2026');
  const to = single('destination', destination, 's3://my-archive');
  const lists = async (name: 'keysFile' | 'prefixesFile', input: string): Promise<readonly string[]> =>
    typeof all[name] === 'string' ? readList(fileOf(all[name], input), input) : [];
  const keys = [...textsOf(key), ...(await lists('keysFile', 'keys-file'))].map(copyKey);
  const prefixes = [...textsOf(fromPrefix), ...(await lists('prefixesFile', 'prefixes-file'))];
  return {
    ...rest,
    source: from,
    destination: to,
    ...((key !== undefined || all.keysFile !== undefined) && { key: keys }),
    ...((fromPrefix !== undefined || all.prefixesFile !== undefined) && { fromPrefix: prefixes }),
  };
}

/** A step has no standard input. */
function fileOf(name: string, input: string): string {
  if (name !== '-') return name;
  throw new UsageError(`Input "${input}" is "-"; a step has no standard input.`, 'Name a file of the workspace.');
}

/** The one place that a copy has on a side. */
function single(input: string, value: unknown, example: string): string {
  const [one, more] = textsOf(value);
  if (one === undefined) throw missing(input, example);
  if (more !== undefined) throw new UsageError(`Input "${input}" has several lines; a copy has one ${input}.`);
  return one;
}

function textsOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly string[]) : [String(value)];
}

function missing(input: string, example: string): UsageError {
  return new UsageError(`Input "${input}" is missing.`, `Set it under with:, for example ${input}: ${example}.`);
}
