import type { Text } from '../report/message.js';
import { ACCESS_HINTS } from './access-hints.js';
import { CONNECTION_HINTS } from './connection-hints.js';
import type { Failure, HintRow, LocalVerb } from './hint-row.js';
import { CREDENTIAL_HINTS, LOCAL_HINTS } from './local-hints.js';
import { S3_HINTS } from './s3-hints.js';

/** The table of hints. The first row that holds for a failure gives its hint. @internal */
export const HINTS: readonly HintRow[] = [
  ...LOCAL_HINTS,
  ...CREDENTIAL_HINTS,
  ...CONNECTION_HINTS,
  ...ACCESS_HINTS,
  ...S3_HINTS,
];

/** The row of a failure: the first that holds. @internal */
export function hintRow(failure: Failure): HintRow | undefined {
  return HINTS.find((row) => holds(row, failure));
}

/** How a failure is fixed; undefined where that is not known. */
export function hintFor(failure: Failure): Text | undefined {
  const row = hintRow(failure);
  return typeof row?.hint === 'function' ? row.hint(failure) : row?.hint;
}

/** The system's error code in plain words; undefined for others. */
export function plainWords(code: string, verb: Failure['verb']): string | undefined {
  return hintRow({ code, verb })?.what;
}

/** Why the system did not read or write a file: in plain words with its code where they are known, else what it says itself. */
export function systemText(error: unknown, verb: LocalVerb): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = plainWords(code, verb);
  return words === undefined ? (error instanceof Error ? error.message : String(error)) : `${words} (${code})`;
}

/** What has become of an entry of a source that is no longer there. */
export function goneText(name: string): string {
  return `${name} is gone since it was listed`;
}

function holds(
  { codes, verbs, says, unless, setting }: HintRow,
  { code, verb, message = '', settings }: Failure,
): boolean {
  if (typeof codes === 'string' ? codes !== code : codes instanceof RegExp ? !codes.test(code) : !codes.includes(code))
    return false;
  if (verbs !== undefined && !verbs.includes(verb)) return false;
  if (says !== undefined && !says.test(message)) return false;
  if (unless?.test(message) === true) return false;
  return setting === undefined || (settings !== undefined && setting(settings));
}
