import { UsageError } from '../errors.js';
import type { PutItem, PutOptions } from '../put-options.js';
import type { Values } from '../settings/engine-options.js';

/** The source that stands for standard input. */
export const STDIN = '-';

/** Whether standard input is a source, and under which key; throws `UsageError` where one is given without the other. */
export function stdinAsked(
  sources: readonly string[],
  key: string | undefined,
): { readonly stdinKey: string | undefined } {
  const count = sources.filter((source) => source === STDIN).length;
  if (count > 1) throw new UsageError('Standard input ("-") is named twice; it can be read once.');
  if (count === 1 && key === undefined)
    throw new UsageError('Standard input ("-") has no name.', 'Give its key with --stdin-key KEY.');
  if (count === 0 && key !== undefined)
    throw new UsageError('--stdin-key is given, but standard input is no source.', 'Name "-" as a source.');
  return { stdinKey: key };
}

/** The sources with standard input as a stream. */
export function withStdin(source: PutOptions['source'], key: string): PutOptions['source'] {
  const items: PutItem[] = [{ key, body: process.stdin }];
  return (source as readonly string[]).map((one) => (one === STDIN ? items : one));
}

/** What `--ignore-small-files` leaves out, as the option that does it; throws `UsageError` beside that option. */
export function smallFiles(values: Values): Pick<PutOptions, 'minSize'> {
  if (values.ignoreSmallFiles !== true) return {};
  if (values.minSize !== undefined)
    throw new UsageError('--ignore-small-files and --min-size say the same in two ways.', 'Give one of the two.');
  return { minSize: typeof values.partSize === 'string' ? values.partSize : '8MiB' };
}
