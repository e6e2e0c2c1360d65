import { pathToFileURL } from 'node:url';
import { builtProgram } from './built-program.js';

/** What threads load to send. */
export function builtSender(): string {
  return pathToFileURL(builtProgram('src/transfer/threads/s3-parallel-put-thread.ts')).href;
}
