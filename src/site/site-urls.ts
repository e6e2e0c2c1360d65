import { knownContentType } from '../encode/content-type.js';

/** Where a site lies in its bucket, and at which URL people see it, where that is known. */
export interface SiteRoot {
  /** Empty, or ends in `/`. */
  readonly prefix: string;
  /** The URL of the prefix. Its origin is the site's own, and what is beside its path is none of the site. */
  readonly url?: URL | undefined;
}

/**
 * The URLs that the references of one document are relative to: one for each view of the bucket; undefined where a view cannot show the document.
 * Documents of one folder have the same.
 */
export type BaseUrls = readonly (string | undefined)[];

/** Resolves references into the places in the bucket that they point to. */
export interface SiteUrls {
  /** The base of a document without `<base>`. */
  baseOf(key: string): BaseUrls;
  /** The base after `<base href>`. */
  rebased(base: BaseUrls, href: string): BaseUrls;
  /**
   * The places that a reference may point to, the likeliest first, without repetitions: keys, or what stands for several ({@link candidateKeys}).
   * Query and fragment are dropped, and percent-encoding is decoded once. Empty where it is none of the site's: another origin, no URL of HTTP, no URL
   * at all, or no UTF-8.
   */
  resolve(base: BaseUrls, reference: string): readonly string[];
  /** The place of a path from the root of the site, percent-encoded, such as `/new/`; undefined where it is no UTF-8. */
  placeBelow(path: string): string | undefined;
}

/** One way to understand URLs: whose URL is the root, and what its keys begin with. */
interface View {
  readonly root: URL;
  readonly stem: string;
}

/** Stands for the unknown host of a site. @see https://www.rfc-editor.org/rfc/rfc6761#section-6.4 */
const UNKNOWN_HOST = 'https://site.invalid/';

/**
 * The URLs of a site whose root is the prefix, as a CDN with an origin path has it, and failing that the bucket, as its website endpoint has it.
 */
export function siteUrls({ prefix, url }: SiteRoot): SiteUrls {
  const root = new URL(url ?? UNKNOWN_HOST);
  root.pathname = root.pathname.replace(/\/*$/, '/');
  const views: readonly View[] = [
    { root, stem: prefix },
    ...(prefix === '' ? [] : [{ root: new URL('/', root), stem: '' }]),
  ];

  return {
    baseOf: (key) =>
      views.map(({ root, stem }) =>
        key.startsWith(stem) ? parsed(encodedFolder(key.slice(stem.length)), root.href)?.href : undefined,
      ),
    rebased: (base, href) => base.map((url) => (url === undefined ? undefined : (parsed(href, url)?.href ?? url))),
    resolve(base, reference) {
      const places: string[] = [];
      for (const [index, { root, stem }] of views.entries()) {
        const url = base[index] === undefined ? undefined : parsed(reference, base[index]);
        const path = url === undefined ? undefined : pathBelow(root, url);
        if (path !== undefined && !places.includes(stem + path)) places.push(stem + path);
      }
      return places;
    },
    placeBelow(path) {
      const below = decoded(path.slice(1));
      return below === undefined ? undefined : prefix + below;
    },
  };
}

function parsed(reference: string, base: string): URL | undefined {
  try {
    return new URL(reference, base);
  } catch {
    return undefined;
  }
}

/** The folder of a key as a relative URL. A key may hold what is special in URLs, and what is no Unicode. */
function encodedFolder(path: string): string {
  const folder = Buffer.from(path.slice(0, path.lastIndexOf('/') + 1)).toString();
  return `./${folder.split('/').map(encodeURIComponent).join('/')}`;
}

/** The decoded path of a URL below the root, without a slash at its beginning; undefined where it is not below it. */
function pathBelow(root: URL, { protocol, host, pathname }: URL): string | undefined {
  // Sites redirect from one protocol to the other.
  if ((protocol !== 'https:' && protocol !== 'http:') || host !== root.host) return undefined;
  if (pathname.startsWith(root.pathname)) return decoded(pathname.slice(root.pathname.length));
  return `${pathname}/` === root.pathname ? '' : undefined;
}

function decoded(path: string): string | undefined {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

const INDEX = 'index.html';
const PAGE = '.html';

/**
 * The keys of which any is served for a place, the likeliest first. `docs/` is the index page of a folder, or has its own key (`cleanUrls`). `docs` is
 * its own key, `docs.html` where something adds the ending, or the folder of that name, to which website endpoints redirect.
 */
export function candidateKeys(place: string): readonly string[] {
  if (place === '') return [INDEX];
  if (place.endsWith('/')) return [place + INDEX, place];
  const folder = [`${place}/${INDEX}`, `${place}/`];
  return isNoPage(place) ? [place, ...folder] : [place, place + PAGE, ...folder];
}

/** The places that a key is served for: those of which it is one of the {@link candidateKeys}. */
export function placesOf(key: string): readonly string[] {
  if (key.endsWith('/')) return [key, key.slice(0, -1)];
  if (key === INDEX) return [key, '', 'index'];
  if (!key.endsWith(PAGE)) return [key];
  const plain = key.slice(0, -PAGE.length);
  const ofFolder = key.endsWith(`/${INDEX}`);
  const folder = key.slice(0, -INDEX.length);
  return [
    key,
    ...(plain === '' || plain.endsWith('/') || isNoPage(plain) ? [] : [plain]),
    ...(ofFolder ? [folder, folder.slice(0, -1)] : []),
  ];
}

/** Types of which nobody leaves `.html` out: nothing needs to look for `app.css.html`. */
const NO_PAGE =
  /^(?:(?:font|image|audio|video)\/|text\/(?:css|html|javascript|plain|xml)|application\/(?:json|javascript|manifest\+json|pdf|wasm|xml|zip))/;

function isNoPage(place: string): boolean {
  return NO_PAGE.test(knownContentType(place) ?? '');
}
