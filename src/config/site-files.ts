import { isUtf8 } from 'node:buffer';
import type { PreparedRule } from '../encode/rules.js';
import { UsageError } from '../errors.js';
import type { ResolvedRedirect } from '../options/site.js';
import { msg, option, type Text } from '../report/message.js';
import { type LeftHeader, parseHeaders } from '../site/headers-file.js';
import { bulleted } from '../site/redirects.js';
import { parseRedirects, type WrongLine } from '../site/redirects-file.js';
import { readAtMost } from './read-file.js';

/** The files of a site that say what other hosts do with it. */
export interface SiteFileOptions {
  /** Relative to the working directory. */
  readonly redirectsFile: string | undefined;
  readonly headersFile: string | undefined;
}

/** What is in them. */
export interface SiteFiles {
  readonly redirects: readonly ResolvedRedirect[];
  /** Those of the file of headers. */
  readonly rules: readonly PreparedRule[];
  readonly warnings: readonly { readonly code: string; readonly message: Text }[];
  /** Their paths: they are no part of the site. */
  readonly paths: readonly string[];
}

/** 1 MiB: more is no file that somebody has written. */
const MOST_BYTES = 1024 * 1024;

/**
 * Reads the files once, synchronously, because they are small and options are checked at once.
 * @throws UsageError for a file that cannot be read, and for all of its lines that cannot be
 */
export function readSiteFiles({ redirectsFile, headersFile }: SiteFileOptions): SiteFiles {
  const redirects = redirectsFile === undefined ? [] : redirectsIn(redirectsFile);
  const headers = headersFile === undefined ? undefined : headersIn(headersFile);
  return {
    redirects,
    rules: headers?.rules ?? [],
    warnings: headers === undefined || headersFile === undefined ? [] : leftWarning(headers.left, headersFile),
    paths: [redirectsFile, headersFile].filter((path) => path !== undefined),
  };
}

function redirectsIn(file: string): readonly ResolvedRedirect[] {
  const { redirects, wrong } = parseRedirects(textOf('redirectsFile', file));
  if (wrong.length > 0)
    throw wrongLines(
      'redirectsFile',
      file,
      wrong,
      'Lines are "/old /new", without a code or with 301. Remove the others.',
    );
  return redirects.map(({ line, from, to }) => ({ from, to, origin: `${file}:${line}` }));
}

function headersIn(file: string): ReturnType<typeof parseHeaders> {
  const read = parseHeaders(textOf('headersFile', file), file);
  if (read.wrong.length > 0)
    throw wrongLines(
      'headersFile',
      file,
      read.wrong,
      'A line has a path such as "/assets/*", and below it are headers.',
    );
  return read;
}

function textOf(name: keyof SiteFileOptions, file: string): string {
  let bytes: Buffer | undefined;
  try {
    bytes = readAtMost(file, MOST_BYTES);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = WHY.get(code ?? '') ?? `cannot be read (${code ?? message})`;
    throw new UsageError(msg`${option(name)} is "${file}", which ${why}.`, msg`Check the path; {relativePaths}.`);
  }
  if (bytes === undefined)
    throw new UsageError(msg`${option(name)} is "${file}", which has more than 1 MiB.`, 'Such a file has a few lines.');
  if (!isUtf8(bytes)) throw new UsageError(msg`${option(name)} is "${file}", which is not UTF-8.`, 'Save it as UTF-8.');
  return bytes.toString('utf8');
}

const WHY: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['ENOTDIR', 'does not exist'],
  ['EISDIR', 'is a directory'],
  ['EACCES', 'this user may not read'],
]);

function wrongLines(name: keyof SiteFileOptions, file: string, wrong: readonly WrongLine[], fix: string): UsageError {
  const lines = wrong.map(
    ({ line, text, problem }) => `${file}:${line}: ${shortened(text)}: ${problem.replace(/\.$/, '')}`,
  );
  const count = wrong.length === 1 ? '1 line' : `${wrong.length} lines`;
  return new UsageError(
    msg`${option(name)} has ${count} that ${wrong.length === 1 ? 'is' : 'are'} ${WHAT[name]}:\n${bulleted(lines)}`,
    fix,
  );
}

const WHAT = { redirectsFile: 'no redirect of an S3 object', headersFile: 'neither a path nor a header' } as const;
const LONGEST_LINE = 200;

function shortened(text: string): string {
  return text.length <= LONGEST_LINE ? text : `${text.slice(0, LONGEST_LINE)}…`;
}

/** The most places in the warning. */
const MOST_NAMED = 30;

/** One warning of all headers that S3 does not keep, by where they belong. */
function leftWarning(left: readonly LeftHeader[], file: string): SiteFiles['warnings'] {
  if (left.length === 0) return [];
  const named = left.slice(0, MOST_NAMED);
  const places = [...new Set(named.map(({ belongs }) => belongs))].map((belongs) => {
    const here = named.filter((one) => one.belongs === belongs);
    const names = [...new Set(here.map(({ name }) => name))].map((name) => {
      const lines = here.filter((one) => one.name === name).map(({ line }) => line);
      return `${shortened(name)} (${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')})`;
    });
    return `${belongs}: ${names.join(', ')}`;
  });
  const more = left.length > named.length ? `; and ${left.length - named.length} more` : '';
  const count = left.length === 1 ? '1 header' : `${left.length} headers`;
  const message = msg`${file} has ${count} that S3 keeps with no object. They belong elsewhere. To ${places.join('; to ')}${more}.`;
  return [{ code: 'headers-file-left', message }];
}
