import { UsageError } from './errors.js';

const UNITS: Readonly<Record<string, number>> = {
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
const HINT = 'Write bytes, or a number with KB, MB, GB, TB (powers of 1,000) or KiB, MiB, GiB, TiB (powers of 1,024).';

/**
 * Bytes of a size option: a whole number of bytes, or text such as `8MiB`, `20MB` and `1.5 GiB`; the unit's case does
 * not matter, and a fraction of a byte is rounded. A single letter is refused, since tools disagree on what it means.
 * @param optionName how the caller's user calls the option
 * @throws UsageError that names option, value and fix
 */
export function parseSize(value: number | string, optionName: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(String(value).trim());
  const amount = match?.[1];
  const unit = match?.[2]?.toLowerCase() ?? '';
  if (amount === undefined) throw refusal(value, optionName, HINT);
  if (unit === '') {
    if (amount.includes('.')) throw refusal(value, optionName, `A fraction of a byte: is a unit missing? ${HINT}`);
    return whole(Number(amount), value, optionName);
  }
  const factor = UNITS[unit];
  if (factor === undefined) {
    const upper = unit.toUpperCase();
    const letter = /^[KMGT]$/.test(upper) ? `Write ${amount}${upper}iB or ${amount}${upper}B. ` : '';
    throw refusal(value, optionName, letter + HINT);
  }
  return whole(Math.round(Number(amount) * factor), value, optionName);
}

function whole(bytes: number, value: number | string, optionName: string): number {
  if (!Number.isSafeInteger(bytes)) throw refusal(value, optionName, 'It is larger than any size.');
  return bytes;
}

function refusal(value: number | string, optionName: string, hint: string): UsageError {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return new UsageError(`${optionName}: ${shown} is not a size.`, hint);
}

const DECIMAL = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes for people, in powers of 1,000: `999 B`, `1.0 kB`, `12.3 MB`. */
export function formatBytes(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  // 999.95 would be shown as 1000.0 of the unit.
  while (amount >= (unit === 0 ? 999.5 : 999.95) && unit < DECIMAL.length - 1) {
    amount /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(amount) : amount.toFixed(1)} ${DECIMAL[unit]}`;
}
