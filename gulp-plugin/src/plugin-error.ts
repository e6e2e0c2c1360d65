import PluginError from 'plugin-error';
import {
  type InvalidationError,
  type LiveCheckError,
  type OnEvent,
  type RefusedError,
  type RunEvent,
  UsageError,
} from 's3-parallel-put';

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
  /** The first 1,000. */
  readonly failures: readonly FileFailure[];
  /** Failures that `failures` does not list. */
  readonly failuresOmitted: number;
}

/** The files of a stream that failed or may have been stored. */
export interface Failures {
  add(failure: FileFailure): void;
  /** A file was being sent, or an object deleted, when the run ended. */
  addUnknown(doing: 'put' | 'delete'): void;
  /** A page was kept until the others had settled, and then not put. */
  addNotAttempted(): void;
  /** The first of them. */
  readonly listed: readonly FileFailure[];
  readonly count: number;
  readonly unknown: number;
  readonly unknownDeletes: number;
  readonly notAttempted: number;
}

/** Most failures that an error has. */
const MAX_FAILURES = 1_000;

export function collectFailures(): Failures {
  const listed: FileFailure[] = [];
  let count = 0;
  let unknown = 0;
  let unknownDeletes = 0;
  let notAttempted = 0;
  return {
    listed,
    get count() {
      return count;
    },
    get unknown() {
      return unknown;
    },
    get unknownDeletes() {
      return unknownDeletes;
    },
    get notAttempted() {
      return notAttempted;
    },
    add(failure) {
      count += 1;
      if (count <= MAX_FAILURES) listed.push(failure);
    },
    addUnknown(doing) {
      if (doing === 'put') unknown += 1;
      else unknownDeletes += 1;
    },
    addNotAttempted() {
      notAttempted += 1;
    },
  };
}

/** Most files that a message lists. */
const MAX_LISTED = 10;

/**
 * The error that ends a stream. gulp shows it without a stack, because users do not need the code to fix it. Failures with the same code as the error
 * itself are not listed: an error that every request meets appears once, not for each file.
 */
export function streamError(error: unknown, failures: Failures = collectFailures()): S3PutError {
  const details = detailsOf(error);
  const { listed, count } = failures;
  const others = details.code === undefined ? listed : listed.filter(({ code }) => code !== details.code);
  const omitted = details.code === undefined ? count - listed.length : 0;
  const message = withHint(details, error instanceof UsageError);
  return createError(others.length === 0 ? message : `${message}\n${list(others, omitted)}`, failures, error);
}

/**
 * One error for all files that failed.
 * @param files how many the stream got
 * @param deletes how many objects were to be deleted
 */
export function failuresError(failures: Failures, files: number, deletes = 0): S3PutError {
  const { listed, count } = failures;
  return createError(
    `${count} of ${files + deletes} ${deletes > 0 ? 'files and objects' : 'files'} failed:\n${list(listed, count - listed.length)}`,
    failures,
  );
}

/**
 * The engine's error that there is nothing to put, in the words of gulp: the source is the stream.
 * @param files how many the stream got
 */
export function emptyError(cause: Error, files: number): S3PutError {
  const none = files === 0;
  const message = none ? 'gulp.src passed on no files' : `none of the ${files} files of the stream is left to upload`;
  const check = none
    ? 'the globs of gulp.src, and the stages after it'
    : 'include, exclude, filter, rules and the size limits';
  const hint = `Check ${check}. Without ifNoFilesFound: 'error' such a stream is no error.`;
  return streamError(Object.assign(new Error(message, { cause }), { code: 'NoFilesFound', hint }));
}

/** Nothing reads the stages after the put, so that it could not go on. */
export function unfinishedError(files: number): S3PutError {
  return streamError(new Error(`the process ended after ${files} files were taken, and others may be missing`));
}

export function fileFailure(fileName: string, key: string, error: unknown): FileFailure {
  return { fileName, key, ...detailsOf(error) };
}

type Details = Pick<FileFailure, 'message' | 'code' | 'hint'>;

function detailsOf(error: unknown): Details {
  if (!(error instanceof Error)) return { message: shorten(String(error)), code: undefined, hint: undefined };
  const { message, code, hint } = error as { message: string; readonly code?: unknown; readonly hint?: unknown };
  return {
    message: shorten(message === '' ? error.name : message),
    code: typeof code === 'string' ? code : undefined,
    hint: typeof hint === 'string' ? hint : undefined,
  };
}

