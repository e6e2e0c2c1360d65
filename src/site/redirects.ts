import { checkedGrammar } from '../encode/header-grammar.js';
import { UsageError } from '../errors.js';
import { keyProblem } from '../model/key.js';
import { msg, type Text } from '../report/message.js';
import { type CleanUrlsOf, keyCuts } from '../source/clean-urls.js';
import { REDIRECT_LOCATION, type RedirectObject } from '../source/redirects.js';
import { redirectPage } from './redirect-page.js';

/** A redirect as a user gives it, and where. */
export interface GivenRedirect {
  /** A path from the root of the site, which is the prefix. */
  readonly from: string;
  /** Such a path, or an http(s) URL. */
  readonly to: string;
  /** `_redirects:3`, or `redirects[2]`. */
  readonly origin: string;
}

/** A redirect that was checked, with what it leads to. */
export interface SiteRedirect extends RedirectObject {
  /**
   * The path from the root of the site that it leads to, percent-encoded, without query and fragment: `/new/`. Undefined for one that leads to a URL.
   */
  readonly target: string | undefined;
  /** The same path, also of one that leads to a URL of the site. */
  readonly within: string | undefined;
}

/** Where a redirect within the site leads. */
export interface RedirectTarget {
  /** Where the redirect is written. */
  readonly origin: string;
  /** Its own key, with the prefix. */
  readonly key: string;
  /** See {@link SiteRedirect.target}. */
  readonly path: string;
}

/** The redirects of a site. */
export interface SiteRedirects {
  readonly redirects: readonly SiteRedirect[];
  /** What is odd about them. */
  readonly warnings: readonly { readonly code: string; readonly message: Text }[];
}

export interface RedirectSite {
  /** Empty, or ends in `/`. */
  readonly prefix: string;
  /** Undefined where no page has clean URLs. */
  readonly cleanUrlsOf: CleanUrlsOf | undefined;
  /** The URL of the prefix, where it is known. */
  readonly url?: URL | undefined;
}

/** The most errors in one message. */
export const MOST_NAMED = 20;
/** More hops than a visitor should wait for. https://developers.google.com/search/docs/crawling-indexing/301-redirects */
const LONG_CHAIN = 3;

/**
 * Checks redirects and makes objects of them. `from` is a path from the root of the site, percent-decoded; one that ends in a slash means the index
 * document of that folder, and with clean URLs for folders their key as well. A `to` that is a path gets the prefix in the header, because S3 takes it
 * from the root of the bucket.
 * @throws UsageError for all that is wrong about single redirects, for two of one key, and for loops
 */
export function siteRedirects(given: readonly GivenRedirect[], site: RedirectSite): SiteRedirects {
  const wrong: string[] = [];
  const redirects = given.flatMap((one) => {
    try {
      return objectsOf(one, site);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      wrong.push(`${one.origin}: ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`);
      return [];
    }
  });
  const byKey = new Map<string, SiteRedirect>();
  for (const redirect of redirects) {
    const first = byKey.get(redirect.key);
    if (first === undefined) byKey.set(redirect.key, redirect);
    // One folder has two keys, and needs one error.
    else if (!redirect.key.endsWith('/'))
      wrong.push(`${redirect.origin}: it has the key "${redirect.key}", as ${first.origin} has.`);
  }
  if (wrong.length > 0) throw listed(wrong);
  return { redirects, warnings: followAll(redirects, byKey, site) };
}

/** Where redirects lead within the site: pages that should exist. */
export function redirectTargets(redirects: readonly SiteRedirect[]): readonly RedirectTarget[] {
  return redirects.flatMap(({ origin, key, target }) => (target === undefined ? [] : [{ origin, key, path: target }]));
}

function listed(wrong: readonly string[]): UsageError {
  const [only] = wrong;
  if (only !== undefined && wrong.length === 1) return new UsageError(only);
  return new UsageError(`${wrong.length} redirects cannot be:\n${bulleted(wrong)}`);
}

