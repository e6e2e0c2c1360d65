import { createHash, type Hash } from 'node:crypto';
import { compareKeys } from '../model/key-order.js';
import { SHARD_SCHEME } from '../model/shard.js';
import type { ContentReader, ContentWatch } from '../source/contents.js';
import type { Entry } from '../source/types.js';

/** The digest of a source, made while it is surveyed: it shows that several jobs have read the same files. */
export interface SourceDigest {
  /** Takes the next object. */
  see(entry: Entry): void;
  /** Reads the pages. */
  readonly pages: ContentWatch;
  /** How many objects were seen, and how many of them are pages. */
  readonly objects: number;
  readonly pageCount: number;
  /** The digest in hex, once everything was seen and read. */
  end(): string;
}

/**
 * The digest covers the key and the size of every object, in UTF-8 byte order of the keys, and the MD5 of every page, because pages are what only `finish`
 * puts. The contents of other files are not read: `finish` compares them with the bucket.
 * @param ordered whether objects come in that order; otherwise they are kept until the end
 * @param isPage whether an object belongs to the last phase of `order: 'site'`
 */
export function sourceDigest(ordered: boolean, isPage: (entry: Entry) => boolean): SourceDigest {
  const names = begun('names');
  const unordered: { readonly key: string; readonly size: number | undefined }[] = [];
  const pages = new Map<string, string>();
  let objects = 0;
  let pageCount = 0;

  const add = (hash: Hash, key: string, more: number | string | undefined): void => {
    // The length before the key makes the text unambiguous whatever the key holds.
    hash.update(`${Buffer.byteLength(key)}:${key}:${more ?? '?'}\n`);
  };

  return {
    get objects() {
      return objects;
    },
    get pageCount() {
      return pageCount;
    },
    see(entry) {
      const { key, size } = entry;
      objects += 1;
      if (isPage(entry)) pageCount += 1;
      if (ordered) add(names, key, size);
      else unordered.push({ key, size });
    },
    pages: {
      wants: isPage,
      reader({ key }): ContentReader {
        const md5 = createHash('md5');
        return {
          write: (bytes) => void md5.update(bytes),
          end: () => void pages.set(key, md5.digest('hex')),
        };
      },
    },
    end() {
      for (const { key, size } of unordered.sort((one, other) => compareKeys(one.key, other.key)))
        add(names, key, size);
      const contents = begun('pages');
      // Pages are read side by side, and their reading ends in any order.
      for (const key of [...pages.keys()].sort(compareKeys)) add(contents, key, pages.get(key));
      return begun('source').update(names.digest()).update(contents.digest()).digest('hex');
    },
  };
}

function begun(part: string): Hash {
  return createHash('sha256').update(`s3-parallel-put shards ${SHARD_SCHEME} ${part}\n`);
}

/** Two watches as one, so that each file is read once. */
export function bothWatches(one: ContentWatch | undefined, other: ContentWatch): ContentWatch {
  if (one === undefined) return other;
  return {
    wants: (entry) => one.wants(entry) || other.wants(entry),
    reader(entry) {
      const readers = [one, other].flatMap((watch) => (watch.wants(entry) ? [watch.reader(entry)] : []));
      return {
        write(bytes) {
          for (const reader of readers) reader.write(bytes);
        },
        end() {
          for (const reader of readers) reader.end();
        },
      };
    },
  };
}
