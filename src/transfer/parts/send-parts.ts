import type { PartRange } from '../../part-size.js';
import type { OpenUpload, PartedObject, PartMeter, PartsDeps } from './parts-deps.js';

/**
 * Sends the parts that an upload lacks, several at once, and records each. Throws the first error once all that were on their way are done;
 * `ChangedWhileRead` where the source is not what it was.
 * @returns requests made
 */
export async function sendParts(
  { queue, stop }: Pick<PartsDeps, 'queue' | 'stop'>,
  { layout, bytes, age }: PartedObject,
  upload: OpenUpload,
  meter: PartMeter,
): Promise<number> {
  const tasks = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let requests = 0;

  async function send(range: PartRange): Promise<void> {
    const size = range.end - range.start;
    const place = await queue.enter(age, bytes.memoryOf(size), stop);
    if (failure !== undefined) return place.leave();
    const task = bytes
      .send(upload, range)
      .then(
        ({ record, attempts, durationMs }) => {
          upload.parts.set(record.number, record);
          requests += attempts;
          meter.add(size, false);
          place.leave(durationMs);
        },
        (error) => {
          failure ??= { error };
          place.leave();
        },
      )
      .finally(() => tasks.delete(task));
    tasks.add(task);
  }

  try {
    for (let number = 1; number <= layout.count && failure === undefined; number++)
      if (!upload.parts.has(number)) await send(layout.range(number));
  } catch (error) {
    failure ??= { error };
  }
  await Promise.all(tasks);
  if (failure !== undefined) throw failure.error;
  return requests;
}
