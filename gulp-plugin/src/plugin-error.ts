import PluginError from 'plugin-error';
import type { Event, OnEvent } from 's3-parallel-put';

export const PLUGIN = 'gulp-s3-parallel-put';

/** One file that was not put. */
export interface FileFailure {
  /** Its path on this machine. */
  readonly fileName: string;
  readonly key: string;
  readonly message: string;
  /** Of S3 or the system, where there is one. */
  readonly code: string | undefined;
  /** How to mend it, where that is known. */
  readonly hint: string | undefined;
}

/** An error of this plugin, with every file that failed. */
export interface S3PutError extends PluginError {
  readonly failures: readonly FileFailure[];
}

/** Files that a message lists. */
const LISTED = 10;

/**
 * What ended a stream, as gulp shows it: without a stack, because nobody has to read code to mend it. An error that every request meets is told
 * once, not for each file that met it.
 */
export function pluginError(error: unknown, failures: readonly FileFailure[] = []): S3PutError {
  const { code } = detailsOf(error);
  const others = code === undefined ? failures : failures.filter((failure) => failure.code !== code);
  const message = withHint(detailsOf(error));
  return made(others.length === 0 ? message : `${message}\n${listed(others)}`, failures, error);
}

/** The one error of files that failed. */
export function failuresError(failures: readonly FileFailure[], files: number): S3PutError {
  return made(`${failures.length} of ${files} files failed:\n${listed(failures)}`, failures);
}

export function failureOf(fileName: string, key: string, error: unknown): FileFailure {
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

function made(message: string, failures: readonly FileFailure[], cause?: unknown): S3PutError {
  const fileName = failures[0]?.fileName;
  const options = { showStack: false, showProperties: false, ...(fileName !== undefined && { fileName }) };
  const error = new PluginError(PLUGIN, message, options);
  if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
  return Object.assign(error, { failures: [...failures] });
}

/** gulp indents the first line of a message by four. A hint that several files share is told with the first of them. */
function listed(failures: readonly FileFailure[]): string {
  const told = new Set<string>();
  const lines = failures.slice(0, LISTED).map(({ fileName, message, hint }) => {
    const line = `      ${message.includes(fileName) ? message : `${fileName}: ${message}`}`;
    if (hint === undefined || told.has(hint)) return line;
    told.add(hint);
    return `${line}\n        ${hint}`;
  });
  const more = failures.length - lines.length;
  return [...lines, ...(more > 0 ? [`      … and ${more} more`] : [])].join('\n');
}

function withHint({ message, hint }: Details): string {
  return hint === undefined ? message : `${message}\n      ${hint}`;
}

/** Said by this process already: a task that is watched need not say it with each run. */
const said = new Set<string>();

/** Shows warnings as Node shows its own, for whoever takes no events. */
export function noticeWarnings(event: Event): void {
  if (event.type !== 'warning' || said.has(event.message)) return;
  said.add(event.message);
  process.emitWarning(event.message, { type: PLUGIN, code: event.code });
}

/** Tells a warning of each code once. What a hook throws or rejects with is none of the file's that it is told of. */
export function warner(onEvent: OnEvent | undefined): (code: string, message: string) => void {
  const told = new Set<string>();
  return (code, message) => {
    if (told.has(code)) return;
    told.add(code);
    new Promise((resolve) => resolve(onEvent?.({ type: 'warning', code, message }))).catch(() => {});
  };
}
