import path from 'node:path';
import { ConfigError } from '../config/config-error.js';
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
import { number } from '../report/format.js';
import { liveCheckFailures } from '../report/live-check.js';
import { type Text, textIn } from '../report/message.js';
import { systemHint } from '../report/system-errors.js';
import { CancelledError } from './cancel.js';
import { many, oneLine } from './markdown.js';
import type { FailureClass, OutcomeSummary } from './outcome-summary.js';

/** The error that ended a run early, for people. */
export interface StepError {
  /** How it ended, in one word. */
  readonly word: 'Failed' | 'Refused' | 'Stopped' | 'Aborted';
  readonly title: string;
  /** What failed once everything was in the bucket, as the end of a sentence; undefined where the run itself failed. */
  readonly afterwards?: string;
  /** One line. */
  readonly message: string;
  /** What the message lists in the lines below it, such as keys. */
  readonly items: readonly string[];
  readonly hint: string | undefined;
}

/** What to do about objects that may have been stored. */
export const RUN_AGAIN = 'Run again: what has been stored is compared, and left unchanged.';

/** The most URLs that a failed live check lists. */
const MOST_URLS = 20;

const INPUTS = 'The inputs cannot be used';

/** Describes the error that ended a run early; undefined without an error, and if only objects failed. */
export function describeError(error: unknown): StepError | undefined {
  const described = withoutItems(error);
  if (described === undefined) return undefined;
  if (error instanceof LiveCheckError) return { ...described, items: liveCheckFailures(error.report, MOST_URLS) };
  // A refusal lists names below its message, and wrong input its lines; a line break in another text is a part of it.
  if (!(error instanceof RefusedError || error instanceof UsageError)) return { ...described, items: [] };
  const [message = '', ...items] = described.message.split('\n  ');
  return { ...described, message, items };
}

function withoutItems(error: unknown): Omit<StepError, 'items'> | undefined {
  if (error === undefined || error instanceof PartialFailureError) return undefined;
  const message = error instanceof Error ? renderOptionNames(textIn(error, 'message'), 'action') : String(error);
  if (error instanceof ConfigError) {
    const title = message.startsWith('Input ') ? INPUTS : 'The config file cannot be used';
    return { word: 'Failed', title, message, hint: hintOf(error) };
  }
  if (error instanceof UsageError) return { word: 'Failed', title: INPUTS, message, hint: hintOf(error) };
  if (error instanceof RefusedError)
    return { word: 'Refused', title: `Refused: ${error.code}`, message, hint: hintOf(error) };
  if (error instanceof LiveCheckError)
    return {
      word: 'Failed',
      title: 'The live check failed',
      afterwards: 'the live check failed',
      message,
      hint: hintOf(error),
    };
  if (error instanceof RunStoppedError)
    return { word: 'Stopped', title: `The run stopped: ${error.code}`, message, hint: hintOf(error) };
  if (error instanceof InvalidationError)
    return {
      word: 'Failed',
      title: 'The invalidation failed',
      afterwards: 'the invalidation failed',
      message,
      hint: hintOf(error),
    };
  if (error instanceof S3RequestError)
    return { word: 'Failed', title: `The request failed: ${error.code}`, message, hint: hintOf(error) };
  if (error instanceof AbortError || error instanceof CancelledError)
    return { word: 'Aborted', title: 'The run was aborted', message, hint: undefined };
  if (error instanceof SourceError)
    return { word: 'Failed', title: `The source failed: ${error.code}`, message, hint: hintOf(error) };
  const known = textIn(error, 'hint') ?? systemHint(error);
  if (known !== undefined)
    return { word: 'Failed', title: 'The run failed', message, hint: renderOptionNames(known, 'action') };
  const hint = 'This is a bug; please report it.';
  return { word: 'Failed', title: 'Unexpected error', message, hint };
}

function hintOf(error: unknown): string | undefined {
  const text = textIn(error, 'hint');
  return text === undefined ? undefined : renderOptionNames(text, 'action');
}

/** A note that GitHub shows at the run, or at a line of a file if it names one. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  readonly file?: string;
  /** Starts at 1, like the column. */
  readonly line?: number;
  readonly column?: number;
}

