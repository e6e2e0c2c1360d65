import type { RedirectTarget } from './redirects.js';
import type { Reference } from './references.js';
import { type BaseUrls, candidateKeys, placesOf, type SiteRoot, type SiteUrls, siteUrls } from './site-urls.js';

/** Places that are kept at most, so that memory stays bounded: about 100 MB. References to others are not checked. */
const MOST_PLACES = 100_000;
/** Keys that are remembered at most, of a source that is read once. */
const MOST_KEYS = 1_000_000;

/** A place that something refers to. */
export interface Target {
  /** The first document that refers to it, in the order of text, by its key; of a redirect, where that is written. */
  readonly from: string;
  /** As it is written there. */
  readonly url: string;
  /** How many documents refer to it. */
  readonly documents: number;
  /** The key that it is likeliest to need. */
  readonly resolved: string;
  /** A redirect leads there. */
  readonly redirect: boolean;
}

/** A target that no key of this run meets, and the keys of the bucket that would. */
export interface Doubt {
  readonly target: Target;
  readonly keys: readonly string[];
}

/** Collects what the documents of a site refer to, and strikes out what is there. */
export interface Links {
  /** Takes the references of one document, in their order. Documents may be read side by side. */
  document(key: string): DocumentLinks;
  /** Takes a redirect within the site. */
  redirect(redirect: RedirectTarget): void;
  /** A key that will be in the bucket: it is put, or unchanged. */
  planned(key: string): void;
  /** Something that cannot be read: its key, and all below it as a folder, count as present. */
  covered(key: string): void;
  /** A key that is in the bucket now, and may be deleted by this run. */
  listed(key: string): void;
  /** Something that this run does not put, so that only the bucket knows whether it is there: a key, or all that begin with it. */
  leftOut(unit: { readonly key: string; readonly below: boolean }): void;
  /** What no key of this run meets. Redirects come first. */
  doubts(bucket: KnownOfBucket): readonly Doubt[];
  /** Documents that were read to their end. */
  readonly documents: number;
  /** References to places of the site, each as often as it is there. */
  readonly references: number;
  /** References to places beyond those that are kept. */
  readonly dropped: number;
}

/** What is known of the bucket once everything is planned. */
export interface KnownOfBucket {
  /** Whether this run deletes a key. */
  readonly isDeleted: (key: string) => boolean;
  /** Whether all keys below the prefix were listed, so that what was not listed there is absent. */
  readonly isListed: boolean;
}

/** Takes the references of one document. */
export interface DocumentLinks {
  take(found: Reference): void;
  /** The document was read to its end. */
  end(): void;
}

interface Place extends Omit<Target, 'resolved'> {
  from: string;
  url: string;
  documents: number;
  readonly places: readonly string[];
  isPlanned: boolean;
  /** Keys of it that were listed. */
  listed?: string[];
}

/**
 * @param site where the site lies
 * @param remembers whether keys may be planned before the documents that refer to them are read
 */
export function collectLinks(site: SiteRoot, remembers: boolean, mostPlaces: number = MOST_PLACES): Links {
  const urls = siteUrls(site);
  /** All that were kept, by the text of their places. */
  const kept = new Map<string, Place>();
  /** Those that are not planned, by each of their places. */
  const open = new Map<string, Place[]>();
  const known = new Set<string>();
  const unreadable: string[] = [];
  const outside: { readonly keys: Set<string>; readonly folders: string[] } = { keys: new Set(), folders: [] };
  const resolved = resolutions(urls);
  let documents = 0;
  let references = 0;
  let dropped = 0;

  function placeOf(places: readonly string[], redirect: boolean): Place | undefined {
    const name = `${redirect ? 'r' : 'd'}${places.join('\0')}`;
    const before = kept.get(name);
    if (before !== undefined) return before;
    if (kept.size >= mostPlaces) {
      dropped += 1;
      return undefined;
    }
    const isPlanned = remembers && places.some((place) => candidateKeys(place).some((key) => known.has(key)));
    const place: Place = { from: '', url: '', documents: 0, redirect, places, isPlanned };
    kept.set(name, place);
    if (isPlanned) return place;
    for (const one of places) {
      const others = open.get(one);
      if (others === undefined) open.set(one, [place]);
      else others.push(place);
    }
    return place;
  }

  function add(place: Place, from: string, url: string): void {
    place.documents += 1;
    if (place.documents > 1 && (from > place.from || (from === place.from && url >= place.url))) return;
    place.from = from;
    // A slice would keep the whole piece of the document in memory.
    place.url = Buffer.from(url).toString();
  }

  return {
    document(key) {
      let base: BaseUrls = urls.baseOf(key);
      let rebased = false;
      /** What this document has referred to already. */
      const own = new Set<Place>();
      return {
        take(found) {
          if (found.element === 'base') {
            // Only the first one counts.
            if (!rebased && found.attribute === 'href') base = urls.rebased(base, found.url);
            rebased ||= found.attribute === 'href';
            return;
          }
          if (!isLink(found)) return;
          const places = resolved(base, rebased, found.url);
          if (places.length === 0) return;
          references += 1;
          const place = placeOf(places, false);
          if (place === undefined || own.has(place)) return;
          own.add(place);
          add(place, key, found.url);
        },
        end() {
          documents += 1;
        },
      };
    },
    redirect({ path, origin }) {
      const target = urls.placeBelow(path);
      const place = target === undefined ? undefined : placeOf([target], true);
      if (place !== undefined) add(place, origin, path);
    },
    planned(key) {
      for (const one of placesOf(key)) {
        const met = open.get(one);
        if (met === undefined) continue;
        open.delete(one);
        for (const place of met) place.isPlanned = true;
      }
      if (remembers && known.size < MOST_KEYS) known.add(key);
    },
    covered(key) {
      unreadable.push(key);
    },
    listed(key) {
      for (const one of placesOf(key))
        for (const place of open.get(one) ?? []) {
          place.listed ??= [];
          place.listed.push(key);
        }
    },
    leftOut({ key, below }) {
      if (below) outside.folders.push(key);
      // What nothing refers to does not matter.
      else if (remembers || placesOf(key).some((one) => open.has(one))) outside.keys.add(key);
    },
    doubts({ isDeleted, isListed }) {
      const isCovered = (place: string): boolean =>
        unreadable.some((key) => place === key || place.startsWith(key === '' || key.endsWith('/') ? key : `${key}/`));
      const isAbsent = (key: string): boolean =>
        isListed &&
        key.startsWith(site.prefix) &&
        !outside.keys.has(key) &&
        !outside.folders.some((folder) => key.startsWith(folder));
      const found: Doubt[] = [];
      for (const { from, url, documents, redirect, isPlanned, places, listed = [] } of kept.values()) {
        if (isPlanned || places.some(isCovered) || listed.some((key) => !isDeleted(key))) continue;
        const keys = [...new Set(places.flatMap(candidateKeys))];
        const target: Target = { from, url, documents, resolved: keys[0] ?? '', redirect };
        found.push({ target, keys: keys.filter((key) => !isDeleted(key) && !isAbsent(key)) });
      }
      return found.sort(({ target: one }, { target: other }) => byText(one, other));
    },
    get documents() {
      return documents;
    },
    get references() {
      return references;
    },
    get dropped() {
      return dropped;
    },
  };
}

