import type { PartOptions } from '../part-options.js';
import type { PartSizing } from '../part-size.js';
import type { Retry } from '../report/event.js';
import type { Bucket } from '../s3/bucket.js';
import type { Md5 } from './md5.js';
import type { MemoryBudget } from './memory.js';
import type { PartsDeps } from './parts/parts-deps.js';
import { partsOfRun } from './parts/parts-of-run.js';
import { partsPutter } from './parts/put-in-parts.js';
import { type StreamPutter, streamPutter } from './parts/put-stream.js';
import { type Putter, putter } from './put-entry.js';

export interface BySizeDeps {
  readonly bucket: Bucket;
  readonly options: PartOptions & { readonly memory: number };
  readonly sizing: PartSizing;
  readonly memory: MemoryBudget;
  readonly md5: Md5;
  readonly record: Pick<PartsDeps, 'warn' | 'meter'> & { readonly waiting: Map<string, Retry> };
  readonly signal: AbortSignal;
  readonly stop: { readonly signal: AbortSignal };
}

/** Objects in parts that are open at once: each has a file open, and few keep the line busy. */
const OPEN_AT_ONCE = 4;

/** The ways to put one object, by what it is. */
export interface Putters {
  /** In one request, or in parts where it is larger than the threshold. */
  readonly bySize: Putter;
  /** In parts as its bytes come. */
  readonly stream: StreamPutter;
}

/** Puts objects for real. What large ones share is made when the first of them comes. */
export function putters(deps: BySizeDeps): Putters {
  const { options, record } = deps;
  const { multipartThreshold: most } = options;
  const plain = putter(deps.bucket, deps.signal, record.waiting);
  let large: { readonly parts: Putter; readonly stream: StreamPutter } | undefined;

  function inParts(): NonNullable<typeof large> {
    if (large === undefined) {
      const shared = partsOfRun({
        ...deps,
        resume: options.resume,
        bodies: options.memory,
        stop: deps.stop.signal,
        openAtOnce: OPEN_AT_ONCE,
      });
      large = { parts: partsPutter(shared), stream: streamPutter(shared) };
    }
    return large;
  }

  return {
    bySize(entry, body, decision, headers) {
      const { size } = entry;
      if (size !== undefined && size <= most) return plain(entry, body, decision, headers);
      return body.size().then((bytes) => (bytes > most ? inParts().parts : plain)(entry, body, decision, headers));
    },
    stream: (...put) => inParts().stream(...put),
  };
}
