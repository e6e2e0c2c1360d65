import type { Content } from '../model/content.js';
import type { Encoding } from '../model/encodings.js';
import type { FilePhase } from '../model/site-phases.js';
import type { CleanUrls } from '../options/site-types.js';
import type { GzipOption, HeaderValues } from '../options/types.js';
import type { Outcome } from '../report/types.js';
import type { Blocks } from '../run/blocks.js';
import type { BufferLender } from '../run/body-buffers.js';
import type { OneShotStream } from './stream.js';

/** What proves that a file is the one that was seen before, and that nothing wrote to it since: a tool can set the other times back, but not `ctimeMs`. */
export interface FileStamp {
  readonly dev: number;
  readonly ino: number;
  readonly ctimeMs: number;
  /** When it was last written, in ms since 1970: the one thing of a stamp besides the size that a copy on another machine can have, too. */
  readonly mtimeMs: number;
  /** Bytes. */
  readonly size: number;
}

/** A file to read. */
export interface FileRef {
  readonly path: string;
  /** What it was when it was found; undefined where nothing is known yet. */
  readonly seen?: FileStamp | undefined;
  /** It was no symlink when it was found, so that it is not read as one. */
  readonly noLink?: boolean | undefined;
  /** Throws where another file than the one that was seen may not be read. */
  readonly confirm?: Confirm | undefined;
  /** How it is read. */
  readonly reads?: ReadPolicy | undefined;
}

/** Whether small files are read synchronously, which blocks for as long as the disk takes, or through the thread pool. */
export interface ReadPolicy {
  readonly sync: boolean;
  /** Records how many milliseconds it took to open and read one file synchronously. */
  recordRead(ms: number): void;
}

/** Checks what was opened at a path, where that is not what was seen there. Throws `SourceError`. */
export type Confirm = (path: string, opened: FileStamp) => void;

/** Called once for each item that has an `onSettled`, with its outcome and the headers that it was sent with. */
export type Settled = (outcome?: Outcome, headers?: Readonly<Record<string, string>>) => void;

/** Something that can become an object: its key, where its bytes come from, and how to open them. */
export interface Entry {
  readonly kind: 'entry';
  /** Remote key, with the prefix. */
  readonly key: string;
  /** The key that its name gives, where clean URLs give it another one: the content type and the compression go by it. */
  readonly plainKey?: string;
  /** Label for people of where the bytes come from: a file's path as the user would type it, or `(buffer)` and the like. */
  readonly origin: string;
  /** Path relative to the source with `/`; globs and hooks see it. */
  readonly relativePath: string;
  /** Bytes; undefined where they are known only by reading (a stream). */
  readonly size: number | undefined;
  /** Whether it can be read only once: opening it collects its bytes in memory. */
  readonly buffered?: true;
  /** The stream that it comes from, which may be larger than memory. */
  readonly stream?: OneShotStream;
  /** Whether it is in an archive that is read by range. Archives use little memory whatever their size, so its bytes need a lease of member memory. */
  readonly member?: true;
  /**
   * Call it once the entry will not be opened any more, whether it was opened or not. A source that cannot hold all of its bytes waits for this
   * before it continues, so code that drops an entry must call it, too.
   */
  readonly release?: () => void;
  /** Headers that came with the entry itself (iterable sources). */
  readonly headers?: HeaderValues;
  /** Its compression, where that came with the entry itself; at most one of the two. */
  readonly gzip?: GzipOption;
  readonly compress?: Encoding | false;
  /** The coding that its bytes are in, where its own name shows it: a compressed copy of another file. Headers win over it. */
  readonly encoding?: Encoding;
  /** The file that it is a compressed copy of, which is put in its place: for all that looks into contents. */
  readonly plain?: Pick<Entry, 'open'>;
  /** Its phase in the order of a site, where that came with the entry itself. */
  readonly phase?: FilePhase;
  /** Its clean URLs, where those came with the entry itself. */
  readonly cleanUrls?: CleanUrls | false;
  /** Where it redirects to: such an object is compared by its bytes and by this header in every run. */
  readonly redirect?: string;
  /** Name that its content type is guessed from instead of its key. */
  readonly typeName?: string;
  /** Name of the file in an item's body. */
  readonly fileName?: string;
  /** Called with its outcome, or without one where it was left out or not attempted. */
  readonly settled?: Settled | undefined;
  /** Called when it is kept for a later phase. */
  readonly held?: (() => void) | undefined;
  /** The file on the local disk that holds its bytes and nothing else. */
  readonly file?: FileRef;
  /** Reads all bytes of a small file synchronously; undefined where it must be opened. Throws `SourceError`. */
  readonly readWhole?: (lender: BufferLender) => Buffer | undefined;
  /**
   * Opens the bytes. Most are read from where they are; a stream is first collected in memory, and calls `grow` to reserve it.
   * Throws `SourceError`.
   */
  open(grow: (bytes: number) => Promise<void>, signal: AbortSignal): Promise<Content>;
}

/** Something in the source that cannot become an object. `fail` makes the run fail, `skip` does not. */
export interface Unusable {
  readonly kind: 'unusable';
  readonly settled?: Settled | undefined;
  readonly action: 'skip' | 'fail';
  readonly key: string;
  readonly origin: string;
  readonly reason: string;
  readonly error?: Error;
}

/**
 * Something that the source has and does not put, so that a remote key of that name is no stray. Only a walk that is asked for it yields it.
 */
export interface LeftOut {
  readonly kind: 'leftOut';
  /** Its key; of a directory, with `/` at its end. */
  readonly key: string;
  /** Whether all keys that begin with this one count as present too: a directory that was not opened. */
  readonly below: boolean;
  /** It is a folder that may have a page: only an object without bytes is its marker, and one with bytes may be a stray. */
  readonly marker?: true;
  /** Its clean URLs, where those came with it. */
  readonly cleanUrls?: CleanUrls | false;
}

/** What a source yields. */
export type Found = Entry | Unusable | LeftOut;

/**
 * What a source yields, block by block. What waits for the release of one unit before it has the next comes in blocks of one: members of archives, and
 * items.
 */
export type FoundBlocks = Blocks<Found>;

/** Where objects come from. */
export interface Source {
  /** Whether it yields whole keys in ascending UTF-8 byte order, so that the listing can be merged. */
  readonly ordered: boolean;
  /** Whether all of it can be walked twice, so that a survey knows its totals. */
  readonly repeatable: boolean;
  /** Whether it can be walked again although not all of it can be surveyed: what is read once are files, not iterables. */
  readonly rewalkable: boolean;
  /**
   * For each place in the bucket that sources are put to, and that has this key: the paths, relative to the source, of files that would have it.
   * More than one with clean URLs, none where a function makes the keys.
   */
  pathsOf(key: string): readonly (readonly string[])[];
  /** Whether it has more than single files, so that it says which keys it does not have. Throws `UsageError` where a path does not exist. */
  hasFolder(): boolean;
  /**
   * Walks the part that can be walked twice, and checks what it can of the rest, before anything is sent; absent where there is nothing to walk
   * or check. Throws `UsageError`.
   */
  readonly survey?: (signal: AbortSignal) => FoundBlocks;
  /** Walks it, each time from the start. */
  walk(signal: AbortSignal): FoundBlocks;
}
