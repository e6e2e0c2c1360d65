import { AbortError, PartialFailureError, RefusedError, RunStoppedError, UsageError } from '../errors.js';
import { ConfigError } from '../settings/config-error.js';
import { inActionWords } from './in-action-words.js';

/** What ended a run early, for people. */
export interface EndedBy {
  /** How it ended, in one word. */
  readonly word: 'Failed' | 'Refused' | 'Stopped' | 'Aborted';
  readonly title: string;
  readonly message: string;
  readonly hint: string | undefined;
}

/** Tells what ended a run; undefined where nothing did, and where it went on to its end though objects failed. */
export function endedBy(error: unknown): EndedBy | undefined {
  if (error === undefined || error instanceof PartialFailureError) return undefined;
  const message = error instanceof Error ? error.message : String(error);
  // In a file options have the names of the API.
  if (error instanceof ConfigError)
    return { word: 'Failed', title: 'The config file cannot be used', message, hint: error.hint };
  if (error instanceof UsageError)
    return { word: 'Failed', title: 'The inputs cannot be used', message: inActionWords(message), hint: hintOf(error) };
  if (error instanceof RefusedError)
    return { word: 'Refused', title: `Refused: ${error.code}`, message, hint: hintOf(error) };
  if (error instanceof RunStoppedError)
    return { word: 'Stopped', title: `The run stopped: ${error.code}`, message, hint: hintOf(error) };
  if (error instanceof AbortError) return { word: 'Aborted', title: 'The run was aborted', message, hint: undefined };
  const hint = hintOf(error) ?? 'This is a bug; please report it.';
  return { word: 'Failed', title: 'Unexpected error', message, hint };
}

function hintOf(error: unknown): string | undefined {
  const hint = typeof error === 'object' && error !== null && 'hint' in error ? error.hint : undefined;
  return typeof hint === 'string' ? inActionWords(hint) : undefined;
}
