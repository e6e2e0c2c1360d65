import type { Layout, PartRange } from '../../model/part-layout.js';
import type { HeaderMap } from '../../options/types.js';
import type { MultipartContext, OpenUpload, PartBytes, PartMeter, PartSequence } from './types.js';

interface PartSender {
  readonly bytes: Pick<PartBytes, 'memoryOf' | 'send'>;
  readonly age: number;
}

/** The parts of an object that are not stored, in their order. */
export function* missingParts(
  { count, range }: Layout,
  stored: Pick<OpenUpload['parts'], 'has'>,
): Generator<PartRange, void> {
  for (let number = 1; number <= count; number++) if (!stored.has(number)) yield range(number);
}

/**
 * Sends parts of an upload concurrently and records each. Throws the first error after all parts in flight have finished; `ChangedWhileRead` where
 * the source has changed.
 */
export function sendParts({
  queue,
  stop,
}: Pick<MultipartContext, 'queue' | 'stop'>): (
  object: PartSender,
  upload: OpenUpload,
  meter: PartMeter,
  parts: PartSequence,
) => Promise<number> {
  return async ({ bytes, age }, upload, meter, parts) => {
    const tasks = new Set<Promise<void>>();
    let failure: { readonly error: unknown } | undefined;
    let requests = 0;

    async function send(range: PartRange): Promise<void> {
      const size = range.end - range.start;
      const slot = await queue.enter(age, bytes.memoryOf(size), stop);
      if (failure !== undefined) return slot.leave();
      const task = bytes
        .send(upload, range)
        .then(
          ({ record, attempts, durationMs }) => {
            upload.parts.set(record.number, record);
            requests += attempts;
            meter.add(size, false);
            slot.leave(durationMs);
          },
          (error) => {
            failure ??= { error };
            slot.leave();
          },
        )
        .finally(() => tasks.delete(task));
      tasks.add(task);
    }

    try {
      for await (const range of parts) {
        if (failure !== undefined) break;
        if (range !== undefined) await send(range);
      }
    } catch (error) {
      failure ??= { error };
    }
    await Promise.all(tasks);
    if (failure !== undefined) throw failure.error;
    return requests;
  };
}

/** Some parts of an upload that another process has opened, and completes. */
export interface PartRun {
  readonly key: string;
  readonly uploadId: string;
  /** Headers that each request for a part needs. */
  readonly headers: HeaderMap;
  readonly crc32: boolean;
  readonly encrypted: boolean;
  readonly ranges: readonly PartRange[];
  /** Takes the records of parts that are stored, by number. */
  readonly stored: OpenUpload['parts'];
}

/** Sends some parts of an upload that another process has opened. Returns the number of requests. */
export function sendPartRun(
  context: MultipartContext,
  bytes: PartSender['bytes'],
  { ranges, stored, ...upload }: PartRun,
): Promise<number> {
  const open = { ...upload, parts: stored, resumable: true, adopted: true, unproven: false };
  const meter = { add: () => {}, end: () => {} };
  return sendParts(context)({ bytes, age: 0 }, open, meter, ranges);
}
