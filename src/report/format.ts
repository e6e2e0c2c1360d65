import { shorten } from './message.js';
import type { HeaderChange } from './types.js';

/** The kind of a piece of text, from which a terminal chooses its colour. */
export type Tone = 'good' | 'bad' | 'faint' | 'warning';
export type Paint = (tone: Tone, text: string) => string;

/** A whole number with commas: `12,345`. */
export function number(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 file`, `12,345 files`. */
export function counted(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** `0.04 s`, `0.8 s`, `12.3 s`, `2 min 5 s`, `1 h 3 min`. */
export function secondsText(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 0.095 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A rate: one decimal while it is small. */
export function rateText(rate: number): string {
  return rate < 9.95 ? rate.toFixed(1) : number(rate);
}

/** Dollars of few requests: `less than $0.001`, `about $0.004`, `about $0.40`. */
export function smallDollars(dollars: number): string {
  if (dollars < 0.001) return 'less than $0.001';
  return `about $${dollars.toFixed(dollars < 0.0995 ? 3 : 2)}`;
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const PLAIN = /^[ -~]*$/;

/**
 * Text on one line of a terminal: control characters, line separators and direction marks are shown as escapes,
 * so that a file's name can neither forge a line nor move the cursor.
 */
export function printable(text: string): string {
  // Most texts, and one for every object: this look is much cheaper than the replacement.
  if (PLAIN.test(text)) return text;
  return text.replace(/[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.charCodeAt(0);
    return NAMED[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });
}

/** Characters that are invisible or no text, besides those that `printable` escapes. */
const UNSEEN =
  /[\u00ad\u061c\u180e\u200b\u2060-\u2064\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The same for a page, where invisible characters and halves of surrogate pairs are escapes too. */
export function visible(text: string): string {
  return printable(text).replace(UNSEEN, (character) => `\\u${hex(character.charCodeAt(0), 4)}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

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

/** ` (1.0 MB before compression)`; empty where compression does not change the size that people see. */
export function beforeCompression(bytes: number, sourceBytes: number): string {
  const before = formatBytes(sourceBytes);
  return before === formatBytes(bytes) ? '' : ` (${before} before compression)`;
}

/** The most characters of a header's value in a list of changes. */
const LONGEST_VALUE = 200;

/** `cache-control: no-cache → public, max-age=600`; a header that the object does not have, or no longer gets, is `(none)`. */
export function headerChangeText({ name, from, to }: HeaderChange): string {
  const value = (text: string | undefined): string => (text === undefined ? '(none)' : shorten(text, LONGEST_VALUE));
  return `${name}: ${value(from)} → ${value(to)}`;
}

const DECIMAL = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as HTML shows it, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
