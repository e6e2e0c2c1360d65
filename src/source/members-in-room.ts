import type { Entry, Found } from './entry.js';
import type { Room } from './room.js';

/** Up to this many bytes a buffer of its own costs less than a place, and is gone as soon. */
const SMALL = 64 * 1024;

/**
 * Gives the members of archives that are read by range a place for their bytes, and waits before each until there is one. It stands behind
 * everything that merges or drops entries, so that nobody holds a place and waits for another.
 * @param most bytes; larger ones go up in parts, which have buffers of their own
 */
export async function* membersInRoom(
  found: AsyncIterable<Found>,
  room: Room,
  most: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Found, void> {
  for await (const unit of found) yield needsRoom(unit, most) ? await inRoom(unit, room) : unit;
}

function needsRoom(unit: Found, most: number): unit is Entry {
  const { size = 0 } = unit.kind === 'entry' ? unit : {};
  return unit.kind === 'entry' && unit.member === true && size > SMALL && size <= most;
}

async function inRoom(entry: Entry, room: Room): Promise<Entry> {
  const { size = 0 } = entry;
  const place = await room(size);
  return {
    ...entry,
    release: place.release,
    async open(grow, opening) {
      const content = await entry.open(grow, opening);
      const slice: typeof content.slice = (start, end, into) => {
        // What is sent is read as a whole; who reads parts lets go of each before the next.
        const whole = start === 0 && end === size ? place.bytes() : undefined;
        return content.slice(start, end, into ?? whole);
      };
      return { ...content, slice };
    },
  };
}
