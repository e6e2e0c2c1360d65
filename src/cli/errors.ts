import {
  AbortError,
  InvalidationError,
  LiveCheckError,
  PartialFailureError,
  RefusedError,
  RunStoppedError,
  S3RequestError,
  SourceError,
  UsageError,
} from '../errors.js';
import { renderOptionNames } from '../options/names.js';
import { type Paint, printable } from '../report/format.js';
import { shorten, type Text, textIn } from '../report/message.js';
import { HEADS, REASONS } from '../report/reasons.js';
import { systemHint } from '../report/system-errors.js';
import type { Report } from '../report/types.js';

export interface ErrorTextOptions {
  /** Show the stack of an unexpected error. */
  readonly verbose: boolean;
  readonly signal?: StopSignal | undefined;
  readonly paint?: Paint | undefined;
}

const NAME = 's3-parallel-put';

/** What options, sources and servers cause. Any other error without a hint is a mistake of this program. */
const EXPECTED = [
  UsageError,
  RefusedError,
  RunStoppedError,
  AbortError,
  PartialFailureError,
  InvalidationError,
  LiveCheckError,
  S3RequestError,
  SourceError,
];

/** The text for an error that ended a run: a message, and an indented hint if there is one. */
export function errorText(
  error: unknown,
  { verbose, signal, paint = (_tone, text) => text }: ErrorTextOptions,
): string {
  if (error instanceof AbortError && signal !== undefined) return `${NAME}: stopped by ${signal}.`;
  const message = error instanceof Error ? withFlags(textIn(error, 'message')) : String(error);
  const text = shorten(message);
  // A refusal lists keys or files, one on a line, and so do wrong lines of a file; other messages may come from a server.
  const lists = error instanceof RefusedError || error instanceof UsageError;
  const lines = lists ? text.split(/\n(?= {2})/) : [text];
  const head = `${paint('bad', `${NAME}:`)} ${lines.map(printable).join('\n')}`;
  const hint = textIn(error, 'hint') ?? systemHint(error);
  if (hint !== undefined) return `${head}\n  ${printable(shorten(withFlags(hint)))}`;
  if (EXPECTED.some((kind) => error instanceof kind)) return head;
  const stack = verbose && error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : '';
  return `${head}\n  This is a bug; please report it${verbose ? '.' : ', with what --verbose adds.'}${stack}`;
}

/** A text with its options as flags. */
export function withFlags(text: Text): string {
  return renderOptionNames(text, 'cli');
}

/** Exit codes of the CLI. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, denied: 4, liveCheck: 5 } as const;

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof SIGNALS;

/** 128 plus the number of the signal, as shells report it. */
export function signalExitCode(signal: StopSignal): number {
  return SIGNALS[signal];
}

/** Whether a run with this exit code was stopped by a signal. */
export function isSignalExitCode(code: number): boolean {
  return Object.values<number>(SIGNALS).includes(code);
}

/** The exit code of a run without errors; with `check` it says whether anything would change, or differs and would stay. A deletion that was not confirmed is not complete. */
export function reportExitCode(report: Report, check: boolean): number {
  if (!report.complete) return EXIT.failed;
  const { put, copy, metadata, delete: deleted } = report.counts;
  const left = report.reasons[REASONS.headersDifferLeft] ?? 0;
  // Headers that were to be compared, and could not be, may differ.
  const unseen = (report.heads[HEADS.headersCompared] ?? 0) > 0 ? (report.reasons[REASONS.sameContentOnly] ?? 0) : 0;
  return check && put + copy + metadata + deleted + left + unseen > 0 ? EXIT.failed : EXIT.done;
}

/** The exit code for an error that a run threw; `signal` is the signal that stopped the run. */
export function errorExitCode(error: unknown, signal: StopSignal | undefined): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof RefusedError) return EXIT.refused;
  if (error instanceof PartialFailureError) return EXIT.failed;
  if (error instanceof LiveCheckError) return EXIT.liveCheck;
  // A dry run writes nothing, even if it counts objects.
  if (error instanceof RunStoppedError) {
    const { dryRun, counts } = error.report;
    const { put, copy, metadata, delete: deleted, unknown } = counts;
    return dryRun || put + copy + metadata + deleted + unknown === 0 ? EXIT.denied : EXIT.failed;
  }
  if (error instanceof AbortError && signal !== undefined) return signalExitCode(signal);
  return EXIT.failed;
}
