import { UsageError } from './errors.js';

/** One of the choices, as it is. Throws `UsageError` naming the option otherwise. */
export function oneOf<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined)
    throw new UsageError(`${name} "${String(value)}" is unknown.`, `It must be one of: ${choices.join(', ')}.`);
  return found;
}

/** A whole number from 1. The fix says what else may be given. Throws `UsageError` naming the option otherwise. */
export function wholeNumber(name: string, value: unknown, fix: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageError(
    `${name} is ${JSON.stringify(value) ?? String(value)}; it must be a whole number from 1.`,
    `To mend it: ${fix}.`,
  );
}

/** A boolean, or what stands for none. Throws `UsageError` naming the option otherwise. */
export function flag(name: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value === 'boolean') return value;
  throw new UsageError(`${name} is ${JSON.stringify(value)}; it must be true or false.`);
}

/** A string, or none. Throws `UsageError` naming the option otherwise. */
export function text(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new UsageError(`${name} is ${typeof value}; it must be a string.`);
}

/** A glob or a list of them, as a list. Throws `UsageError` naming the option otherwise. */
export function globs(name: string, value: unknown): readonly string[] {
  const list = value === undefined ? [] : Array.isArray(value) ? (value as readonly unknown[]) : [value];
  if (list.every((glob) => typeof glob === 'string')) return list;
  throw new UsageError(`${name} must be a glob or a list of globs.`);
}

/** A function, or none. Throws `UsageError` naming the option otherwise. */
export function hook<T>(name: string, value: T): T {
  if (value === undefined || typeof value === 'function') return value;
  throw new UsageError(`${name} is ${typeof value}; it must be a function.`);
}