/** The most characters of a message: hooks may throw errors of any length. */
const LONGEST = 4_000;

function shorten(text: string): string {
  // A slice refers to the whole text and keeps it in memory; a parsed copy does not.
  return text.length <= LONGEST ? text : `${JSON.parse(JSON.stringify(text.slice(0, LONGEST)))}…`;
}

function createError(message: string, failures: Failures, cause?: unknown): S3PutError {
  const { listed, count } = failures;
  const fileName = listed[0]?.fileName;
  const options = { showStack: false, showProperties: false, ...(fileName !== undefined && { fileName }) };
  const error = new PluginError(PLUGIN, [message, ...restText(failures)].join('\n'), options);
  if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
  return Object.assign(error, { failures: [...listed], failuresOmitted: count - listed.length });
}

/** Indented by six, because gulp indents the first line of a message by four. A hint that several files share follows the first of them. */
function list(failures: readonly FileFailure[], omitted: number): string {
  const listedHints = new Set<string>();
  const lines = failures.slice(0, MAX_LISTED).map(({ fileName, message, hint }) => {
    const line = `      ${printable(message.includes(fileName) ? message : `${fileName}: ${message}`)}`;
    if (hint === undefined || listedHints.has(hint)) return line;
    listedHints.add(hint);
    return `${line}\n        ${printable(hint)}`;
  });
  const more = failures.length - lines.length + omitted;
  return [...lines, ...(more > 0 ? [`      … and ${more} more`] : [])].join('\n');
}

/** @param lists whether the message is the engine's own, and may list lines of a file or redirects, one on a line */
function withHint({ message, hint }: Details, lists: boolean): string {
  const lines = lists ? message.split(/\n(?= {2})/) : [message];
  const shown = lines.map(printable).join('\n      ');
  return hint === undefined ? shown : `${shown}\n      ${printable(hint)}`;
}

/** The engine's refusal to delete: its first line, the keys, and what to do. */
export function refusedError(error: RefusedError, failures: Failures): S3PutError {
  const [first = '', ...keys] = error.message.split('\n');
  const lines = [
    first,
    ...keys.map((key) => `      ${key}`),
    ...(error.hint === undefined ? [] : [`      ${error.hint}`]),
  ];
  return createError(lines.map(printable).join('\n'), failures, error);
}

/** The error of an invalidation or of a live check: its message, the URLs if there are several, and what to do. */
export function afterwardsError(error: InvalidationError | LiveCheckError, failures: Failures): S3PutError {
  const { message, hint, report } = error;
  const { failed = 0, failures: pages = [] } = report.liveCheck ?? {};
  const urls = failed < 2 ? [] : pages.slice(0, MAX_LISTED).map((page) => `${page.url} ${page.message}`);
  const more = urls.length > 0 && failed > urls.length ? [`… and ${failed - urls.length} more`] : [];
  const rest = [...urls, ...more, ...(hint === undefined ? [] : [hint])];
  return createError([message, ...rest.map((line) => `      ${line}`)].map(printable).join('\n'), failures, error);
}

/** A line for each kind of files that neither failed nor are known to be done. */
function restText({ unknown, unknownDeletes, notAttempted }: Failures): readonly string[] {
  const lines: readonly (readonly [count: number, one: string, many: string, what: string])[] = [
    [notAttempted, 'file was', 'files were', 'kept until the others had settled, and not uploaded.'],
    [
      unknown,
      'file was',
      'files were',
      'being sent when the run ended, and may have been stored. Run again: what has been stored is skipped.',
    ],
    [unknownDeletes, 'object was', 'objects were', 'being deleted when the run ended, and may be gone.'],
  ];
  return lines.flatMap(([count, one, many, what]) =>
    count === 0 ? [] : [`      ${count} ${count === 1 ? one : many} ${what}`],
  );
}

/**
 * Text on one line of a terminal: control characters, line separators and marks of direction as escapes. Others control the names of files and keys,
 * and the messages of servers.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Warnings that this process has shown: a watched task does not repeat them with each run. */
const shown = new Set<string>();

/** The default of `onEvent`: shows warnings as Node shows its own. */
export function showWarning(event: RunEvent): void {
  if (event.type !== 'warning' || shown.has(event.message)) return;
  shown.add(event.message);
  process.emitWarning(printable(event.message), { type: PLUGIN, code: event.code });
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
