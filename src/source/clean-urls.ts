import { WELL_KNOWN } from '../model/site-names.js';
import type { CleanUrls } from '../options/site-types.js';
import type { Entry, LeftOut, Settled } from './types.js';

/** Which clean URLs the file of a path has; `false` and undefined: none. */
export type CleanUrlsOf = (relativePath: string) => CleanUrls | false | undefined;

/** How many characters the keys of a page lack at the end of its path. */
export interface KeyCuts {
  /** 0: it keeps the key of its name. */
  readonly own: number;
  /** Of the key of its folder, which it has as well; 0: it has none. */
  readonly folder: number;
}

const NO_CUTS: KeyCuts = { own: 0, folder: 0 };
const ENDINGS = ['.html', '.htm'] as const;
const INDEX = 'index';

/**
 * Names at the root of a site that something asks for as they are: error documents and fallbacks, which buckets and CDNs are configured with, and
 * the files by which search engines see who owns a site.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/CustomErrorDocSupport.html
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
 */
const ROOT_NAMES =
  /^(?:error|200|40[013-5]|410|41[46]|50[0-4]|google[0-9a-f]{16}|yandex_[0-9a-f]{16}|pinterest-[0-9a-z]+|naver[0-9a-f]{32}|baidu_verify_[\w-]+)$/;
/** In any folder, because sites in several languages have one for each. */
const NOT_FOUND = '404';

/**
 * What the keys of a file lack. `html`: a page has no ending; index pages keep theirs, for a server finds them by name, and so do error documents and
 * others that are asked for by their names. `index`: an index page has the key of its folder as well. Other files keep their keys.
 * @param path relative to the source, with `/`
 */
export function keyCuts(path: string, urls: CleanUrls | false | undefined): KeyCuts {
  if (urls === undefined || urls === false) return NO_CUTS;
  const ending = ENDINGS.find((one) => path.endsWith(one))?.length ?? 0;
  if (ending === 0) return NO_CUTS;
  const start = path.lastIndexOf('/') + 1;
  const name = path.slice(start, -ending);
  if (name === INDEX) return urls === 'html' ? NO_CUTS : { own: 0, folder: path.length - start };
  return urls === 'index' || keepsEnding(path, name) ? NO_CUTS : { own: ending, folder: 0 };
}

function keepsEnding(path: string, name: string): boolean {
  // A key has no segment of dots alone.
  if (/^\.{0,2}$/.test(name) || name === NOT_FOUND || WELL_KNOWN.test(path)) return true;
  return !path.includes('/') && ROOT_NAMES.test(name);
}

/** A key without its last characters. */
export function cutEnd(key: string, cut: number): string {
  return cut === 0 ? key : key.slice(0, -cut);
}

/** Whether a page has two endings, as nobody names one: without it a filter that does not take `a.html.htm` would keep every old `a.html`. */
export function isUnlikelyPage(path: string): boolean {
  return /\.html?\.html?$/.test(path);
}

/** The paths of files that get the key of this path by clean URLs: those of pages, which may not exist. */
export function pathsOfCleanKey(path: string, cleanUrlsOf: CleanUrlsOf): readonly string[] {
  const isFolder = path === '' || path.endsWith('/');
  const pages = ENDINGS.map((ending) => path + (isFolder ? INDEX : '') + ending);
  return pages.filter((page) => {
    const { own, folder } = keyCuts(page, cleanUrlsOf(page));
    return (isFolder ? folder : own) > 0;
  });
}

/** The entries that a page becomes: first that of its folder, where it has its key as well, then its own. An empty key is impossible. */
export function cleanEntries(entry: Entry, cleanUrlsOf: CleanUrlsOf): readonly Entry[] {
  const { key } = entry;
  const { own, folder } = keyCuts(entry.relativePath, entry.cleanUrls ?? cleanUrlsOf(entry.relativePath));
  if (own > 0) return [{ ...entry, key: cutEnd(key, own), plainKey: key }];
  const folderKey = cutEnd(key, folder);
  return folder === 0 || folderKey === '' ? [entry] : twoOf(entry, folderKey);
}

/** The keys that something which is not put would have by clean URLs, besides its own. */
export function cleanLeftOut(
  { key, cleanUrls }: Pick<LeftOut, 'key' | 'cleanUrls'>,
  prefix: string,
  cleanUrlsOf: CleanUrlsOf,
): readonly LeftOut[] {
  const path = key.startsWith(prefix) ? key.slice(prefix.length) : key;
  const { own, folder } = keyCuts(path, cleanUrls ?? cleanUrlsOf(path));
  const cleanKey = cutEnd(key, own + folder);
  return own + folder === 0 || cleanKey === '' ? [] : [{ kind: 'leftOut', key: cleanKey, below: false }];
}

/** One entry as two objects. It is released when neither is opened any more, and settled once, when both are. */
function twoOf(entry: Entry, folderKey: string): readonly [Entry, Entry] {
  const { stream, release, settled, held } = entry;
  const shared = {
    ...entry,
    ...(release !== undefined && { release: afterTwo(release) }),
    ...(held !== undefined && { held: once(held) }),
  };
  // The bytes of a stream come once: both objects open the copy of them in memory.
  if (stream !== undefined) delete shared.stream;
  const [ofFolder, ofFile] = settled === undefined ? [undefined, undefined] : settledTogether(settled);
  return [
    { ...shared, key: folderKey, plainKey: entry.key, settled: ofFolder },
    { ...shared, settled: ofFile },
  ];
}

function afterTwo(call: () => void): () => void {
  let calls = 0;
  return () => {
    calls += 1;
    if (calls === 2) call();
  };
}

function once(call: () => void): () => void {
  let called = false;
  return () => {
    if (!called) call();
    called = true;
  };
}

/** Gives the outcome of the file's own key, unless only the other object has failed. */
function settledTogether(settled: Settled): readonly [ofFolder: Settled, ofFile: Settled] {
  let results: readonly [folder: Parameters<Settled>, file: Parameters<Settled>] = [[], []];
  const done = afterTwo(() => {
    const [folder, file] = results;
    settled(...(hasFailed(folder) && !hasFailed(file) ? folder : file));
  });
  return [
    (...result) => {
      results = [result, results[1]];
      done();
    },
    (...result) => {
      results = [results[0], result];
      done();
    },
  ];
}

function hasFailed([outcome]: Parameters<Settled>): boolean {
  return outcome?.action === 'fail' || outcome?.action === 'unknown';
}
