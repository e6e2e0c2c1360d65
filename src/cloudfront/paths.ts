import type { Behavior, Distribution, Origin } from './distribution.js';

/**
 * The paths that an invalidation of this key names: its URL by every origin path, with the other spellings of a page's URL, because a function of
 * the distribution may rewrite them. A path ends in `*` where a behavior keeps several copies of a URL. Empty where no origin leads to the key.
 *
 * Each path is encoded once, as browsers do: characters that RFC 1738 calls unsafe, and no others, because CloudFront looks for that spelling. A `*`
 * of the key is `%2A`: as it is, it would be a wildcard.
 * @param distribution undefined where it may not be read: then the key is the path
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
 */
export function invalidationPaths(key: string, distribution: Distribution | undefined): readonly string[] {
  const paths = new Set<string>();
  for (const { path, origin } of urlsOf(key, distribution))
    for (const spelling of spellingsOf(path, distribution?.rootObject)) {
      const encoded = encodePath(spelling);
      const behavior = distribution && behaviorOf(encoded, spelling, distribution.behaviors);
      if (origin !== undefined && !isServedBy(origin, behavior)) continue;
      for (const one of plusSpellings(encoded)) paths.add(behavior?.varies === true ? `${one}*` : one);
    }
  return [...paths];
}

/** The first path of a key, by which a fold counts what it covers beside the changes; undefined where no origin leads to it. */
export function firstPath(key: string, distribution: Distribution | undefined): string | undefined {
  const [url] = urlsOf(key, distribution);
  return url && encodePath(url.path);
}

/** Whether a page, such as `/404.html`, is among these paths. */
export function includesPage(paths: ReadonlySet<string>, page: string): boolean {
  return [page, encodePath(page)].some((path) => paths.has(path) || paths.has(`${path}*`));
}

/** A path as browsers send it, so that CloudFront keeps objects under it. */
export function encodePath(path: string): string {
  // What is no Unicode is stored as its replacement.
  const stored = Buffer.from(path).toString();
  return encodeURI(stored).replaceAll('?', '%3F').replaceAll('#', '%23').replaceAll('*', '%2A');
}

/** A path as the user gives it: encoded where that is missing, and its wildcard stays. */
export function givenPath(path: string): string {
  const rooted = path.startsWith('/') ? path : `/${path}`;
  // What is no Unicode has no encoding.
  return Buffer.from(rooted)
    .toString()
    .replaceAll(/%(?![\dA-Fa-f]{2})|[^!-~]|["#<>\\^`{|}]/gu, (character) => encodeURIComponent(character));
}

/** S3 reads a `+` of a URL as a blank, so that URLs of such a key have `%2B`; other servers take either. */
function plusSpellings(path: string): readonly string[] {
  return path.includes('+') ? [path, path.replaceAll('+', '%2B')] : [path];
}

interface Url {
  readonly path: string;
  /** Undefined where the distribution is unknown. */
  readonly origin?: Origin;
}

/** The URLs of a key, not encoded. An origin adds its path before that of a request, so the key must begin with it. */
function urlsOf(key: string, distribution: Distribution | undefined): readonly Url[] {
  const whole = `/${key}`;
  if (distribution === undefined) return [{ path: whole }];
  return distribution.origins
    .filter(({ path, bucket }) => bucket !== 'other' && whole.startsWith(`${path}/`))
    .map((origin) => ({ path: whole.slice(origin.path.length), origin }));
}

const INDEX = /\/index\.html?$/;
const PAGE = /[^/]\.html?$/;

/** A path, and how else a page is requested: `/docs/index.html`, `/docs/`, `/docs`; `/about.html`, `/about`, `/about/`. */
function spellingsOf(path: string, rootObject: string | undefined): readonly string[] {
  const spellings = [path];
  if (rootObject !== undefined && path === `/${rootObject}`) spellings.push('/');
  if (INDEX.test(path)) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    spellings.push(`${folder}/`);
    if (folder !== '') spellings.push(folder);
  } else if (path.endsWith('/')) {
    spellings.push(`${path}index.html`);
    if (path !== '/') spellings.push(path.slice(0, -1));
  } else if (PAGE.test(path)) {
    const page = path.slice(0, path.lastIndexOf('.'));
    spellings.push(page, `${page}/`);
  } else if (!path.slice(path.lastIndexOf('/')).includes('.')) spellings.push(`${path}/`);
  return spellings;
}

/** The behavior of a path: the first whose pattern matches; the default one has no pattern. */
function behaviorOf(encoded: string, path: string, behaviors: readonly Behavior[]): Behavior | undefined {
  return behaviors.find(
    ({ pattern }) => pattern === undefined || matchesPattern(encoded, pattern) || matchesPattern(path, pattern),
  );
}

/** The bucket's own origins serve by any behavior, because a function may choose them; of others it is known only from the behavior. */
function isServedBy({ id, bucket }: Origin, behavior: Behavior | undefined): boolean {
  return bucket === 'own' || behavior?.targets.includes(id) === true;
}

/**
 * Whether a path matches the pattern of a behavior: `*` is any number of characters, `?` is one.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern
 */
function matchesPattern(path: string, pattern: string): boolean {
  const rooted = pattern.startsWith('/') || pattern.startsWith('*') ? pattern : `/${pattern}`;
  let [at, from] = [0, 0];
  let star = -1;
  let resume = 0;
  while (at < path.length) {
    const wanted = rooted[from];
    if (wanted === '*') {
      star = from;
      resume = at;
      from += 1;
    } else if (wanted !== undefined && (wanted === '?' || wanted === path[at])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      from = star + 1;
    } else return false;
  }
  return /^\**$/.test(rooted.slice(from));
}
