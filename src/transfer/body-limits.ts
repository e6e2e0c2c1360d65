import { SourceError } from '../errors.js';
import { LARGEST_OBJECT } from '../part-size.js';
import type { Entry } from '../source/entry.js';

/** Most bytes of one body that can be read only once and so is held in memory. */
const MAX_BODY_BYTES: number = 256 * 1024 * 1024;

/** A source that did not keep still. */
export function changed({ origin }: Entry): SourceError {
  return new SourceError('SourceChanged', `${origin} changed while it was read, twice`, {
    hint: 'Let whatever writes it finish before it is put.',
  });
}

/** Throws where it gives more than the size that came with it. */
export function checkNamedSize({ origin }: Entry, size: number, bytes: number): void {
  if (bytes <= size) return;
  throw new SourceError('SourceChanged', `${origin} gives more than the ${size} bytes that its item names`, {
    hint: 'Leave the size out where it is not known.',
  });
}

/** Throws where it has more bytes than can be held, where they can be read only once, or than an object can have. */
export function checkSize({ origin, buffered }: Entry, bytes: number): void {
  if (buffered === true && bytes > MAX_BODY_BYTES) {
    throw new SourceError(
      'TooLarge',
      `${origin} has more than ${MAX_BODY_BYTES / 1024 / 1024} MiB, the most that is held of what can be read only once`,
      { hint: 'Unpack it, or pack it without compression; or leave it out by maxSize or exclude.' },
    );
  }
  if (bytes <= LARGEST_OBJECT) return;
  throw new SourceError('TooLarge', `${origin} is larger than the 48.8 TiB that an object can have`, {
    hint: 'Leave it out by maxSize or exclude, or split it.',
  });
}

/** Throws where a file that was small when it was listed would be taken into memory whatever it has become. */
export function checkGrown({ origin, size = 0 }: Entry, bytes: number): void {
  if (bytes <= Math.max(size, MAX_BODY_BYTES)) return;
  throw new SourceError('SourceChanged', `${origin} grew from ${size} to ${bytes} bytes after it was listed`, {
    hint: 'Let whatever writes it finish before it is put.',
  });
}
