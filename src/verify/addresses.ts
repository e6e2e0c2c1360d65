/** Characters that `encodeURI` keeps, and that have a meaning of their own in a URL, or, as `+`, in S3, which reads it as a space. */
const MEANT = /[?#+]/g;

const INDEX = /(?:^|\/)index\.html?$/;

/**
 * The URLs of a file of the site, in the order in which they are tried: that of its folder before its own for an index page, because visitors and
 * links use it.
 * @param site its address, with a path or without one
 * @param path of the file below the site; percent-encoded here, once
 */
export function addressesOf(site: URL, path: string): readonly string[] {
  const root = rootOf(site);
  const own = root + encodePath(path);
  const [index] = INDEX.exec(path) ?? [];
  if (index === undefined) return [own];
  return [root + encodePath(path.slice(0, path.length - index.replace('/', '').length)), own];
}

/** The address of the site with exactly one slash at its end. */
export function rootOf({ origin, pathname }: URL): string {
  return origin + (pathname.endsWith('/') ? pathname : `${pathname}/`);
}

/** As browsers write the path of a link: CDNs cache by the URL as it is written, so that `@` or `,` must stay. */
function encodePath(path: string): string {
  return encodeURI(path).replaceAll(MEANT, (character) => encodeURIComponent(character));
}

/** Where a redirect leads. */
export type RedirectTarget =
  /** Another URL of the same page. */
  { readonly is: 'same-page'; readonly url: string } | { readonly is: 'elsewhere'; readonly url: string };

/**
 * Reads the `Location` of a redirect. Hosts redirect between the URLs of one page: `/docs/index.html`, `/docs` and `/docs/`, or `/about.html` and
 * `/about`. These are followed on the same origin; all else is not the page.
 */
export function redirectTarget(from: string, location: string): RedirectTarget {
  if (!URL.canParse(location, from)) return { is: 'elsewhere', url: location };
  const [here, there] = [new URL(from), new URL(location, from)];
  there.hash = '';
  const isSame = here.origin === there.origin && there.search === '' && plainPath(here) === plainPath(there);
  return { is: isSame ? 'same-page' : 'elsewhere', url: there.href };
}

/** What the URLs of one page have in common. */
function plainPath({ pathname }: URL): string {
  return pathname.replace(/(^|\/)index(?:\.html?)?$/, '$1').replace(/\.html?$|\/$/, '');
}
