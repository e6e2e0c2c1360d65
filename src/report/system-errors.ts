import { hintFor } from '../model/hints.js';
import type { Text } from './message.js';

/** For codes whose hint depends on what was done, which is not known here. */
const UNKNOWN_VERB: ReadonlyMap<string, Text> = new Map<string, Text>([
  ['EACCES', 'This user lacks the permission.'],
  ['EPERM', 'This user lacks the permission.'],
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
  if (typeof code === 'string') {
    const hint = UNKNOWN_VERB.get(code) ?? hintFor({ code, verb: 'read' }) ?? hintFor({ code, verb: 'write' });
    if (hint !== undefined || typeof syscall === 'string') return hint ?? OTHER;
  }
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
    return INCOMPLETE;
  if (code === 'ERR_STRING_TOO_LONG' || code === 'ERR_FS_FILE_TOO_LARGE' || code === 'ERR_MEMORY_ALLOCATION_FAILED')
    return TOO_LITTLE_MEMORY;
  return error instanceof RangeError &&
    /allocation failed|^Invalid (?:string|array|array buffer) length/i.test(error.message)
    ? TOO_LITTLE_MEMORY
    : undefined;
}
