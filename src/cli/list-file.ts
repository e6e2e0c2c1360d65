import { readList } from '../config/key-list.js';
import type { ConfigLayer } from '../config/layers.js';
import { checkStandardInput } from '../config/standard-input.js';

/**
 * The entries of a list that an option names by its file, `-` for standard input. Throws `UsageError` where it cannot be read.
 * @param name of the option, for messages
 */
export async function readListFile(
  settings: ConfigLayer,
  name: string,
  file: string,
  stdin: AsyncIterable<Buffer>,
): Promise<readonly string[]> {
  const flag = settings.get(name)?.from ?? name;
  if (file === '-' && stdin === process.stdin) checkStandardInput(`${flag}: standard input`);
  return readList(flag, file, stdin);
}
