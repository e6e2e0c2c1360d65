import type { ContentReader, ContentWatch } from '../source/contents.js';
import type { Entry } from '../source/types.js';
import { baseOf, hashedNamesIn, isBuildManifest, MOST_MANIFEST_BYTES } from './build-manifest.js';
import { isNamedByContent } from './content-hash.js';
import type { Reference, ReferenceScanner, ScannedKind } from './references.js';

/** Finds out which files of a run have names that change with their content, from what their build and their pages say. */
export interface HashedFiles extends ContentWatch {
  /** Loads the scanner, which most runs do not need. Must be done before the first file is read. */
  load(): Promise<void>;
  /** Takes the references of a document that something else reads. */
  referencesOf(document: string): (found: Reference) => void;
  /**
   * Why the name of a file is known to change with its content, for a person who asks; undefined where that is not known. Complete once the survey
   * has read the pages, styles and build manifests of the source. What is read once (items, compressed archives) is not surveyed: there only the
   * folders of build tools count.
   * @param path relative to the source, with `/`
   */
  hashedBy(path: string): string | undefined;
}

/**
 * A name counts as hashed
 *
 * - in a folder of which its tool promises that: `_astro/`, `_next/static/`, `_app/immutable/`, `_nuxt/`;
 * - where a build manifest of this run names it as hashed;
 * - where it ends in what is surely a hash, **and** a page or style sheet of this run names it.
 *
 * Base names are enough, because a hash makes them unique. Source maps never count.
 */
export function hashedFiles(): HashedFiles {
  /** By base name, the first document that names it. */
  const byManifest = new Map<string, string>();
  const byReference = new Map<string, string>();
  let scanners: typeof import('./references.js') | undefined;

  function note(names: Map<string, string>, base: string, document: string): void {
    // A slice would keep the whole piece of the document in memory.
    if (!names.has(base) && names.size < MOST_NAMES) names.set(Buffer.from(base).toString(), document);
  }

  function manifestReader(document: string): ContentReader {
    const decoder = new TextDecoder();
    let text = '';
    return {
      write(bytes) {
        text += decoder.decode(bytes, { stream: true });
      },
      end() {
        for (const base of hashedNamesIn(document, text + decoder.decode())) note(byManifest, base, document);
      },
    };
  }

  const referencesOf =
    (document: string) =>
    ({ url }: Reference): void => {
      const base = decodedBase(url);
      if (isNamedByContent(base)) note(byReference, base, document);
    };

  function scannerOf(kind: ScannedKind, document: string): ReferenceScanner {
    if (scanners === undefined) throw new TypeError('load() comes before the first file');
    return scanners.referenceScanner(kind, referencesOf(document));
  }

  /** Most pages of a site name the same files, and searching them for new ones takes a fraction of the time that reading them as HTML takes. */
  function thrifty(scanner: ReferenceScanner, size: number): ContentReader {
    return {
      write(bytes) {
        if (bytes.length < size || maybeNamesMore(bytes)) scanner.write(bytes);
      },
      end: scanner.end,
    };
  }

  /** Whether a whole document holds something that may be a name with a hash, and is not known. Doubts are for yes. */
  function maybeNamesMore(bytes: Uint8Array): boolean {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    for (const { 0: hit, index } of text.matchAll(MAYBE_HASH)) {
      let start = index;
      while (start > 0 && IN_NAME.test(text[start - 1] as string)) start -= 1;
      let end = index + hit.length;
      while (end < text.length && IN_NAME.test(text[end] as string)) end += 1;
      const name = text.slice(start, end);
      // Something before it may be part of the name, too.
      if (!byReference.has(name) && isNamedByContent(`a${name}`)) return true;
    }
    return false;
  }

  return {
    async load() {
      scanners = await import('./references.js');
    },
    referencesOf,
    wants: (entry) => documentKind(entry) !== undefined || isManifest(entry),
    reader(entry) {
      const { relativePath, size = 0 } = entry;
      const kind = documentKind(entry);
      return kind === undefined ? manifestReader(relativePath) : thrifty(scannerOf(kind, relativePath), size);
    },
    hashedBy(path) {
      const plain = path.replace(ENCODED, '');
      const base = plain.slice(plain.lastIndexOf('/') + 1);
      if (base.endsWith('.map')) return undefined;
      const folder = FOLDER.exec(plain)?.[1];
      if (folder !== undefined && !isUnhashedIn(folder, plain, base))
        return `its build tool gives all files in ${folder} names with a hash`;
      const manifest = byManifest.get(base);
      if (manifest !== undefined) return `${manifest} says that its name has a hash`;
      const document = byReference.get(base);
      return document === undefined ? undefined : `its name ends in a hash, and ${document} names it`;
    },
  };
}

/** A hash, and what ends it. */
const MAYBE_HASH = /(?:[.-][\w-]{8,}|[\da-f]{16,})\.[a-z]/gi;
const IN_NAME = /[\w.-]/;

/** Beyond it names are not noted, so that memory stays bounded: their files get the careful header. About 20 MB. */
const MOST_NAMES = 100_000;

/** Compressed copies have the name of their file. */
const ENCODED = /\.(?:gz|br|zst)$/i;

/**
 * - Astro: https://docs.astro.build/en/reference/configuration-reference/#buildassets
 * - Next.js: https://nextjs.org/docs/app/guides/self-hosting#automatic-caching
 * - SvelteKit: https://svelte.dev/docs/kit/adapter-static and `_app/immutable` of its adapters
 * - Nuxt: https://nuxt.com/docs/api/nuxt-config#buildassetsdir
 */
const FOLDER = /(?:^|\/)(_astro\/|_next\/static\/|_app\/immutable\/|_nuxt\/)/;

/** What has the same name after the next build, if the project sets the id of its builds itself: `_buildManifest.js` of Next.js and `builds/` of Nuxt. */
function isUnhashedIn(folder: string, path: string, base: string): boolean {
  if (folder === '_next/static/') return /^_\w*manifest\.js(?:on)?$/i.test(base);
  return folder === '_nuxt/' && /(?:^|\/)_nuxt\/builds\//.test(path);
}

/** What an entry is read as, by its name, to find what it refers to; undefined where it is no such document, or can be read only once. */
export function documentKind({ relativePath, size, stream }: Entry): ScannedKind | undefined {
  if (stream !== undefined || size === undefined) return undefined;
  if (/\.(?:html?|xhtml)$/i.test(relativePath)) return 'html';
  return /\.css$/i.test(relativePath) ? 'css' : undefined;
}

function isManifest({ relativePath, size, stream }: Entry): boolean {
  return stream === undefined && size !== undefined && size <= MOST_MANIFEST_BYTES && isBuildManifest(relativePath);
}

/** The base name of the file that a URL names. */
function decodedBase(url: string): string {
  const base = baseOf(url);
  if (!base.includes('%')) return base;
  try {
    return decodeURIComponent(base);
  } catch {
    return base;
  }
}
