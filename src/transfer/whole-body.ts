import type { Body } from '../s3/bucket.js';
import type { Entry } from '../source/entry.js';
import { changed, checkGrown } from './body-limits.js';
import type { EntryBody } from './entry-body.js';
import { openedSlices } from './opened-content.js';
import { LARGEST_BUFFER } from './slices.js';

/**
 * All bytes of an entry, read anew for each time that they are sent; in slices where they are too many for one buffer.
 * @param listed the size that the file may have grown or shrunk from since
 * @param begins called each time that they are asked for
 */
export function wholeBody(
  entry: Entry,
  from: Pick<EntryBody, 'open' | 'measure'>,
  listed: number,
  begins: () => void,
): Body {
  if (entry.buffered !== true && listed > LARGEST_BUFFER) return inSlices(entry, from, listed, begins);
  // No getter: an object literal that has one is given a hidden class of its own, which lives, and all that it refers to, until a full collection.
  const body = {
    size: listed,
    read() {
      begins();
      const whole = entry.readWhole?.();
      if (whole === undefined) return readSteadily();
      body.size = whole.length;
      return whole;
    },
  };

  async function readSteadily(): Promise<Buffer> {
    const bytes = await from.measure((content) => {
      checkGrown(entry, content.size);
      return content.slice(0, content.size);
    });
    body.size = bytes.length;
    return bytes;
  }
  return body;
}

function inSlices(entry: Entry, from: Pick<EntryBody, 'open' | 'measure'>, size: number, begins: () => void): Body {
  return {
    size,
    read() {
      begins();
      return from.measure((content) => content.slice(0, content.size));
    },
    slices() {
      begins();
      return openedSlices(
        () => from.open(),
        size,
        () => changed(entry),
      );
    },
  };
}
