import { UsageError } from '../errors.js';
import { msg, option } from '../report/message.js';
import { answerToValue } from './other-tools.js';
import { nearChoice } from './suggest.js';

/** One of the choices, unchanged. Throws `UsageError` naming the option otherwise. */
export function oneOf<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const answer = typeof value === 'string' ? answerToValue(name, value) : undefined;
  const other = answer?.values === '*' ? undefined : answer?.answer;
  throw new UsageError(
    msg`${option(name)} "${String(value)}" is unknown.`,
    other === undefined ? choicesHint(value, choices) : msg`${other} It must be one of: ${choices.join(', ')}.`,
  );
}

/** "Did you mean a? It must be one of: a, b." */
export function choicesHint(value: unknown, choices: readonly string[]): string {
  const near = typeof value === 'string' ? nearChoice(value, choices) : undefined;
  return `${near === undefined ? '' : `${near} `}It must be one of: ${choices.join(', ')}.`;
}

/** A whole number from 1. `fix` says what else is allowed. Throws `UsageError` naming the option otherwise. */
export function wholeNumber(name: string, value: unknown, fix: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageError(msg`${option(name)} is ${shown(value)}; it must be a whole number from 1.`, `Fix: ${fix}.`);
}

/** The most requests in flight, or `auto`, which is the default. Throws `UsageError` otherwise. */
export function concurrencyOf(value: unknown): number | 'auto' {
  if (value === undefined || value === 'auto') return 'auto';
  return wholeNumber('concurrency', value, 'give a number of requests in flight, or "auto"');
}

/** Requests per second at most, which may be a fraction; undefined, which is the default, for any number. Throws `UsageError` otherwise. */
export function requestRateOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw new UsageError(
    msg`{maxRequestRate} is ${shown(value)}; it must be a number of requests per second above 0.`,
    'Give for example 100, or 0.5 for one request in two seconds, or leave it out for no limit.',
  );
}

/** How many threads there may be, or `auto`, which is the default. Throws `UsageError` otherwise. */
export function threadsOf(value: unknown): number | 'auto' {
  if (value === undefined || value === 'auto') return 'auto';
  const threads = wholeNumber('threads', value, 'give a number of threads, or "auto"');
  if (threads <= MOST_THREADS) return threads;
  throw new UsageError(
    msg`{threads} is ${threads}; it must be at most ${MOST_THREADS}.`,
    'Give "auto" for as many as help.',
  );
}

/** More than any machine has cores for one process: each takes up to 40 MB. */
const MOST_THREADS = 64;

/** A value in a message, also `NaN` and undefined, which JSON cannot express. */
export function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
}

/** An abort signal of any realm or implementation, or undefined. Throws `UsageError` naming the option otherwise. */
export function abortSignal(name: string, value: unknown): AbortSignal | undefined {
  if (value === undefined) return undefined;
  const { aborted, addEventListener } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return value as AbortSignal;
  const kind = value === null ? 'null' : typeof value;
  throw new UsageError(
    msg`${option(name)} is ${kind}; it must be an AbortSignal.`,
    'Give the signal of an AbortController.',
  );
}

/** A boolean, or the default for undefined. Throws `UsageError` naming the option otherwise. */
export function flag(name: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value === 'boolean') return value;
  throw new UsageError(msg`${option(name)} is ${JSON.stringify(value)}; it must be true or false.`);
}

/** A string, or undefined. Throws `UsageError` naming the option otherwise. */
export function text(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new UsageError(msg`${option(name)} is ${typeof value}; it must be a string.`);
}

/** A glob or a list of them, as a list. Throws `UsageError` naming the option otherwise. */
export function globs(name: string, value: unknown): readonly string[] {
  const list = value === undefined ? [] : Array.isArray(value) ? (value as readonly unknown[]) : [value];
  if (list.every((glob) => typeof glob === 'string')) return list;
  throw new UsageError(msg`${option(name)} must be a glob or a list of globs.`);
}

/** A function, or undefined. Throws `UsageError` naming the option otherwise. */
export function hook<T>(name: string, value: T): T {
  if (value === undefined || typeof value === 'function') return value;
  throw new UsageError(msg`${option(name)} is ${typeof value}; it must be a function.`);
}
