import { UsageError } from './errors.js';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const HINT = 'Write a number and a unit: 500ms, 5s, 2m, 1h or 7d.';

/**
 * Milliseconds of a duration such as `500ms`, `1.5s`, `2m`, `1h` and `7d`; a fraction of a millisecond is rounded. The unit is never left out:
 * some tools count in seconds and others in milliseconds.
 * @param optionName how the caller's user calls the option
 * @throws UsageError that names option, value and fix
 */
export function parseDuration(text: string, optionName: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  if (amount === undefined) throw refusal(text, optionName, HINT);
  if (unit === '') throw refusal(text, optionName, `The unit is missing. ${HINT}`);
  const factor = UNITS[unit.toLowerCase()];
  if (factor === undefined) throw refusal(text, optionName, `The unit ${unit} is unknown. ${HINT}`);
  const ms = Math.round(Number(amount) * factor);
  if (!Number.isSafeInteger(ms)) throw refusal(text, optionName, 'It is longer than any duration.');
  return ms;
}

function refusal(text: string, optionName: string, hint: string): UsageError {
  return new UsageError(`${optionName}: ${JSON.stringify(text)} is not a duration.`, hint);
}
