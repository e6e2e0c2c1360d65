import PluginError from 'plugin-error';
import type { Event, OnEvent } from 's3-parallel-put';

export const PLUGIN = 'gulp-s3-parallel-put';

/** One file that failed. */
export interface FileFailure {
  /** Its path on this machine. */
  readonly fileName: string;
  readonly key: string;
  readonly message: string;
  /** Error code of S3 or of the system, if there is one. */
  readonly code: string | undefined;
  /** How to fix it, if known. */
  readonly hint: string | undefined;
}

/** An error of this plugin, with every file that failed. */
export interface S3PutError extends PluginError {
  readonly failures: readonly FileFailure[];
}

/** Most files that a message lists. */
const MAX_LISTED = 10;

/**
 * The error that ends a stream. gulp shows it without a stack, because users do not need the code to fix it. Failures with the same code as the error
 * itself are not listed: an error that every request meets appears once, not for each file.
 */
export function streamError(error: unknown, failures: readonly FileFailure[] = []): S3PutError {
  const details = detailsOf(error);
  const others = details.code === undefined ? failures : failures.filter(({ code }) => code !== details.code);
  const message = withHint(details);
  return createError(others.length === 0 ? message : `${message}\n${list(others)}`, failures, error);
}

/** One error for all files that failed. */
export function failuresError(failures: readonly FileFailure[], files: number): S3PutError {
  return createError(`${failures.length} of ${files} files failed:\n${list(failures)}`, failures);
}

export function fileFailure(fileName: string, key: string, error: unknown): FileFailure {
  return { fileName, key, ...detailsOf(error) };
}

type Details = Pick<FileFailure, 'message' | 'code' | 'hint'>;

function detailsOf(error: unknown): Details {
  if (!(error instanceof Error)) return { message: String(error), code: undefined, hint: undefined };
  const { message, code, hint } = error as { message: string; readonly code?: unknown; readonly hint?: unknown };
  return {
    message: message === '' ? error.name : message,
    code: typeof code === 'string' ? code : undefined,
    hint: typeof hint === 'string' ? hint : undefined,
  };
}

function createError(message: string, failures: readonly FileFailure[], cause?: unknown): S3PutError {
  const fileName = failures[0]?.fileName;
  const options = { showStack: false, showProperties: false, ...(fileName !== undefined && { fileName }) };
  const error = new PluginError(PLUGIN, message, options);
  if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
  return Object.assign(error, { failures: [...failures] });
}

/** Indented by six, because gulp indents the first line of a message by four. A hint that several files share follows the first of them. */
function list(failures: readonly FileFailure[]): string {
  const listedHints = new Set<string>();
  const lines = failures.slice(0, MAX_LISTED).map(({ fileName, message, hint }) => {
    const line = `      ${message.includes(fileName) ? message : `${fileName}: ${message}`}`;
    if (hint === undefined || listedHints.has(hint)) return line;
    listedHints.add(hint);
    return `${line}\n        ${hint}`;
  });
  const more = failures.length - lines.length;
  return [...lines, ...(more > 0 ? [`      … and ${more} more`] : [])].join('\n');
}

function withHint({ message, hint }: Details): string {
  return hint === undefined ? message : `${message}\n      ${hint}`;
}

/** Warnings that this process has shown: a watched task does not repeat them with each run. */
const shown = new Set<string>();

/** The default of `onEvent`: shows warnings as Node shows its own. */
export function showWarning(event: Event): void {
  if (event.type !== 'warning' || shown.has(event.message)) return;
  shown.add(event.message);
  process.emitWarning(event.message, { type: PLUGIN, code: event.code });
}

/**
 * Returns a function that sends a warning of each code once. Errors of the hook are ignored: if it throws or rejects, that must not fail the file that
 * the warning is about.
 */
export function warnOnce(onEvent: OnEvent | undefined): (code: string, message: string) => void {
  const sent = new Set<string>();
  return (code, message) => {
    if (sent.has(code)) return;
    sent.add(code);
    new Promise((resolve) => resolve(onEvent?.({ type: 'warning', code, message }))).catch(() => {});
  };
}
