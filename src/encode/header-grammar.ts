import { UsageError } from '../errors.js';
import { nearChoice } from '../options/suggest.js';
import { STORAGE_CLASSES } from '../options/types.js';
import { choicesHint } from '../options/validate.js';
import { httpDate, isoDate, timeOfDate } from './header-dates.js';
import {
  cacheControl,
  contentDisposition,
  contentEncoding,
  contentLanguage,
  contentType,
  isToken,
  type Verdict,
} from './header-lists.js';

type Grammar = (text: string) => Verdict;

const oneOf =
  (...choices: readonly string[]): Grammar =>
  (text) =>
    choices.includes(text) ? { value: text } : { wrong: 'is unknown', fix: choicesHint(text, choices) };

const wholeNumber: Grammar = (text) =>
  /^[1-9]\d{0,8}$/.test(text)
    ? { value: text }
    : { wrong: 'is no whole number from 1', fix: 'Write its digits alone.' };

/** S3 itself checks the length, which depends on the algorithm. */
const base64: Grammar = (text) =>
  Buffer.from(text, 'base64').toString('base64') === text
    ? { value: text }
    : { wrong: 'is not Base64', fix: 'Encode its bytes, as "openssl rand -base64 32" does.' };

const LATER = Date.UTC(2100, 0, 1);

/**
 * An HTTP date; `0` and `-1` are no dates, but known by every cache for what is stale at once.
 * @see https://www.rfc-editor.org/rfc/rfc9111#section-5.3
 */
const expires: Grammar = (text) => {
  if (text === '0' || text === '-1') return { value: text };
  const time = timeOfDate(text);
  if (time !== undefined) return { value: httpDate(time) };
  return {
    wrong: 'is not a date of HTTP',
    fix: `Write ${JSON.stringify(httpDate(meantTime(text)))}, or ${isoDate(meantTime(text))}.`,
  };
};

