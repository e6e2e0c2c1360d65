import { msg, type Text } from './message.js';

/**
 * What to do about an error of the operating system that no part of a run has named, by its code; the others have a general hint. The table of hints
 * knows what was done with which file; here only the code is known, and help and version must not load that table.
 */
const HINTS: ReadonlyMap<string, Text> = new Map<string, Text>([
  ['EMFILE', msg`This process may open too few files: allow more, as with "ulimit -n 1024", or lower {concurrency}.`],
  ['ENFILE', 'This machine has too many open files. Close other programs, or raise its limit.'],
  ['ENOMEM', 'This machine has too little memory.'],
  ['ENOSPC', 'The disk is full.'],
  ['EDQUOT', 'The disk quota of this user is used up.'],
  ['EROFS', 'The file system is read-only.'],
  ['EACCES', 'This user lacks the permission.'],
  ['EPERM', 'This user lacks the permission.'],
  ['EIO', 'The disk or the file system has an error.'],
  ['EFBIG', 'The file is larger than this process may write (ulimit -f).'],
  ['EAGAIN', 'This process may start no more threads or processes, or its input is not ready.'],
  ['ENOENT', 'Was a file or the working directory removed meanwhile?'],
]);

const OTHER = 'The operating system refused this.';
const INCOMPLETE = 'The installation is incomplete, or was changed during the run: install s3-parallel-put again.';
const TOO_LITTLE_MEMORY =
  'There is too little memory for it: raise the limit of Node, as with NODE_OPTIONS=--max-old-space-size=4096.';

/**
 * The hint for an error that the machine caused, and not a mistake of this program: of the operating system, of a module that cannot be loaded, or of
 * the memory. Undefined for any other.
 */
export function systemHint(error: unknown): Text | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && (typeof syscall === 'string' || HINTS.has(code))) return HINTS.get(code) ?? OTHER;
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
    return INCOMPLETE;
  if (code === 'ERR_STRING_TOO_LONG' || code === 'ERR_FS_FILE_TOO_LARGE' || code === 'ERR_MEMORY_ALLOCATION_FAILED')
    return TOO_LITTLE_MEMORY;
  return error instanceof RangeError &&
    /allocation failed|^Invalid (?:string|array|array buffer) length/i.test(error.message)
    ? TOO_LITTLE_MEMORY
    : undefined;
}
