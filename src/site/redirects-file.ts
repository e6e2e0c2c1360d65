/** One redirect of a `_redirects` file, as it is written there. */
export interface WrittenRedirect {
  /** From 1. */
  readonly line: number;
  readonly from: string;
  readonly to: string;
}

/** A line that cannot become an object of S3, or that is none of the file's syntax. */
export interface WrongLine {
  /** From 1. */
  readonly line: number;
  /** Without white space at both ends. */
  readonly text: string;
  /** Why, and where it belongs. */
  readonly problem: string;
}

/** What a `_redirects` file holds. */
export interface RedirectsFile {
  readonly redirects: readonly WrittenRedirect[];
  readonly wrong: readonly WrongLine[];
}

/**
 * Reads a `_redirects` file: a line has a path, a path or URL, and perhaps the code 301, with white space between them; `#` begins a comment. All
 * else that Netlify and Cloudflare Pages know is a wrong line, because S3 has one redirect for one key, and its code is 301.
 * @see https://docs.netlify.com/routing/redirects/
 * @see https://developers.cloudflare.com/pages/configuration/redirects/
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html
 */
export function parseRedirects(text: string): RedirectsFile {
  const redirects: WrittenRedirect[] = [];
  const wrong: WrongLine[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r\n?|\n/);
  for (const [index, written] of lines.entries()) {
    const read = parseLine(written);
    if (read === undefined) continue;
    const line = index + 1;
    if (typeof read === 'string') wrong.push({ line, text: written.trim(), problem: read });
    else redirects.push({ line, ...read });
  }
  return { redirects, wrong };
}

type Line = Omit<WrittenRedirect, 'line'>;

/** Undefined for a line without content; a text says what is wrong. */
function parseLine(written: string): Line | string | undefined {
  const words = written.trim().split(/\s+/);
  const comment = words.findIndex((word) => word.startsWith('#'));
  const [from = '', ...rest] = comment < 0 ? words : words.slice(0, comment);
  if (from === '') return undefined;
  const at = rest.findIndex(isTarget);
  const to = rest[at];
  if (to === undefined)
    return rest.length === 0 || rest.every(isOption)
      ? 'it does not say where to: write "/old /new"'
      : `${JSON.stringify(rest[0])} is neither a path that begins with "/" nor an http(s) URL`;
  return problemOf(from, rest.slice(0, at), to, rest.slice(at + 1)) ?? { from, to };
}

function isTarget(word: string): boolean {
  return /^(?:\/|https?:\/\/)/i.test(word);
}

const CODE = /^\d{3}!?$/;
/** `Country=de`, or `id=:id`. */
const PAIR = /^[^\s=/]+=/;

function isOption(word: string): boolean {
  return CODE.test(word) || PAIR.test(word);
}

const FUNCTION = 'a CloudFront function';
const ROUTING_RULE = `a routing rule of the bucket's website (KeyPrefixEquals, ReplaceKeyPrefixWith), or ${FUNCTION}`;
const ERROR_PAGE = "the error document of the bucket's website, or a custom error response of CloudFront";

function problemOf(from: string, before: readonly string[], to: string, after: readonly string[]): string | undefined {
  const [code = '301', ...conditions] = CODE.test(after[0] ?? '') ? after : ['301', ...after];
  const [query] = before;
  const status = code.replace('!', '');
  // What a line is for says more than how it says it.
  const other = status === '301' ? undefined : otherCode(status, from, to);
  if (other !== undefined) return other;
  if (/^https?:\/\//i.test(from))
    return `it redirects the host of a URL: that belongs to a bucket or distribution of its own for that host, or to ${FUNCTION}`;
  if (!from.startsWith('/')) return `${JSON.stringify(from)} does not begin with "/"`;
  if (query !== undefined)
    return PAIR.test(query)
      ? `it depends on the query (${query}), which S3 does not look at: that belongs to ${FUNCTION}`
      : `${JSON.stringify(query)} is neither a path that begins with "/" nor an http(s) URL`;
  if (from.includes('*')) return `it has a splat (*), and S3 redirects one key: that belongs to ${ROUTING_RULE}`;
  const name = placeholderIn(from) ?? placeholderIn(to);
  if (name !== undefined)
    return `it has a placeholder (${name}), and S3 redirects one key to one place: that belongs to ${ROUTING_RULE}`;
  const [condition] = conditions;
  if (condition !== undefined)
    return PAIR.test(condition)
      ? `it has a condition (${condition}), and S3 redirects all requests for a key: that belongs to ${FUNCTION}`
      : `${JSON.stringify(condition)} is more than a path, where to, and the code 301`;
  if (code.endsWith('!'))
    return 'its "!" puts a redirect in the place of a file, and S3 has one object for one key: leave the file out of the source, and the "!" off';
  return undefined;
}

function otherCode(status: string, from: string, to: string): string {
  if (/^30[2378]$/.test(status))
    return `it has the code ${status}, and the redirect of an S3 object is always a 301: that belongs to ${FUNCTION}, or to a routing rule of the bucket's website (HttpRedirectCode)`;
  if (status === '200' && isTarget(to) && !to.startsWith('/'))
    return 'it is a proxy (200): that belongs to a behavior of CloudFront with an origin of its own';
  if (status === '200' && /^\/\*$/.test(from))
    return `it shows one page for all paths (200): that belongs to ${ERROR_PAGE} with the code 200`;
  if (status === '200')
    return `it shows a page under another path (200), which is no redirect: that belongs to ${FUNCTION}`;
  if (status === '404') return `it is a page for what is missing (404): that belongs to ${ERROR_PAGE}`;
  return `it has the code ${status}, and the redirect of an S3 object is always a 301`;
}

/** `:name` as a whole segment, or as the value of a parameter. */
function placeholderIn(text: string): string | undefined {
  return /(?:^|[/=])(:[A-Za-z]\w*)/.exec(text.replace(/^https?:\/\//i, ''))?.[1];
}