/** Redirects first, for they must lead somewhere, then as documents come in the order of text. */
function byText(one: Target, other: Target): number {
  if (one.redirect !== other.redirect) return one.redirect ? -1 : 1;
  if (one.from !== other.from) return one.from < other.from ? -1 : 1;
  return one.url < other.url ? -1 : one.url > other.url ? 1 : 0;
}

/** URLs that are kept resolved: those of one folder, and those that begin at the root. Most pages have the same ones. */
const MOST_RESOLVED = 20_000;
const LONGEST_KEPT = 500;

function resolutions({ resolve }: SiteUrls): (base: BaseUrls, rebased: boolean, url: string) => readonly string[] {
  const ofRoot = new Map<string, readonly string[]>();
  let ofFolder = new Map<string, readonly string[]>();
  let folder = '';
  return (base, rebased, url) => {
    const name = base.join(' ');
    if (name !== folder) {
      folder = name;
      ofFolder = new Map();
    }
    // Another base may be on another host.
    const isOfRoot = url.startsWith('/') && !rebased && base.every((one) => one !== undefined);
    const known = isOfRoot ? ofRoot : ofFolder;
    const before = known.get(url);
    if (before !== undefined) return before;
    const places = resolve(base, url);
    if (url.length > LONGEST_KEPT) return places;
    if (known.size >= MOST_RESOLVED) known.clear();
    known.set(Buffer.from(url).toString(), places);
    return places;
  };
}

/** Attributes that browsers load from, or go to, on any element that has them. */
const LOADED: ReadonlySet<string> = new Set(['src', 'srcset', 'imagesrcset', 'poster', 'data', 'background']);
/** Elements on which scripts that load pictures late read these instead. On others they mean anything. */
const LATE: ReadonlySet<string> = new Set(['data-src', 'data-srcset', 'data-poster']);
const LATE_ELEMENTS: ReadonlySet<string> = new Set(['img', 'source', 'video', 'audio', 'iframe']);
const ATTRIBUTES_OF_LINKS: ReadonlySet<string> = new Set(['href', 'xlink:href']);

/**
 * Relations of `<link>` whose URL is a file or page. Others are names (`profile`), hosts (`preconnect`, `dns-prefetch`) or services (`pingback`,
 * `edituri`). @see https://html.spec.whatwg.org/multipage/links.html#linkTypes
 */
const LINKED =
  /(?:^|\s)(?:stylesheet|icon|apple-touch-\S+|mask-icon|fluid-icon|manifest|(?:module)?preload|prefetch|prerender|next|prev|alternate|amphtml|canonical|license|help|search|image_src)(?:\s|$)/;

/**
 * Whether a reference must lead somewhere: what browsers load, and what people follow. Not what may be no URL, or is none of this site's business:
 * names and hosts in `<link>`, addresses without a slash in `<meta>`, the folders and bare names of import maps, attributes of scripts, and whatever
 * looks like a template.
 */
export function isLink({ url, element = '', attribute, css, rel }: Reference): boolean {
  if (ELSEWHERE.test(url) || isTemplate(url)) return false;
  if (css !== undefined) return true;
  if (attribute === undefined) return false;
  if (element === 'meta') return attribute === 'refresh' || /^(?:\.{0,2}\/|https?:)/i.test(url);
  if (attribute === 'importmap') return /^(?:\.{0,2}\/|https?:)/i.test(url) && !url.endsWith('/');
  if (ATTRIBUTES_OF_LINKS.has(attribute)) return element !== 'link' || LINKED.test(rel ?? '');
  return LATE.has(attribute) ? LATE_ELEMENTS.has(element) : LOADED.has(attribute);
}

/** The same document, or another scheme than HTTP. */
const ELSEWHERE = /^(?:[#?]|(?!https?:)[a-z][a-z\d+.-]*:)/i;

/** Braces, angle brackets and backticks are in no URL, but in those that templates write. @see https://www.rfc-editor.org/rfc/rfc3986#section-2 */
function isTemplate(url: string): boolean {
  return /[{}<>`]|%7b%7b/i.test(url);
}
