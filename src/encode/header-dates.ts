/** Days of a week as HTTP writes them, in the long form of RFC 850 or the short form of the others. */
const DAY = '(?:mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?';
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const TIME = String.raw`(\d\d):(\d\d):(\d\d)`;

/** `Sun, 06 Nov 1994 08:49:37 GMT`, as mail writes it too: with an offset, or with hyphens and two digits of the year. */
const DATE_FIRST = new RegExp(
  String.raw`^(?:${DAY},? +)?(\d{1,2})[ -](${MONTHS.join('|')})[ -](\d{4}|\d\d) +${TIME} +(gmt|utc?|z|[+-]\d\d:?\d\d)$`,
  'i',
);
/** `Sun Nov  6 08:49:37 1994`, which is always UTC in HTTP. */
const ASCTIME = new RegExp(String.raw`^${DAY} +(${MONTHS.join('|')}) +(\d{1,2}) +${TIME} +(\d{4})$`, 'i');
/** `1994-11-06`, or with a time and its zone. */
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[t ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)? ?(z|utc|gmt|[+-]\d\d:?\d\d))?$/i;

/**
 * The time of a date in any of HTTP's three forms, or in ISO 8601 with its zone; a day alone begins at midnight UTC. Undefined for anything else,
 * and for a day that does not exist. In milliseconds.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function timeOfDate(text: string): number | undefined {
  const iso = ISO.exec(text);
  if (iso !== null) {
    const [, year, month, day, hours = '0', minutes = '0', seconds = '0', zone = 'z'] = iso;
    return timeOf([Number(year), Number(month), Number(day)], [hours, minutes, seconds], zone);
  }
  const dated = DATE_FIRST.exec(text);
  if (dated !== null) {
    const [, day, month = '', year = '', hours = '', minutes = '', seconds = '', zone = ''] = dated;
    return timeOf([fullYear(year), monthOf(month), Number(day)], [hours, minutes, seconds], zone);
  }
  const [, month = '', day, hours = '', minutes = '', seconds = '', year] = ASCTIME.exec(text) ?? [];
  if (day === undefined) return undefined;
  return timeOf([Number(year), monthOf(month), Number(day)], [hours, minutes, seconds], 'gmt');
}

function monthOf(name: string): number {
  return MONTHS.indexOf(name.toLowerCase()) + 1;
}

/** Two digits of RFC 850: years that seem more than 50 years away are past. */
function fullYear(digits: string): number {
  const year = Number(digits);
  return digits.length > 2 ? year : year + (year < 70 ? 2000 : 1900);
}

function timeOf(
  [year, month, day]: readonly [number, number, number],
  [hours, minutes, seconds]: readonly [string, string, string],
  zone: string,
): number | undefined {
  const time = Date.UTC(year, month - 1, day, Number(hours), Number(minutes), Number(seconds));
  const date = new Date(time);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  // A leap second is the first of the next minute.
  if (!exists || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 60) return undefined;
  return time - offsetMs(zone);
}

function offsetMs(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** A time as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`. */
export function httpDate(time: number): string {
  return new Date(time).toUTCString();
}

/** A time as S3 writes it in the headers of Object Lock: `2030-01-01T00:00:00Z`. */
export function isoDate(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}
