import {
  CONTENT_HEADERS,
  checkedValue,
  checkHeaderName,
  isRemovable,
  METADATA_PREFIX,
} from '../encode/header-syntax.js';
import type { PreparedRule } from '../encode/rules.js';
import { UsageError } from '../errors.js';
import { type Piece, patternMachine } from '../source/globs/machine.js';
import type { WrongLine } from './redirects-file.js';

/** A header, or a block of them, that no object of S3 has. */
export interface LeftHeader {
  /** From 1. */
  readonly line: number;
  /** As it is written. */
  readonly name: string;
  /** Where it belongs. */
  readonly belongs: string;
}

/** What a `_headers` file holds. */
export interface HeadersFile {
  /** One for each block with headers that S3 keeps, in the order of the file. */
  readonly rules: readonly PreparedRule[];
  readonly left: readonly LeftHeader[];
  readonly wrong: readonly WrongLine[];
}

/** A block: the line of a path, and the lines of its headers. */
interface Block {
  readonly line: number;
  readonly path: string;
  readonly headers: Record<string, string>;
}

const POLICY = 'a response headers policy of CloudFront';
const CORS = 'the CORS configuration of the bucket';
const FUNCTION = 'a CloudFront function';
const OTHER_HOST = 'the distribution of that host';
const OPTION = 'an option or rule of this run';
const SERVER = 'nowhere: the server sets it';

/** Where headers belong that are none of an object; the first match counts. Others are {@link POLICY}'s. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^access-control-/, CORS],
  [/^(?:set-cookie|basic-auth|www-authenticate|location|refresh)$/, FUNCTION],
  [/^x-amz-/, OPTION],
  [
    /^(?:content-(?:length|range|md5)|etag|last-modified|date|age|server|accept-ranges|connection|transfer-encoding|trailer|upgrade|allow|alt-svc)$/,
    SERVER,
  ],
];

const KEPT: ReadonlySet<string> = new Set(CONTENT_HEADERS);

/**
 * Reads a `_headers` file: a line with a path, below it lines with a header each; `! Name` takes a header off that an earlier block or an option gives;
 * `#` begins a comment, and indentation means nothing. A name that a block repeats gets all values, with commas. Of several blocks that match a file
 * the last one counts for each header, as for rules: S3 keeps one value.
 * @param label what rules are called in messages, before the line: the path of the file
 * @see https://docs.netlify.com/routing/headers/
 * @see https://developers.cloudflare.com/pages/configuration/headers/
 */
export function parseHeaders(text: string, label: string): HeadersFile {
  const blocks: Block[] = [];
  const left: LeftHeader[] = [];
  const wrong: WrongLine[] = [];
  /** Undefined before the first path, and below one that is for another host. */
  let block: Block | undefined;
  let skipped = false;
  for (const [index, written] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n?|\n/)
    .entries()) {
    const line = index + 1;
    const trimmed = written.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const host = /^(?:https?:)?\/\/[^\s/]+/i.exec(trimmed)?.[0];
    skipped = host !== undefined || (skipped && !trimmed.startsWith('/'));
    if (host !== undefined) left.push({ line, name: trimmed, belongs: OTHER_HOST });
    else if (trimmed.startsWith('/')) {
      block = { line, path: trimmed, headers: {} };
      blocks.push(block);
    } else if (!skipped) {
      const problem = block === undefined ? 'it stands before the first path' : addHeader(block, trimmed, line, left);
      if (problem !== undefined) wrong.push({ line, text: trimmed, problem });
    }
  }
  const filled = blocks.filter(({ headers }) => Object.keys(headers).length > 0);
  return {
    rules: filled.map(({ line, path, headers }, index) => ({
      number: index + 1,
      origin: `${label}:${line}`,
      match: path,
      matches: urlMatcher(path),
      headers,
      optional: false,
    })),
    left,
    wrong,
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** Adds a header to its block, or to those that are left. Returns what is wrong with the line. */
function addHeader({ headers }: Block, text: string, line: number, left: LeftHeader[]): string | undefined {
  const detached = /^!\s*([^\s:]+)\s*$/.exec(text)?.[1];
  if (detached !== undefined) {
    const name = detached.toLowerCase();
    if (name === 'content-type') headers[name] = 'guess';
    else if (isRemovable(name) && isKept(name)) headers[name] = '';
    else if (name === 'content-encoding')
      return 'an encoding cannot be taken off, because it says how the bytes are written';
    return undefined;
  }
  const colon = text.indexOf(':');
  const written = text.slice(0, Math.max(colon, 0)).trim();
  if (written === '') return 'it is neither a path that begins with "/" nor a header as "Name: value"';
  const name = written.toLowerCase();
  if (!TOKEN.test(name)) return `${JSON.stringify(written)} is not a header name`;
  if (!isKept(name)) {
    left.push({ line, name: written, belongs: ELSEWHERE.find(([names]) => names.test(name))?.[1] ?? POLICY });
    return undefined;
  }
  const value = text.slice(colon + 1).trim();
  const before = headers[name];
  const joined = before === undefined || before === '' || before === 'guess' ? value : `${before}, ${value}`;
  try {
    checkHeaderName(name);
    if (value === '' && !name.startsWith(METADATA_PREFIX)) return 'it has no value';
    headers[name] = checkedValue(name, joined);
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
  }
}

/** Settings of an object that are no headers of responses, such as ACLs, are given by options. */
function isKept(name: string): boolean {
  return KEPT.has(name) || (name.startsWith(METADATA_PREFIX) && name !== METADATA_PREFIX);
}

/**
 * Whether a file has a URL that a pattern matches: `*` is any text, `:name` a part between slashes. The URLs of `docs/index.html` are `/docs/`, `/docs`
 * and its path, those of `about.html` are `/about` and its path, as Netlify and Cloudflare Pages serve them.
 */
export function urlMatcher(pattern: string): (relativePath: string) => boolean {
  const machine = patternMachine(piecesOf(pattern));
  return (path) => urlsOf(path).some((url) => machine.matches(url));
}

function urlsOf(path: string): readonly string[] {
  const url = `/${path}`;
  const [, folder] = /^(.*\/)index\.html?$/s.exec(url) ?? [];
  if (folder !== undefined) return folder === '/' ? [url, folder] : [url, folder, folder.slice(0, -1)];
  const [, bare] = /^(.*[^/])\.html?$/s.exec(url) ?? [];
  return bare === undefined ? [url] : [url, bare];
}

const ANY: Piece = { is: 'star', deep: true };
const SEGMENT: readonly Piece[] = [{ is: 'one' }, { is: 'star', deep: false }];

function piecesOf(pattern: string): readonly Piece[] {
  // A splat, or a placeholder after a slash; all else is text.
  return pattern.split(/(\*|(?<=\/):[A-Za-z]\w*)/).flatMap((part, index): readonly Piece[] => {
    if (index % 2 === 1) return part === '*' ? [ANY] : SEGMENT;
    return Array.from(decoded(part), (character) => ({ is: 'text', character }));
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