/**
 * Object Lock's end of retention.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
const retainUntil: Grammar = (text) => {
  const time = timeOfDate(text);
  return time === undefined
    ? { wrong: 'is not a date of ISO 8601', fix: `Write it as ${isoDate(meantTime(text))}.` }
    : { value: isoDate(time) };
};

/** The time that seconds or milliseconds since 1970 mean, or a text that only lacks its zone; else any later one, as an example. */
function meantTime(text: string): number {
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1_000;
  if (/^\d{12,14}$/.test(text)) return Number(text);
  return timeOfDate(`${text}Z`) ?? timeOfDate(`${text} GMT`) ?? LATER;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html */
const redirect: Grammar = (text) => {
  if (text.length > MAX_REDIRECT) return { wrong: `has ${text.length} characters`, fix: 'S3 takes at most 2,048.' };
  if (!/^(?:\/|https?:\/\/)/.test(text)) {
    const [, host] = /^(?:[a-z]+:)?\/*([\w-]+(?:\.[\w-]+)+(?:\/.*)?)$/i.exec(text) ?? [];
    const [scheme] = /^(?!https?:)[a-z][a-z0-9+.-]*:(?=\/\/)/i.exec(text) ?? [];
    if (scheme !== undefined)
      return {
        wrong: `has the scheme "${scheme}"`,
        fix: 'It begins with "/", "http://" or "https://".',
      };
    const other = host === undefined || /\.html?$/i.test(host) ? `/${text}` : `https://${host}`;
    return {
      wrong: 'is relative',
      fix: `It begins with "/", "http://" or "https://": write for example ${JSON.stringify(other)}.`,
    };
  }
  if (/\s/.test(text))
    return { wrong: 'holds a space', fix: `Write ${JSON.stringify(text.replaceAll(/\s/g, '%20'))}.` };
  if (text.startsWith('/')) return { value: text };
  return URL.canParse(text)
    ? { value: text }
    : { wrong: 'is no address', fix: 'Write "https://www.example.com/page".' };
};
const MAX_REDIRECT = 2048;

/** A class that only another server has is possible, but mistyped ones are more frequent. */
const storageClass: Grammar = (text) => {
  if (STORAGE_CLASSES.some((one) => one === text)) return { value: text };
  const near = nearChoice(text, STORAGE_CLASSES);
  if (!isToken(text) || STORAGE_CLASSES.some((one) => one === text.toUpperCase().replaceAll(/[- ]/g, '_')))
    return { wrong: 'is unknown', fix: choicesHint(text, STORAGE_CLASSES) };
  return { value: text, odd: `S3 has no such class for an upload${near === undefined ? '' : `. ${near}`}` };
};

const owner: Grammar = (text) =>
  /^\d{12}$/.test(text) ? { value: text } : { wrong: 'is not an AWS account id', fix: 'Write its 12 digits.' };

/** Base64 of a JSON object of texts. */
const encryptionContext: Grammar = (text) => {
  const example = Buffer.from('{"team":"docs"}').toString('base64');
  const wrong = { wrong: 'is not the Base64 of a JSON object', fix: `{"team":"docs"} is written ${example}.` };
  try {
    const context: unknown = JSON.parse(Buffer.from(text, 'base64').toString());
    return typeof context === 'object' && context !== null && !Array.isArray(context) ? { value: text } : wrong;
  } catch {
    return wrong;
  }
};

const SSE = 'x-amz-server-side-encryption';

/** The values of each header whose grammar is known, besides ACL, grants and tags. */
const GRAMMARS: ReadonlyMap<string, Grammar> = new Map<string, Grammar>([
  ['cache-control', cacheControl],
  ['content-disposition', contentDisposition],
  ['content-encoding', contentEncoding],
  ['content-language', contentLanguage],
  ['content-type', contentType],
  ['expires', expires],
  ['x-amz-expected-bucket-owner', owner],
  ['x-amz-object-lock-event-hold', oneOf('ON', 'OFF')],
  ['x-amz-object-lock-event-hold-duration-days', wholeNumber],
  ['x-amz-object-lock-event-hold-duration-years', wholeNumber],
  ['x-amz-object-lock-legal-hold', oneOf('ON', 'OFF')],
  ['x-amz-object-lock-mode', oneOf('GOVERNANCE', 'COMPLIANCE')],
  ['x-amz-object-lock-retain-until-date', retainUntil],
  ['x-amz-request-payer', oneOf('requester')],
  // Some methods are those of AWS services only; none is suggested that a put cannot use.
  [
    SSE,
    (text) => (/^aws:(?:fsx|backup)$/.test(text) ? { value: text } : oneOf('AES256', 'aws:kms', 'aws:kms:dsse')(text)),
  ],
  [`${SSE}-bucket-key-enabled`, oneOf('true', 'false')],
  [`${SSE}-context`, encryptionContext],
  [`${SSE}-customer-algorithm`, oneOf('AES256')],
  [`${SSE}-customer-key`, base64],
  [`${SSE}-customer-key-md5`, base64],
  ['x-amz-storage-class', storageClass],
  ['x-amz-website-redirect-location', redirect],
]);

/** Headers whose values are dates, as a `Date` gives them. */
export function isDateHeader(name: string): boolean {
  return name === 'expires' || name === 'x-amz-object-lock-retain-until-date';
}

/** Headers whose values no message shows. */
export function isSecretHeader(name: string): boolean {
  return name.startsWith(`${SSE}-customer-key`) || name === `${SSE}-context`;
}

/** Values judged so far: a run gives the same few to many objects. The limit keeps those that differ from filling the memory. */
const judged = new Map<string, Verdict>();
const MOST_JUDGED = 1000;

function judge(name: string, text: string): Verdict {
  const grammar = GRAMMARS.get(name);
  if (grammar === undefined) return { value: text };
  const both = `${name}:${text}`;
  const known = judged.get(both);
  if (known !== undefined) return known;
  const verdict = quoteVerdict(name, text) ?? grammar(text);
  if (judged.size < MOST_JUDGED && !isSecretHeader(name)) judged.set(both, verdict);
  return verdict;
}

/** A value that somebody's shell or file left in quotes, or with the header's name. */
function quoteVerdict(name: string, text: string): Verdict | undefined {
  const [, , inner] = /^(["'])(.*)\1$/s.exec(text) ?? [];
  const named = text.toLowerCase().startsWith(`${name}:`) ? text.slice(name.length + 1).trim() : undefined;
  if (inner === undefined && named === undefined) return undefined;
  const meant = inner ?? named ?? '';
  const verdict = meant === '' ? { value: '' } : judge(name, meant.trim());
  const fix =
    'value' in verdict
      ? `Write ${JSON.stringify(verdict.value)}${inner === undefined ? '' : ', without them'}.`
      : verdict.fix;
  return { wrong: inner === undefined ? "repeats the header's name" : 'is in quotes', fix };
}

/**
 * The value as it is sent: dates in the form of their header, all others unchanged.
 * @param name in lower case
 * @throws UsageError that quotes the value, with the form that is meant
 */
export function checkedGrammar(name: string, text: string): string {
  const verdict = judge(name, text);
  if ('value' in verdict) return verdict.value;
  const shown = isSecretHeader(name) ? 'The value' : JSON.stringify(text);
  const what = name === 'content-type' ? `The content type ${shown}` : `The header "${name}": ${shown}`;
  // What is wrong is a part of the value, in quotes, or said of the whole.
  const message = /^(?:"|its )/.test(verdict.wrong)
    ? `${what} cannot be used: ${verdict.wrong}.`
    : `${what} ${verdict.wrong}.`;
  throw new UsageError(message, verdict.fix);
}

/** Something odd about a header, which is sent all the same. */
export interface HeaderWarning {
  readonly code: string;
  readonly message: string;
}

/** A list that became one value: the next name, with its separator. */
const NEXT_PAIR = /^[^=]*?[,;&]\s*([\w.-]+)=/;
const NEXT_HEADER = /[,;]\s*(x-amz-[a-z-]+|cache-control|content-[a-z]+|expires)\s*:/i;

/** What is odd about valid headers, names in lower case. */
export function headerWarnings(headers: Readonly<Record<string, string>>): readonly HeaderWarning[] {
  const warnings: HeaderWarning[] = [];
  for (const name in headers) {
    const text = headers[name] ?? '';
    const odd = oddity(name, text);
    if (odd === undefined) continue;
    const end = odd.endsWith('?') || odd.endsWith('.') ? '' : '.';
    warnings.push({ code: `header-${name}`, message: `The header "${name}" is ${JSON.stringify(text)}: ${odd}${end}` });
  }
  return warnings;
}

function oddity(name: string, text: string): string | undefined {
  if (!name.startsWith('x-amz-meta-')) {
    const verdict = judge(name, text);
    return 'value' in verdict ? verdict.odd : undefined;
  }
  const pair = NEXT_PAIR.exec(text)?.[1];
  if (pair !== undefined)
    return `"${pair}=" in it is a part of the value. If it is a name of its own, give it by itself`;
  const header = NEXT_HEADER.exec(text)?.[1];
  return header === undefined ? undefined : `"${header}:" in it is a part of the value. Give each header by itself`;
}
