import { nearest, suggestion } from '../options/suggest.js';

/** What a header's value is: valid, and perhaps odd; or wrong, and perhaps with the form that is meant. */
export type Verdict =
  | { readonly value: string; readonly odd?: string | undefined }
  | { readonly wrong: string; readonly fix: string };

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const QUOTED = /^"(?:[^"\\]|\\.)*"$/;

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** The texts between separators, which do not count inside of quotes; trimmed. */
export function splitOutsideQuotes(text: string, separator: ',' | ';'): readonly string[] {
  const parts: string[] = [];
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted && character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...parts, text.slice(from).trim()];
}

/** What the argument of a directive is. */
type Argument = 'none' | 'seconds' | 'fields';

/**
 * Directives of a response.
 * @see https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2
 * @see https://www.rfc-editor.org/rfc/rfc5861
 * @see https://www.rfc-editor.org/rfc/rfc8246
 */
const DIRECTIVES: ReadonlyMap<string, Argument> = new Map<string, Argument>([
  ['max-age', 'seconds'],
  ['s-maxage', 'seconds'],
  ['stale-while-revalidate', 'seconds'],
  ['stale-if-error', 'seconds'],
  ['no-cache', 'fields'],
  ['private', 'fields'],
  ['public', 'none'],
  ['no-store', 'none'],
  ['no-transform', 'none'],
  ['must-revalidate', 'none'],
  ['proxy-revalidate', 'none'],
  ['must-understand', 'none'],
  ['immutable', 'none'],
]);

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  m: 60,
  min: 60,
  minute: 60,
  h: 3_600,
  hour: 3_600,
  d: 86_400,
  day: 86_400,
  w: 604_800,
  week: 604_800,
  month: 2_592_000,
  y: 31_536_000,
  year: 31_536_000,
};

/** Directives of Cache-Control, `public, max-age=3600`. */
export function cacheControl(text: string): Verdict {
  const parts = splitOutsideQuotes(text, ',').filter((part) => part !== '');
  const read = parts.map(directive);
  const wrong = read.find((one) => 'wrong' in one);
  if (wrong !== undefined && 'wrong' in wrong) {
    const meant = read.map((one) => ('wrong' in one ? one.meant : one.text)).filter((one) => one !== '');
    const text = meant.join(', ');
    return { wrong: wrong.wrong, fix: `Write ${JSON.stringify(isRefused(text) ? 'max-age=3600' : text)}.` };
  }
  const odd = read.flatMap((one) => ('odd' in one && one.odd !== undefined ? [one.odd] : []));
  const names = parts.map((part) => part.split('=', 1)[0]?.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) odd.push(`"${twice}" is given twice, and caches differ in which one counts`);
  return { value: text, odd: odd[0] };
}

/** Whether a directive of a text is wrong, so that it is no advice. */
function isRefused(text: string): boolean {
  return splitOutsideQuotes(text, ',').some((part) => part === '' || 'wrong' in directive(part));
}

type Directive =
  | { readonly text: string; readonly odd?: string | undefined }
  | { readonly wrong: string; readonly meant: string };

function directive(part: string): Directive {
  const [, name = part, argument] = /^([^=]*)=(.*)$/s.exec(part) ?? [];
  const known = DIRECTIVES.get(name.toLowerCase());
  if (!isToken(name)) return { wrong: `${JSON.stringify(part)} is no directive`, meant: meantDirective(part) };
  if (argument !== undefined && !isToken(argument) && !QUOTED.test(argument))
    return { wrong: `${JSON.stringify(part)} is no directive`, meant: meantDirective(part) };
  if (known === undefined) {
    if (/^\d+$/.test(name)) return { wrong: `"${part}" names no directive`, meant: meantDirective(part) };
    const meant = suggestion(nearest(name, DIRECTIVES.keys()).slice(0, 1));
    return { text: part, odd: `no cache knows its directive "${name}"${meant === undefined ? '' : `. ${meant}`}` };
  }
  if (known === 'seconds' && !/^\d+$/.test(argument ?? '')) {
    const why = argument === undefined ? 'has no number of seconds' : `has ${shownNumber(argument)} for its seconds`;
    return { wrong: `its "${name}" ${why}`, meant: `${name}=${secondsIn(argument ?? '')}` };
  }
  if (known === 'none' && argument !== undefined) return { text: part, odd: `"${name}" takes no value` };
  return { text: part };
}

function shownNumber(argument: string): string {
  return argument.startsWith('"') ? argument : JSON.stringify(argument);
}

