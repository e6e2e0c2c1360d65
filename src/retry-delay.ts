import { parseDuration } from './duration.js';
import { UsageError } from './errors.js';

/** How the waits between tries grow: `jitter` at random below a doubling bound, or as many times these milliseconds as there were tries. */
export type RetryDelay = 'jitter' | { readonly linearMs: number };

/** No single wait is longer than this. */
export const LONGEST_WAIT_MS: number = 5 * 60_000;

/**
 * A retry delay from `jitter` or `linear:DURATION`, such as `linear:5s`.
 * @param optionName how the caller's user calls the option
 * @throws UsageError that names option, value and fix
 */
export function parseRetryDelay(value: unknown, optionName: string): RetryDelay {
  if (value === 'jitter') return 'jitter';
  const duration = typeof value === 'string' ? /^linear:(.*)$/s.exec(value)?.[1] : undefined;
  if (duration === undefined) {
    throw new UsageError(
      `${optionName} is ${JSON.stringify(value) ?? String(value)}; it must be jitter or linear:DURATION.`,
      'linear:5s waits 5 s before the second try, 10 s before the third, and so on.',
    );
  }
  const linearMs = parseDuration(duration, optionName);
  if (linearMs <= LONGEST_WAIT_MS) return { linearMs };
  throw new UsageError(`${optionName} is ${JSON.stringify(value)}; no wait may be longer than 5m.`);
}
