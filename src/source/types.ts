import type { Content } from '../model/content.js';
import type { GzipOption } from '../options/types.js';
import type { Outcome } from '../report/types.js';
import type { OneShotStream } from './stream.js';

/** Called once for each item that wants to know. */
export type Settled = (outcome?: Outcome, headers?: Readonly<Record<string, string>>) => void;

/** Something that can become an object: a key, where its bytes come from, and how to open them. */
export interface Entry {
  readonly kind: 'entry';
  /** Remote key, with the prefix. */
  readonly key: string;
  /** Human label of where the bytes come from: a file's path as the user would type it, or `(buffer)` and the like. */
  readonly origin: string;
  /** Path relative to the source with `/`, what globs and hooks see. */
  readonly relativePath: string;
  /** Bytes; undefined where only reading can tell (a stream). */
  readonly size: number | undefined;
  /** Can be read only once: opening collects it in memory. */
  readonly buffered?: true;
  /** The stream that it comes from, where that may be longer than memory. */
  readonly stream?: OneShotStream;
  /** Lies in an archive that is read by range. Archives take little memory whatever they hold, so its bytes need a place in a room. */
  readonly member?: true;
  /**
   * To be called once nobody will open it any more, opened or not. A source that cannot hold all of its bytes waits for that before it goes on,
   * so whoever drops an entry calls it.
   */
  readonly release?: () => void;
  /** Headers that came with the entry itself (iterable sources). */
  readonly headers?: Readonly<Record<string, string>>;
  /** The same, for its compression. */
  readonly gzip?: GzipOption;
  /** Name that its content type is guessed from, whatever its key. */
  readonly typeName?: string;
  /** Name of the file in an item's body. */
  readonly fileName?: string;
  /** Told what became of it, or nothing where it was left out or not attempted. */
  readonly settled?: Settled | undefined;
  /** All bytes of a small file, read at once as they are in one moment; undefined where they must be opened. Throws `SourceError`. */
  readonly readWhole?: () => Buffer | undefined;
  /**
   * Opens the bytes. Most are read from where they are; a stream is first collected in memory, and asks `grow` for room.
   * Throws `SourceError`.
   */
  open(grow: (bytes: number) => Promise<void>, signal: AbortSignal): Promise<Content>;
}

/** Something the source holds that cannot become an object. `fail` makes the run fail, `skip` does not. */
export interface Unusable {
  readonly kind: 'unusable';
  readonly settled?: Settled | undefined;
  readonly action: 'skip' | 'fail';
  readonly key: string;
  readonly origin: string;
  readonly reason: string;
  readonly error?: Error;
}

/** What a source yields. */
export type Found = Entry | Unusable;

/** Where objects come from. */
export interface Source {
  /** In ascending UTF-8 byte order of whole keys? Then the listing can be merged. */
  readonly ordered: boolean;
  /** Can all of it be walked twice? Then a survey knows its totals. */
  readonly repeatable: boolean;
  /**
   * Walks the part that can be walked twice, and checks what can be checked of the rest, before anything is sent; absent where there is nothing
   * of that kind. Throws `UsageError`.
   */
  readonly survey?: (signal: AbortSignal) => AsyncIterable<Found>;
  /** Walks it, from the start at each call. */
  walk(signal: AbortSignal): AsyncIterable<Found>;
}