/** Lines for a message, at most {@link MOST_NAMED}. */
export function bulleted(lines: readonly string[]): string {
  const more = lines.length - MOST_NAMED;
  const shown = lines.slice(0, MOST_NAMED).map((line) => `  ${line}`);
  return [...shown, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}

/** The objects of one redirect: two for the index document of a folder with clean URLs. */
function objectsOf(
  { from, to, origin }: GivenRedirect,
  { prefix, cleanUrlsOf, url }: RedirectSite,
): readonly SiteRedirect[] {
  const path = pathOf(from);
  const key = prefix + path;
  const problem = keyProblem(key);
  if (problem !== undefined) throw new UsageError(`from is ${JSON.stringify(from)}. ${problem.message}`);
  const { location, target } = targetOf(to, prefix);
  const within = target?.path ?? (url && pathWithin(url, location));
  const folder = keyCuts(path, cleanUrlsOf?.(path)).folder;
  const keys = folder === 0 || folder === key.length ? [key] : [key.slice(0, -folder), key];
  const page = redirectPage(target === undefined || prefix === '' ? location : relativeLink(path, target.link));
  return keys.map((one) => ({ key: one, relativePath: path, origin, location, page, target: target?.path, within }));
}

/** The path of the object, relative to the prefix. */
function pathOf(from: string): string {
  const shown = `from is ${JSON.stringify(from)}`;
  if (/^https?:\/\//i.test(from))
    throw new UsageError(`${shown}, which is a URL.`, 'Write its path, from the root of the site.');
  if (!from.startsWith('/')) throw new UsageError(`${shown}, which does not begin with "/".`);
  const after = /[?#]/.exec(from)?.[0];
  if (after !== undefined)
    throw new UsageError(
      `${shown}, with a ${after === '?' ? 'query' : 'fragment'}: S3 finds an object by its path alone.`,
      `Leave it out, or write %${after === '?' ? '3F' : '23'} where the path itself has a "${after}".`,
    );
  const special = /\*/.exec(from) ?? /(?<=\/):[A-Za-z]\w*/.exec(from);
  if (special !== null)
    throw new UsageError(
      `${shown}, with ${JSON.stringify(special[0])}: S3 redirects one key.`,
      `Patterns belong to a routing rule of the bucket's website, or to a CloudFront function; write %${special[0] === '*' ? '2A' : '3A'} where the path itself has it.`,
    );
  try {
    const path = decodeURIComponent(from.slice(1));
    return path === '' || path.endsWith('/') ? `${path}index.html` : path;
  } catch {
    throw new UsageError(`${shown}, which is not percent-encoded UTF-8.`, 'Write "%25" for "%".');
  }
}

const SOME_HOST = 'http://site.invalid';

interface Target {
  readonly location: string;
  /** Within the site; undefined for a URL. */
  readonly target: { readonly path: string; readonly link: string } | undefined;
}

function targetOf(to: string, prefix: string): Target {
  const shown = `to is ${JSON.stringify(to)}`;
  if (/^\/[/\\]/.test(to))
    throw new UsageError(`${shown}, which browsers take for another host.`, 'Write the URL with "https://".');
  const isPath = to.startsWith('/');
  if (!isPath && !/^https?:\/\//i.test(to))
    throw new UsageError(`${shown}, which is neither a path that begins with "/" nor an http(s) URL.`);
  if (/\p{Cc}/u.test(to)) throw new UsageError(`${shown}, with a control character.`);
  if (!URL.canParse(to, SOME_HOST)) throw new UsageError(`${shown}, which is no URL.`);
  const url = new URL(to, SOME_HOST);
  if (url.username !== '' || url.password !== '')
    throw new UsageError('to has a user name or a password, which everybody could read.', 'Leave them out.');
  if (!isPath) return { location: checkedLocation(/^[!-~]+$/.test(to) ? to : url.href), target: undefined };
  if (decoded(url.pathname) === undefined)
    throw new UsageError(`${shown}, of which the path is not percent-encoded UTF-8.`, 'Write "%25" for "%".');
  const link = (url.pathname + url.search + url.hash).slice(1);
  const location = checkedLocation(`/${prefix.split('/').map(encodeURIComponent).join('/')}${link}`);
  return { location, target: { path: url.pathname, link } };
}

/** The path from the root of the site of a URL; undefined where it is none of the site's. Sites redirect from one protocol to the other. */
function pathWithin({ host, pathname }: URL, location: string): string | undefined {
  const url = new URL(location);
  const root = pathname.replace(/\/*$/, '/');
  if (url.host !== host || !`${url.pathname}/`.startsWith(root)) return undefined;
  return url.pathname.slice(root.length - 1) || '/';
}

function checkedLocation(location: string): string {
  return checkedGrammar(REDIRECT_LOCATION, location);
}

/**
 * A link from the root of the site as one that is relative to the object. It works where the prefix is a part of the URL, and also where a CDN
 * adds it (an origin path).
 */
function relativeLink(path: string, link: string): string {
  const up = path.split('/').length - 1;
  return up === 0 ? `./${link}` : '../'.repeat(up) + link;
}

/** Where a redirect leads to another one, and whether only because a server adds a slash to the path of a folder. */
interface Step {
  readonly redirect: SiteRedirect;
  readonly byFolder: boolean;
}

/**
 * Follows each redirect to its end, and returns the warnings.
 * @throws UsageError for loops
 */
function followAll(
  redirects: readonly SiteRedirect[],
  byKey: ReadonlyMap<string, SiteRedirect>,
  { prefix }: RedirectSite,
): SiteRedirects['warnings'] {
  const step = (from: SiteRedirect): Step | undefined => stepFrom(from, byKey, prefix);
  /** How many redirects are followed from each one on, with itself. */
  const hops = new Map<SiteRedirect, number>();
  const loops: Loop[] = [];
  for (const first of redirects) {
    const way = new Set<SiteRedirect>();
    let at: SiteRedirect | undefined = first;
    for (; at !== undefined && !hops.has(at) && !way.has(at); at = step(at)?.redirect) way.add(at);
    const all = [...way];
    if (at !== undefined && way.has(at)) loops.push(loopOf(all.slice(all.indexOf(at)), step));
    let after = (at === undefined ? undefined : hops.get(at)) ?? 0;
    for (const one of all.reverse()) hops.set(one, ++after);
  }
  const certain = loops.filter(({ byFolder }) => !byFolder).map(({ text }) => text);
  if (certain.length > 0)
    throw new UsageError(
      certain.length === 1
        ? `Redirects lead in a circle: ${certain[0]}`
        : `Redirects lead in ${certain.length} circles:\n${bulleted(certain)}`,
      'Let one of each circle lead to a page.',
    );
  const long = [...hops].filter(([, count]) => count > LONG_CHAIN).sort(([, one], [, other]) => other - one);
  return [...folderLoops(loops.filter(({ byFolder }) => byFolder)), ...longChains(long, step)];
}

/** The other redirect that the target of one has; a website endpoint sends `/old` on to `/old/` where only that has an object. */
function stepFrom(
  { within }: SiteRedirect,
  byKey: ReadonlyMap<string, SiteRedirect>,
  prefix: string,
): Step | undefined {
  const path = within === undefined ? undefined : decoded(within.slice(1));
  if (path === undefined) return undefined;
  const isFolder = path === '' || path.endsWith('/');
  const exact = byKey.get(prefix + path + (isFolder ? 'index.html' : ''));
  if (exact !== undefined) return { redirect: exact, byFolder: false };
  const below = isFolder ? undefined : byKey.get(`${prefix}${path}/index.html`);
  return below === undefined ? undefined : { redirect: below, byFolder: true };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

interface Loop {
  readonly text: string;
  readonly byFolder: boolean;
}

type StepOf = (from: SiteRedirect) => Step | undefined;

function loopOf(members: readonly SiteRedirect[], step: StepOf): Loop {
  const [first] = members;
  return {
    text: `${chainOf(members)} → ${first === undefined ? '' : nameOf(first)}`,
    byFolder: members.some((one) => step(one)?.byFolder === true),
  };
}

function chainOf(members: readonly SiteRedirect[]): string {
  const [first, ...others] = members.length > MOST_NAMED ? [...members.slice(0, MOST_NAMED), undefined] : members;
  return [first, ...others].map((one) => (one === undefined ? '…' : nameOf(one))).join(' → ');
}

function nameOf({ relativePath, origin }: SiteRedirect): string {
  return `/${relativePath.replace(/(^|\/)index\.html$/, '$1')} (${origin})`;
}

/** The server's own redirect to the folder is needed for these, and an object of that key would prevent it. */
function folderLoops(loops: readonly Loop[]): SiteRedirects['warnings'] {
  const [first] = loops;
  if (first === undefined) return [];
  const more = loops.length === 1 ? '' : `, and ${loops.length - 1} more circles`;
  const message = msg`Redirects may lead in a circle: ${first.text}${more}. The website endpoint of a bucket sends visitors of a folder on to the path with a slash, unless the path without it has an object.`;
  return [{ code: 'redirect-loop', message }];
}

function longChains(long: readonly (readonly [SiteRedirect, number])[], step: StepOf): SiteRedirects['warnings'] {
  const [longest] = long;
  if (longest === undefined) return [];
  const members: SiteRedirect[] = [];
  for (let at: SiteRedirect | undefined = longest[0]; at !== undefined && members.length < longest[1]; ) {
    members.push(at);
    at = step(at)?.redirect;
  }
  const which = long.length === 1 ? '1 redirect leads' : `${long.length} redirects lead`;
  const message = msg`${which} over more than ${LONG_CHAIN} redirects, for example ${chainOf(members)}: visitors wait for each one, and crawlers may give up. Let each lead to its last page.`;
  return [{ code: 'redirect-chain', message }];
}