/** What somebody means by something like `max-age: 1h`, `public max-age=60`, `public; max-age=60` or `3600`. */
function meantDirective(part: string): string {
  const bare = part.replaceAll(/["']/g, '').trim();
  const withoutName = bare.replace(/^cache-control\s*[:=]\s*/i, '');
  const name = withoutName.replace(/\s*[:=]?$/, '').replaceAll(/\s+/g, '-');
  const known = DIRECTIVES.get(name.toLowerCase());
  if (known !== undefined) return known === 'seconds' ? `${name}=${secondsIn('')}` : name;
  if (/^\d+(?:\.\d+)?\s*[a-z]*$/i.test(withoutName)) return `max-age=${secondsIn(withoutName)}`;
  return withoutName
    .replaceAll(
      /([a-z-]*max-?age|stale-[a-z-]+)(?:\s*[:=]\s*|\s+)(-?\d[\d.]*(?:\s*(?:s|sec|m|min|h|d|w|y|second|minute|hour|day|week|month|year)s?\b)?)/gi,
      (_whole, name, amount) => `${name}=${secondsIn(String(amount))},`,
    )
    .split(/[;,\s]+/)
    .filter((one) => one !== '')
    .filter((one) => isToken(one.split('=', 1)[0] ?? ''))
    .join(', ');
}

/** Seconds of a text such as `1h`, `"60"`, `-1` or `60.5`; an hour for what is no time. */
function secondsIn(text: string): number {
  const [, amount, unit = 's'] = /^(-?\d+(?:\.\d+)?)\s*([a-z]*?)s?$/i.exec(text.replaceAll(/["']/g, '').trim()) ?? [];
  const factor = UNIT_SECONDS[unit.toLowerCase() || 's'];
  if (amount === undefined || factor === undefined) return 3_600;
  return Math.max(0, Math.round(Number(amount) * factor));
}

/**
 * Content codings, RFC 9110 and the registry of IANA.
 * @see https://www.iana.org/assignments/http-parameters/http-parameters.xhtml#content-coding
 */
const CODINGS = [
  'gzip',
  'br',
  'zstd',
  'deflate',
  'compress',
  'identity',
  'dcb',
  'dcz',
  'aes128gcm',
  'exi',
  'pack200-gzip',
  'x-gzip',
  'x-compress',
];

const CODING_NAMES: Readonly<Record<string, string>> = {
  brotli: 'br',
  gz: 'gzip',
  gunzip: 'gzip',
  zip: 'gzip',
  zst: 'zstd',
  zstandard: 'zstd',
  zlib: 'deflate',
};

/** Codings of Content-Encoding, `gzip`. */
export function contentEncoding(text: string): Verdict {
  const codings = splitOutsideQuotes(text, ',').filter((one) => one !== '');
  const chunked = codings.find((one) => one.toLowerCase() === 'aws-chunked');
  if (chunked !== undefined) {
    const others = codings.filter((one) => one !== chunked).join(', ');
    return {
      wrong: '"aws-chunked" is how some programs send a request, and no encoding of an object',
      fix: others === '' ? 'Leave the header out.' : `Write ${JSON.stringify(others)}.`,
    };
  }
  const wrong = codings.find((one) => !isToken(one));
  if (wrong !== undefined || codings.length === 0) {
    const meant = text.split(/[\s,;"']+/).filter((one) => isToken(one) && !/^q=/i.test(one));
    return {
      wrong: `${JSON.stringify(wrong ?? text)} is no encoding`,
      fix: `Write ${JSON.stringify(meant.join(', ') || 'gzip')}.`,
    };
  }
  const unknown = codings.find((one) => !CODINGS.includes(one.toLowerCase()));
  if (unknown === undefined) return { value: text };
  if (/^(?:utf-?\d+|iso-8859-\d+|us-ascii|ascii|windows-\d+|latin-?1|shift[-_]jis|euc-\w+)$/i.test(unknown)) {
    return { value: text, odd: `"${unknown}" is a charset, which belongs into the content type` };
  }
  const near = CODING_NAMES[unknown.toLowerCase()] ?? nearest(unknown, CODINGS)[0];
  const meant = near === undefined ? '' : ` Did you mean ${near}?`;
  return { value: text, odd: `no browser knows the encoding "${unknown}", so that none can show the object.${meant}` };
}

/** Language tags of Content-Language, `de, en-GB`. */
export function contentLanguage(text: string): Verdict {
  const tags = splitOutsideQuotes(text, ',').filter((one) => one !== '');
  const wrong = tags.find((tag) => !/^[a-z]{1,8}(?:-[a-z0-9]{1,8})*$/i.test(tag));
  if (wrong !== undefined || tags.length === 0) {
    const meant = text
      .replaceAll(/;\s*q=[\d.]*/gi, ',')
      .replaceAll('_', '-')
      .split(/[\s,;"']+/)
      .map((tag) => tag.replace(/\.[\w-]+$/, ''))
      .filter((tag) => /^[a-z]{1,8}(?:-[a-z0-9]{1,8})*$/i.test(tag));
    return {
      wrong: `${JSON.stringify(wrong ?? text)} is no language tag`,
      fix: `Write ${JSON.stringify(meant.join(', ') || 'en')}.`,
    };
  }
  // Codes of languages have two or three letters; longer ones are reserved, but none is registered.
  const odd = tags.find((tag) => /^(?!x-|i-)(?:[a-z]|[a-z]{4,})(?:-|$)/i.test(tag));
  return {
    value: text,
    odd: odd === undefined ? undefined : `"${odd}" is the code of no language; codes are such as "en"`,
  };
}

/** A parameter of a header, `; name=value`. */
const PARAMETER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(.*)$/s;

function isParameter(part: string): boolean {
  const [, , value = ''] = PARAMETER.exec(part) ?? [];
  return isToken(value) || QUOTED.test(value);
}

/** `text/html; charset=utf-8`. */
export function contentType(text: string): Verdict {
  const [type = '', ...parameters] = splitOutsideQuotes(text, ';');
  const [main = '', sub = '', ...more] = type.split('/');
  const isType = isToken(main) && isToken(sub) && more.length === 0 && !type.includes('*');
  const wrong = parameters.find((one) => one !== '' && !isParameter(one));
  if (!isType || wrong !== undefined) {
    const [, found] = /([\w.+-]+\/[\w.+-]+)/.exec(text) ?? [];
    const [, charset] =
      /(?:charset\s*[=:]?\s*|[\s;,])["']?((?:utf-?|iso-|windows-|shift|euc|us-)[\w-]+)/i.exec(text) ?? [];
    const meant = found === undefined ? undefined : `${found}${charset === undefined ? '' : `; charset=${charset}`}`;
    return {
      wrong: isType ? `${JSON.stringify(wrong)} is no parameter` : 'is not one',
      fix: `Write a type such as ${JSON.stringify(meant ?? 'text/html; charset=utf-8')}.`,
    };
  }
  const charset = parameters.map((one) => /^charset="?([^"]*)"?$/i.exec(one)?.[1]).find((one) => one !== undefined);
  return {
    value: text,
    odd: charset === undefined || isCharset(charset) ? undefined : `no browser knows the charset "${charset}"`,
  };
}

function isCharset(label: string): boolean {
  try {
    return new TextDecoder(label) !== undefined;
  } catch {
    return false;
  }
}

/**
 * `attachment; filename="report.pdf"`.
 * @see https://www.rfc-editor.org/rfc/rfc6266#section-4.1
 */
export function contentDisposition(text: string): Verdict {
  const [type = '', ...parameters] = splitOutsideQuotes(text, ';');
  const wrong = parameters.find((one) => one !== '' && !isDispositionParameter(one));
  if (!isToken(type) || wrong !== undefined) {
    const what = `${JSON.stringify(wrong ?? type)} is no ${wrong === undefined ? 'type' : 'parameter'} of it`;
    return { wrong: what, fix: `Write: ${meantDisposition(text)}` };
  }
  if (['attachment', 'inline'].includes(type.toLowerCase())) return { value: text };
  const meant = suggestion(nearest(type, ['attachment', 'inline']));
  return {
    value: text,
    odd: `browsers take the unknown type "${type}" as attachment${meant === undefined ? '' : `. ${meant}`}`,
  };
}

function isDispositionParameter(part: string): boolean {
  const [, name = '', value = ''] = PARAMETER.exec(part) ?? [];
  if (!name.endsWith('*')) return isParameter(part);
  // RFC 8187: charset'language'percent-encoded, without quotes.
  return /^[\w-]+'[\w-]*'(?:%[\da-f]{2}|[!#$&+\-.^_`|~0-9a-z])*$/i.test(value);
}

function meantDisposition(text: string): string {
  const [, type = 'attachment'] = /^["']?(inline|attachment)\b/i.exec(text) ?? [];
  const [, extended] = /filename\*\s*=\s*"?([\w-]+'[\w-]*'[^";]*)/i.exec(text) ?? [];
  if (extended !== undefined) return `${type}; filename*=${extended.replaceAll(' ', '%20').trim()}`;
  const [, name] = /filename\*?\s*[=:]\s*["']?([^"';]*)/i.exec(text) ?? [];
  return name === undefined || name.trim() === '' ? type : `${type}; filename="${name.trim().replaceAll('\\', '')}"`;
}
