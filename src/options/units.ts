import { UsageError } from '../errors.js';
import { msg, option } from '../report/message.js';

/** Units of sizes in lower case, and their bytes. */
export const SIZE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};
const SIZE_HINT =
  'Write bytes, or a number with KB, MB, GB, TB (powers of 1,000) or KiB, MiB, GiB, TiB (powers of 1,024).';

/**
 * Bytes of a size option: a whole number of bytes, or text such as `8MiB`, `20MB` and `1.5 GiB`; the unit's case does
 * not matter, and a fraction of a byte is rounded. A single letter is refused, because tools disagree on its meaning.
 * @param optionName how messages name the option
 * @throws UsageError that names option, value and fix
 */
export function parseSize(value: number | string, optionName: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(String(value).trim());
  const amount = match?.[1];
  const unit = match?.[2]?.toLowerCase() ?? '';
  if (amount === undefined) throw sizeRefusal(value, optionName, SIZE_HINT);
  if (unit === '') {
    if (amount.includes('.'))
      throw sizeRefusal(value, optionName, `A fraction of a byte: is a unit missing? ${SIZE_HINT}`);
    return whole(Number(amount), value, optionName);
  }
  const factor = Object.hasOwn(SIZE_UNITS, unit) ? SIZE_UNITS[unit] : undefined;
  if (factor === undefined) {
    const upper = unit.toUpperCase();
    const letter = /^[KMGT]$/.test(upper) ? `Write ${amount}${upper}iB or ${amount}${upper}B. ` : '';
    throw sizeRefusal(value, optionName, letter + SIZE_HINT);
  }
  return whole(Math.round(Number(amount) * factor), value, optionName);
}

function whole(bytes: number, value: number | string, optionName: string): number {
  if (!Number.isSafeInteger(bytes)) throw sizeRefusal(value, optionName, 'It is too large.');
  return bytes;
}

function sizeRefusal(value: number | string, optionName: string, hint: string): UsageError {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return new UsageError(msg`${option(optionName)}: ${shown} is not a size.`, hint);
}

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DURATION_HINT = 'Write a number and a unit: 500ms, 5s, 2m, 1h or 7d.';

/**
 * Milliseconds of a duration such as `500ms`, `1.5s`, `2m`, `1h` and `7d`; a fraction of a millisecond is rounded. The unit is required, because
 * some tools count in seconds and others in milliseconds.
 * @param optionName how messages name the option
 * @throws UsageError that names option, value and fix
 */
export function parseDuration(text: string, optionName: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  if (amount === undefined) throw durationRefusal(text, optionName, DURATION_HINT);
  if (unit === '') throw durationRefusal(text, optionName, `The unit is missing. ${DURATION_HINT}`);
  const lower = unit.toLowerCase();
  const factor = Object.hasOwn(DURATION_UNITS, lower) ? DURATION_UNITS[lower] : undefined;
  if (factor === undefined) throw durationRefusal(text, optionName, `The unit ${unit} is unknown. ${DURATION_HINT}`);
  const ms = Math.round(Number(amount) * factor);
  if (!Number.isSafeInteger(ms)) throw durationRefusal(text, optionName, 'It is too long.');
  return ms;
}

function durationRefusal(text: string, optionName: string, hint: string): UsageError {
  return new UsageError(msg`${option(optionName)}: ${JSON.stringify(text)} is not a duration.`, hint);
}

/** How the waits between attempts grow: `jitter` is random below a doubling bound; else this time is multiplied by the number of attempts. */
export type RetryDelay = 'jitter' | { readonly linearMs: number };

/** No single wait is longer than this. */
export const LONGEST_WAIT_MS: number = 5 * 60_000;

/**
 * A retry delay from `jitter` or `linear:DURATION`, such as `linear:5s`.
 * @param optionName how messages name the option
 * @throws UsageError that names option, value and fix
 */
export function parseRetryDelay(value: unknown, optionName: string): RetryDelay {
  if (value === 'jitter') return 'jitter';
  const duration = typeof value === 'string' ? /^linear:(.*)$/s.exec(value)?.[1] : undefined;
  if (duration === undefined) {
    throw new UsageError(
      msg`${option(optionName)} is ${JSON.stringify(value) ?? String(value)}; it must be jitter or linear:DURATION.`,
      'linear:5s waits 5 s before the second attempt, 10 s before the third, and so on.',
    );
  }
  const linearMs = parseDuration(duration, optionName);
  if (linearMs <= LONGEST_WAIT_MS) return { linearMs };
  throw new UsageError(msg`${option(optionName)} is ${JSON.stringify(value)}; no wait may be longer than 5m.`);
}
