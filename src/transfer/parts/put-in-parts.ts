import { SourceError } from '../../errors.js';
import { LARGEST_OBJECT, partSizeFor } from '../../part-size.js';
import type { Content, Entry } from '../../source/entry.js';
import { changed } from '../body-limits.js';
import type { EntryBody } from '../entry-body.js';
import type { PutDecision, Putter, Result } from '../put-entry.js';
import { type Carried, partsCarrier, untilSettled } from './carry-out.js';
import { contentParts } from './content-parts.js';
import { evenLayout } from './layout.js';
import { ChangedWhileRead } from './part-bytes.js';
import type { PartedObject, PartsDeps } from './parts-deps.js';

/** Puts objects in parts: goes on with what an earlier run has left, sends what is missing, completes, and proves the result. */
export function partsPutter(deps: PartsDeps): Putter {
  const carryOut = partsCarrier(deps);

  return (entry, body, decision, headers) =>
    deps.inTurn(async (age) => {
      const meter = deps.meter();
      const { onlyIfAbsent } = decision;
      let size = 0;
      try {
        const carried = await untilSettled((tries) =>
          steadily(entry, body, (content) => {
            size = content.size;
            return carryOut(objectOf(entry, content, headers, age), { onlyIfAbsent, fresh: tries > 0, meter });
          }),
        );
        return resultOf(size, decision, carried);
      } finally {
        meter.end();
      }
    });

  function objectOf(
    { key, origin }: Entry,
    content: Content,
    headers: Readonly<Record<string, string>>,
    age: number,
  ): PartedObject {
    const { size } = content;
    if (size > LARGEST_OBJECT) throw tooLarge(origin);
    const partSize = partSizeFor(size, deps.sizing);
    const bytes = contentParts(deps, { key, origin, content, partSize });
    return { key, origin, headers, age, layout: evenLayout(size, partSize), bytes, checksummed: true };
  }
}

function resultOf(size: number, { reason }: PutDecision, carried: Exclude<Carried, { readonly end: 'anew' }>): Result {
  const { attempts } = carried;
  if (carried.end === 'appeared') {
    const skipped = { bytes: 0, sourceBytes: size, verified: 'none', attempts } as const;
    return { action: 'skip', reason: 'appeared during the run', ...skipped };
  }
  const { etag, verified, takenOver } = carried;
  const facts = { bytes: size, sourceBytes: size, verified, attempts, ...(etag !== undefined && { etag }) };
  return { action: 'put', reason, ...facts, ...(takenOver > 0 && { takenOver }) };
}

/** Opens the bytes, and opens them once more where they changed while they were read. */
async function steadily(entry: Entry, body: EntryBody, once: (content: Content) => Promise<Carried>): Promise<Carried> {
  for (let tries = 1; tries <= 2; tries++) {
    const content = await body.open();
    try {
      return await once(content);
    } catch (error) {
      if (!(error instanceof ChangedWhileRead)) throw error;
    } finally {
      await content.close();
    }
  }
  throw changed(entry);
}

function tooLarge(origin: string): SourceError {
  return new SourceError('TooLarge', `${origin} is larger than the 48.8 TiB that an object can have`, {
    hint: 'Leave it out by maxSize or exclude, or split it.',
  });
}
