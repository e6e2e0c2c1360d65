import type { Body } from '../s3/bucket.js';
import type { Content } from '../source/entry.js';

/**
 * The bytes of one entry while it is handled, and the memory that they take. What reads them throws `SourceError` where they cannot be had, and the
 * signal's reason when it is aborted.
 */
export interface EntryBody {
  /** Its bytes come once: what was read of them by `pieces` is gone. */
  readonly once: boolean;
  /** Bytes; a stream of unknown length is collected to tell. */
  size(): Promise<number>;
  /** Has it more than so many bytes? A stream is read just so far; if it has not ended then, only `pieces` can give its bytes. */
  outgrows(most: number): Promise<boolean>;
  /** The bytes in their order, once, and in memory no longer than they are looked at; a file that changes meanwhile is an error. */
  pieces(): AsyncIterable<Buffer>;
  /** MD5 of the source, lower-case hex. */
  md5(): Promise<string>;
  /** Anything else that the bytes tell; read once more where they change meanwhile. */
  measure<T>(of: (content: Content) => Promise<T>): Promise<T>;
  /** Opens the bytes, for who reads them by range and looks himself whether they change. Whoever opened them closes them. */
  open(): Promise<Content>;
  /**
   * Waits until the whole body may be held in memory, and gives it.
   * @param begins called each time that its bytes are asked for
   */
  ready(begins?: () => void): Body | Promise<Body>;
  /** Says that so many bytes, made from it, are held from now on in its place. */
  holds(bytes: number): void;
  /** Throws where the size that is known is more than can be put. */
  check(): void;
  /** Has this called when the body is released. */
  onRelease(call: () => void): void;
  /** Gives the memory back. */
  release(): void;
}
