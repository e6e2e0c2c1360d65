import { malformed } from './answer-headers.js';

const SIZE_LINE = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i;
const MAX_LINE = 4_096;
const CR = 13;
const LF = 10;

/**
 * Takes a chunked body apart (RFC 9112, 7.1), however its bytes arrive. Trailers are read and dropped: no checksum that S3 sends in one is asked
 * for.
 */
export class ChunkedBody {
  #state: 'size' | 'bytes' | 'after' | 'trailer' | 'done' = 'size';
  #line = '';
  #left = 0;

  get done(): boolean {
    return this.#state === 'done';
  }

  /**
   * Reads from `start` on; gives pieces of the body to `take`, and returns where the body ended or the bytes did. Throws `HttpFailure`.
   * A piece is only good during the call.
   */
  read(bytes: Buffer, start: number, take: (piece: Buffer) => void): number {
    let at = start;
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'bytes') {
        const end = Math.min(bytes.length, at + this.#left);
        take(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#state = 'after';
      } else {
        at = this.#readLine(bytes, at);
      }
    }
    return at;
  }

  #readLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(LF, at);
    this.#line += bytes.toString('latin1', at, end < 0 ? bytes.length : end + 1);
    if (this.#line.length > MAX_LINE) throw malformed('has a chunk header without an end');
    if (end < 0) return bytes.length;
    if (this.#line.charCodeAt(this.#line.length - 2) !== CR) throw malformed('has a line that ends without CR');
    const line = this.#line.slice(0, -2);
    this.#line = '';
    this.#next(line);
    return end + 1;
  }

  #next(line: string): void {
    if (this.#state === 'after') {
      if (line !== '') throw malformed('has a chunk that is longer than it says');
      this.#state = 'size';
    } else if (this.#state === 'trailer') {
      if (line === '') this.#state = 'done';
    } else {
      const size = SIZE_LINE.exec(line)?.[1];
      if (size === undefined) throw malformed(`has the chunk header ${JSON.stringify(line.slice(0, 40))}`);
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailer' : 'bytes';
    }
  }
}
