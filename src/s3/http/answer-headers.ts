import { HttpFailure } from './http-client.js';

/** Header lines, each whole: nothing folded, no space before a colon, no bare line breaks. */
const LINES = /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\r\n\0]*\r\n)*$/;

/**
 * The headers of an answer, checked as a whole and looked up in its text: an answer to a put has a dozen, of which four are read. A repeated
 * name's values are joined by `, `.
 */
export class AnswerHeaders {
  readonly #text: string;
  /** The same in lower case, from a line break on. */
  readonly #lower: string;

  /** @param text the lines of a head after the first, each with its end. Throws `HttpFailure` where they are no headers. */
  constructor(text: string) {
    if (!LINES.test(text)) throw malformed(`has the header line ${JSON.stringify(firstWrong(text).slice(0, 40))}`);
    this.#text = text;
    this.#lower = `\n${text.toLowerCase()}`;
  }

  /** @param name in lower case */
  get(name: string): string | undefined {
    const wanted = `\n${name}:`;
    let found: string | undefined;
    for (let at = this.#lower.indexOf(wanted); at >= 0; at = this.#lower.indexOf(wanted, at + 1)) {
      const start = at + wanted.length - 1;
      const value = this.#text.slice(start, this.#text.indexOf('\r', start)).trim();
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  /** All of them, names in lower case. */
  all(): Record<string, string> {
    const headers: Record<string, string> = Object.create(null);
    for (const line of this.#text.split('\r\n')) {
      const name = line.slice(0, Math.max(line.indexOf(':'), 0)).toLowerCase();
      if (name !== '' && headers[name] === undefined) headers[name] = this.get(name) ?? '';
    }
    return headers;
  }
}

function firstWrong(text: string): string {
  const lines = text.split('\r\n').slice(0, -1);
  return lines.find((line) => !LINES.test(`${line}\r\n`)) ?? text;
}

export function malformed(what: string): HttpFailure {
  return new HttpFailure('MalformedAnswer', `the answer ${what}, which is not HTTP/1.1 as it must be`);
}
