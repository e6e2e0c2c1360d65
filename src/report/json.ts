import type { Outcome, Report } from './types.js';

/** An error as plain values; unknown fields are absent. */
export interface JsonError {
  readonly message: string;
  readonly code?: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly hint?: string;
}

export type JsonOutcome = { readonly type: 'outcome' } & Omit<Outcome, 'error'> & { readonly error?: JsonError };

/** `error` is what ended the run early, if anything did; failed objects are in `failures`. */
export type JsonReport = { readonly type: 'report' } & Report & { readonly error?: JsonError };

/** One line of `--json`, without its line end; an outcome's error becomes plain values. */
export function outcomeJson({ error, ...rest }: Outcome): string {
  const line: JsonOutcome = { type: 'outcome', ...rest, ...(error !== undefined && { error: jsonError(error) }) };
  return JSON.stringify(line);
}

/** The last line of `--json`, without its line end. */
export function reportJson(report: Report, stoppedBy?: Error): string {
  const line: JsonReport = {
    type: 'report',
    ...report,
    ...(stoppedBy !== undefined && { error: jsonError(stoppedBy) }),
  };
  return JSON.stringify(line);
}

/** An error's message and, where it has them, code, HTTP status, request id and hint. */
export function jsonError(error: Error): JsonError {
  const known = error as Partial<Record<'code' | 'status' | 'requestId' | 'hint', unknown>>;
  return {
    message: error.message,
    ...(typeof known.code === 'string' && { code: known.code }),
    ...(typeof known.status === 'number' && { status: known.status }),
    ...(typeof known.requestId === 'string' && { requestId: known.requestId }),
    ...(typeof known.hint === 'string' && { hint: known.hint }),
  };
}
