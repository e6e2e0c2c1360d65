import {
  AbortError,
  PartialFailureError,
  RefusedError,
  RunStoppedError,
  S3RequestError,
  UsageError,
} from '../errors.js';
import { ConfigError } from '../settings/config-error.js';
import { CancelledError } from './cancel.js';
import { inActionWords } from './in-action-words.js';

/** What ended a run early, for people. */
export interface EndedBy {
  /** How it ended, in one word. */
  readonly word: 'Failed' | 'Refused' | 'Stopped' | 'Aborted';
  readonly title: string;
  readonly message: string;
  readonly hint: string | undefined;
}

const INPUTS = 'The inputs cannot be used';
/** What the engine says goes on with what a workflow has other ways for. */
const NONE_FOUND = 'No credentials could be had.';
const CONFIGURE =
  'Run aws-actions/configure-aws-credentials before this step, set role-to-assume, or give aws-access-key-id and aws-secret-access-key as secrets.';

/** Tells what ended a run; undefined where nothing did, and where it went on to its end though objects failed. */
export function endedBy(error: unknown): EndedBy | undefined {
  if (error === undefined || error instanceof PartialFailureError) return undefined;
  const message = error instanceof Error ? error.message : String(error);
  // In a file options have the names of the API.
  if (error instanceof ConfigError) {
    const title = message.startsWith('Input ') ? INPUTS : 'The config file cannot be used';
    return { word: 'Failed', title, message, hint: error.hint };
  }
  if (error instanceof UsageError)
    return { word: 'Failed', title: INPUTS, message: inActionWords(message), hint: hintOf(error) };
  if (error instanceof RefusedError)
    return { word: 'Refused', title: `Refused: ${error.code}`, message, hint: hintOf(error) };
  if (error instanceof RunStoppedError)
    return { word: 'Stopped', title: `The run stopped: ${error.code}`, message, hint: hintOf(error) };
  if (error instanceof S3RequestError)
    return { word: 'Failed', title: `The request failed: ${error.code}`, message, hint: hintOf(error) };
  if (error instanceof AbortError || error instanceof CancelledError)
    return { word: 'Aborted', title: 'The run was aborted', message, hint: undefined };
  const hint = hintOf(error) ?? 'This is a bug; please report it.';
  return { word: 'Failed', title: 'Unexpected error', message, hint };
}

function hintOf(error: unknown): string | undefined {
  const { hint, code } = (error ?? {}) as { readonly hint?: unknown; readonly code?: unknown };
  if (typeof hint !== 'string') return undefined;
  return code === 'CredentialsProviderError' && hint.startsWith(NONE_FOUND) ? CONFIGURE : inActionWords(hint);
}