export interface AnnotationsInput {
  readonly outcomes: OutcomeSummary;
  /** The error that the run threw. */
  readonly error: unknown;
  readonly warnings: readonly Text[];
  /** Objects that may have been stored: their number, and the first of them. */
  readonly unknown?: { readonly count: number; readonly example: string | undefined } | undefined;
}

/** GitHub shows ten of each level for a step. */
const SHOWN = 10;
const LONGEST = 1_000;
const LONGEST_TITLE = 250;

/** Annotations of a run: one for the error that ended it, one for each class of failures, and the warnings. */
export function annotationsOf({ outcomes, error, warnings, unknown }: AnnotationsInput): readonly Annotation[] {
  const errors = [...endAnnotations(error), ...outcomes.failures.map(failureAnnotation)];
  const alone = errors.length === 0 && error !== undefined ? [fallbackAnnotation(error)] : [];
  return [
    ...capped([...errors, ...alone], 'error', 'more kinds of errors'),
    ...capped([...unknownAnnotations(unknown), ...warnings.map(warningAnnotation)], 'warning', 'more warnings'),
  ];
}

function endAnnotations(error: unknown): readonly Annotation[] {
  const stepError = describeError(error);
  if (stepError === undefined) return [];
  const { items, hint } = stepError;
  const message = [stepError.message, ...(items.length > 0 ? [items.join(', ')] : [])].join(' ');
  const title = oneLine(stepError.title, LONGEST_TITLE);
  const position = error instanceof ConfigError ? /^(?!Input )(.+?):(\d+):(\d+): (.*)$/s.exec(message) : null;
  const [, named, line, column, rest] = position ?? [];
  const file = named === undefined ? undefined : inWorkspace(named);
  if (file === undefined) return [{ level: 'error', title, message: lines([message, hint]) }];
  const at = { file, line: Number(line), column: Number(column) };
  return [{ level: 'error', title, message: lines([rest, hint]), ...at }];
}

/** The path in the repository, where GitHub shows annotations; undefined for a file outside. */
function inWorkspace(file: string): string | undefined {
  const relative = path.relative('.', file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? undefined : relative;
}

function failureAnnotation({ code, count, examples, message, hint }: FailureClass): Annotation {
  const [example] = examples;
  // The message of a single failure names its key.
  const named = example === undefined || (count === 1 && message.includes(example));
  const shown = [message, named ? undefined : `For example ${example}`, hint];
  const title = `${many(count, 'object')} failed: ${oneLine(code)}`;
  return { level: 'error', title, message: lines(shown) };
}

function unknownAnnotations(unknown: AnnotationsInput['unknown']): readonly Annotation[] {
  if (unknown === undefined || unknown.count === 0) return [];
  const { count, example } = unknown;
  const message = lines([
    'Their requests were in flight when the run ended.',
    example === undefined ? undefined : `For example ${example}`,
    RUN_AGAIN,
  ]);
  return [{ level: 'warning', title: `${many(count, 'object')} may have been stored`, message }];
}

/** For a run that failed without a failure of an object or an early end. */
function fallbackAnnotation(error: unknown): Annotation {
  return {
    level: 'error',
    title: 'Objects failed',
    message: lines([error instanceof Error ? error.message : String(error)]),
  };
}

function warningAnnotation(text: Text): Annotation {
  return { level: 'warning', title: 's3-parallel-put', message: lines([renderOptionNames(text, 'action')]) };
}

/** At most as many as GitHub shows; the last one counts the others. */
function capped(all: readonly Annotation[], level: Annotation['level'], what: string): readonly Annotation[] {
  if (all.length <= SHOWN) return all;
  const left = all.length - SHOWN + 1;
  const last = { level, title: `${number(left)} ${what}`, message: 'The summary and the report list all of them.' };
  return [...all.slice(0, SHOWN - 1), last];
}

function lines(texts: readonly (string | undefined)[]): string {
  return texts.flatMap((text) => (text === undefined ? [] : [oneLine(text, LONGEST)])).join('\n');
}
