import { LONGEST_CODE, shorten } from './message.js';
import type { Outcome, Report } from './types.js';

/** An error as plain values; unknown fields are absent. */
export interface JsonError {
  readonly message: string;
  readonly code?: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly hint?: string;
}

/** An outcome whose error is plain values. */
export type PlainOutcome = Omit<Outcome, 'error'> & { readonly error?: JsonError };
export type JsonOutcome = { readonly type: 'outcome' } & PlainOutcome;

/** `error` is what ended the run early, if anything did; failed objects are in `failures`. */
export type JsonReport = { readonly type: 'report' } & Report & { readonly error?: JsonError };

/** What JSON may hold as it is, but a terminal or a reader of lines acts upon: controls, line separators and marks of direction. */
const ACTIVE = /[\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A value as JSON on one line: the same value for programs, with escapes for every character that is not to be shown as it is. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(ACTIVE, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** An outcome as plain values; the texts of an error are cut to 4,000 characters. */
export function plainOutcome({ error, ...rest }: Outcome): PlainOutcome {
  if (error === undefined) return rest;
  const { origin, key, reason } = rest;
  const texts = { reason: shorten(reason), origin: shorten(origin), key: shorten(key) };
  return { ...rest, ...texts, error: jsonError(error) };
}

/** One line of `--json`, without its line end. */
export function outcomeJson(outcome: Outcome): string {
  const line: JsonOutcome = { type: 'outcome', ...plainOutcome(outcome) };
  return jsonText(line);
}

/** The last line of `--json`, without its line end. */
export function reportJson(report: Report, stoppedBy?: Error): string {
  const line: JsonReport = {
    type: 'report',
    ...report,
    ...(stoppedBy !== undefined && { error: jsonError(stoppedBy) }),
  };
  return jsonText(line);
}

/** An error's message and, where it has them, code, HTTP status, request id and hint. */
export function jsonError(error: Error): JsonError {
  const known = error as Partial<Record<'code' | 'status' | 'requestId' | 'hint', unknown>>;
  return {
    message: shorten(error.message),
    ...(typeof known.code === 'string' && { code: shorten(known.code, LONGEST_CODE) }),
    ...(typeof known.status === 'number' && { status: known.status }),
    ...(typeof known.requestId === 'string' && { requestId: shorten(known.requestId, LONGEST_CODE) }),
    ...(typeof known.hint === 'string' && { hint: shorten(known.hint) }),
  };
}
