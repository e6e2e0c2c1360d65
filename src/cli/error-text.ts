import { AbortError, RefusedError, RunStoppedError, UsageError } from '../errors.js';
import { type Paint, printable } from '../report/text.js';
import { ConfigError } from '../settings/config-error.js';
import type { StopSignal } from './exit-code.js';
import { inCliWords } from './in-cli-words.js';

export interface ErrorTextOptions {
  /** Show the stack of what is a bug. */
  readonly verbose: boolean;
  readonly signal?: StopSignal | undefined;
  readonly paint?: Paint | undefined;
}

const NAME = 's3-parallel-put';

/** What ended a run: a message, and an indented line that says how to mend it where that is known. */
export function errorText(
  error: unknown,
  { verbose, signal, paint = (_tone, text) => text }: ErrorTextOptions,
): string {
  if (error instanceof AbortError && signal !== undefined) return `${NAME}: stopped by ${signal}.`;
  const message = error instanceof Error ? error.message : String(error);
  const head = `${paint('bad', `${NAME}:`)} ${printable(error instanceof UsageError ? words(error, message) : message)}`;
  if (error instanceof UsageError || error instanceof RefusedError || error instanceof RunStoppedError) {
    return error.hint === undefined ? head : `${head}\n  ${printable(words(error, error.hint))}`;
  }
  if (error instanceof AbortError) return head;
  const stack = verbose && error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : '';
  return `${head}\n  This is a bug; please report it${verbose ? '.' : ', with what --verbose adds.'}${stack}`;
}

/** In a file options have the names of the API. */
function words(error: Error, text: string): string {
  return error instanceof ConfigError ? text : inCliWords(text);
}
