import { S3Error } from '../http/error.js';

type Query = ReadonlyMap<string, string>;

/** How a listing writes keys: as they are, or by `encoding-type=url`, a form's encoding (space is `+`) that leaves `/` as it is. */
export function readEncoding(query: Query): (text: string) => string {
  const type = query.get('encoding-type');
  if (type === undefined) return (text) => text;
  if (type !== 'url') throw invalidArgument('encoding-type', type, 'Invalid Encoding Method specified in Request');
  return (text) =>
    /^[\w./*-]*$/.test(text)
      ? text
      : encodeURIComponent(text)
          .replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
          .replaceAll('%2F', '/')
          .replaceAll('%20', '+');
}

/** Entries on a page, at most 1,000: `max-keys`, `max-parts` or `max-uploads`. */
export function readLimit(query: Query, name: string): number {
  return Math.min(1000, readNumber(query, name) ?? 1000);
}

/** A number that is not negative; undefined where it is not given. */
export function readNumber(query: Query, name: string): number | undefined {
  const text = query.get(name);
  if (text === undefined || text === '') return undefined;
  if (!/^-?\d+$/.test(text))
    throw invalidArgument(name, text, `Provided ${name} not an integer or within integer range`);
  if (Number(text) < 0) {
    const inWords = name.replace(/-(.)/g, (_, first: string) => first.toUpperCase());
    throw invalidArgument(name, text, `Argument ${inWords} must be an integer between 0 and 2147483647`);
  }
  return Number(text);
}

export function invalidArgument(name: string, value: string, message: string): S3Error {
  return new S3Error('InvalidArgument', { ArgumentName: name, ArgumentValue: value }, { message });
}
