import { fstatSync, readFileSync, type Stats, statSync } from 'node:fs';
import { UsageError } from '../errors.js';

/**
 * Checks that standard input can be read: Node takes a directory, a block device or a closed one for an empty stream.
 * @param what the words that name it, for messages
 * @throws UsageError if it cannot be read
 */
export function checkStandardInput(what: string): void {
  const fix = 'Pipe or redirect into it what it is to read.';
  let stat: Stats;
  try {
    stat = fstatSync(0);
  } catch (error) {
    throw new UsageError(`${what} cannot be read (${(error as NodeJS.ErrnoException).code}).`, fix);
  }
  if (stat.isDirectory())
    throw new UsageError(`${what} is a directory.`, `${fix} A directory is named as a source itself.`);
  if (stat.isBlockDevice()) throw new UsageError(`${what} is a block device, which Node cannot read there.`, fix);
  if (stat.isCharacterDevice() && isReplaced(stat)) throw new UsageError(`${what} is closed.`, fix);
}

const ACCESS_BITS = 3;
const READ_AND_WRITE = 2;

/** Whether Node has put the null device in the place of a closed standard input: only Node opens it for writing, too. Known on Linux only. */
function isReplaced({ rdev }: Stats): boolean {
  try {
    const [, flags = ''] = /^flags:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/fdinfo/0', 'latin1')) ?? [];
    return rdev === statSync('/dev/null').rdev && (Number.parseInt(flags, 8) & ACCESS_BITS) === READ_AND_WRITE;
  } catch {
    return false;
  }
}
