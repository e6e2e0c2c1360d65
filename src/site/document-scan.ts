import type { ContentReader, ContentWatch } from '../source/contents.js';
import type { Entry } from '../source/types.js';
import { documentKind, type HashedFiles } from './hashed-files.js';
import type { Links } from './links.js';
import type { ScannedKind } from './references.js';

/** Reads the documents of a source once, for all that want to know what they refer to. */
export interface DocumentScan extends ContentWatch {
  /** Loads the scanner, which most runs do not need. Must be done before the first file is read. */
  load(): Promise<void>;
}

/** Undefined where nothing wants to know. Without `links` many documents need not be read as HTML, so `hashed` then reads them by itself. */
export function documentScan(hashed: HashedFiles | undefined, links: Links | undefined): DocumentScan | undefined {
  if (links === undefined) return hashed;
  let scanners: typeof import('./references.js') | undefined;

  function reader(entry: Entry, kind: ScannedKind): ContentReader {
    if (scanners === undefined) throw new TypeError('load() comes before the first file');
    const own = links?.document(entry.key);
    const hashes = hashed?.referencesOf(entry.relativePath);
    const scanner = scanners.referenceScanner(kind, (found) => {
      own?.take(found);
      hashes?.(found);
    });
    let begun = false;
    let isText = true;
    return {
      write(bytes) {
        if (!begun) isText = !isEncoded(bytes);
        begun = true;
        if (isText) scanner.write(bytes);
      },
      end() {
        scanner.end();
        if (isText) own?.end();
      },
    };
  }

  /** The page of a folder has two keys, and is read for one of them. That of a redirect refers to nothing but its target. */
  const isNoDocument = ({ key, plainKey, redirect }: Entry): boolean =>
    redirect !== undefined || (plainKey !== undefined && key.endsWith('/'));

  return {
    async load() {
      await hashed?.load();
      scanners = await import('./references.js');
    },
    wants: (entry) => (documentKind(entry) === undefined ? hashed?.wants(entry) === true : !isNoDocument(entry)),
    reader(entry) {
      const kind = documentKind(entry);
      if (kind !== undefined) return reader(entry, kind);
      if (hashed === undefined) throw new TypeError(`nothing wants ${entry.key}`);
      return hashed.reader(entry);
    },
  };
}

/** Whether bytes are compressed, or text of two bytes a letter: neither can be read as HTML. */
function isEncoded(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  return (
    (first === 0x1f && second === 0x8b) || (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  );
}
