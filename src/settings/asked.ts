import type { OptionRow } from '../option-row.js';

const ASKED: ReadonlySet<string> = new Set([
  'help',
  'version',
  'command',
  'printConfig',
  'abortOlderThan',
  'any',
  'yes',
  'stdinKey',
  'destination',
]);

/** Whether the option asks for something else than a put, so that only the command line has it. */
export function isAsked({ name }: OptionRow): boolean {
  return ASKED.has(name);
}
