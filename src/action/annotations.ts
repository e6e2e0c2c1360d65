import path from 'node:path';
import { number } from '../report/text.js';
import { ConfigError } from '../settings/config-error.js';
import { endedBy } from './ended-by.js';
import { inActionWords } from './in-action-words.js';
import { oneLine } from './markdown.js';
import type { FailureClass, Told } from './told.js';

/** A note that GitHub shows at the run, and at a line of a file where it names one. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  readonly file?: string;
  /** From 1, like the column. */
  readonly line?: number;
  readonly column?: number;
}

export interface AnnotationsInput {
  readonly told: Told;
  /** What the run threw. */
  readonly error: unknown;
  readonly warnings: readonly string[];
}

/** GitHub shows ten of each level for a step. */
const SHOWN = 10;
const LONGEST = 1_000;

/** Annotations of a run: one error for what ended it, one for each class of failure, and the warnings. */
export function annotationsOf({ told, error, warnings }: AnnotationsInput): readonly Annotation[] {
  const errors = [...ending(error), ...told.failures.map(failure)];
  const alone = errors.length === 0 && error !== undefined ? [failedWithout(error)] : [];
  return [
    ...capped([...errors, ...alone], 'error', 'more kinds of errors'),
    ...capped(warnings.map(warning), 'warning', 'more warnings'),
  ];
}

function ending(error: unknown): readonly Annotation[] {
  const ended = endedBy(error);
  if (ended === undefined) return [];
  const { title, message, hint } = ended;
  const place = error instanceof ConfigError ? /^(?!Input )(.+?):(\d+):(\d+): (.*)$/s.exec(message) : null;
  const [, named, line, column, rest] = place ?? [];
  const file = named === undefined ? undefined : inWorkspace(named);
  if (file === undefined) return [{ level: 'error', title, message: lines([message, hint]) }];
  const at = { file, line: Number(line), column: Number(column) };
  return [{ level: 'error', title, message: lines([rest, hint]), ...at }];
}

/** GitHub shows annotations at files of the repository, by their paths in it. */
function inWorkspace(file: string): string | undefined {
  const relative = path.relative('.', file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? undefined : relative;
}

function failure({ code, count, examples, message, hint }: FailureClass): Annotation {
  const [example] = examples;
  const shown = [message, example === undefined ? undefined : `For example ${example}`, hint && inActionWords(hint)];
  const title = `${number(count)} ${count === 1 ? 'object' : 'objects'} failed: ${oneLine(code)}`;
  return { level: 'error', title, message: lines(shown) };
}

/** The failures of a run that told of none. */
function failedWithout(error: unknown): Annotation {
  return {
    level: 'error',
    title: 'Objects failed',
    message: lines([error instanceof Error ? error.message : String(error)]),
  };
}

function warning(text: string): Annotation {
  return { level: 'warning', title: 's3-parallel-put', message: lines([inActionWords(text)]) };
}

/** The last one counts those that GitHub would not show. */
function capped(all: readonly Annotation[], level: Annotation['level'], what: string): readonly Annotation[] {
  if (all.length <= SHOWN) return all;
  const left = all.length - SHOWN + 1;
  const last = { level, title: `${number(left)} ${what}`, message: 'The summary and the report have all of them.' };
  return [...all.slice(0, SHOWN - 1), last];
}

function lines(texts: readonly (string | undefined)[]): string {
  return texts.flatMap((text) => (text === undefined ? [] : [oneLine(text, LONGEST)])).join('\n');
}
