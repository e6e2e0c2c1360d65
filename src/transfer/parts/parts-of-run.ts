import { setMaxListeners } from 'node:events';
import { Limiter } from '../limiter.js';
import type { MemoryBudget } from '../memory.js';
import { partBuffers } from './part-buffers.js';
import { partQueue } from './part-queue.js';
import type { PartsDeps } from './parts-deps.js';

export interface PartsOfRunDeps extends Pick<PartsDeps, 'bucket' | 'sizing' | 'md5' | 'resume' | 'stop'> {
  readonly memory: MemoryBudget;
  /** Bytes of buffers that are kept for later. */
  readonly bodies: number;
  readonly record: Pick<PartsDeps, 'warn' | 'meter'>;
  /** The run's own. */
  readonly signal: AbortSignal;
  /** Objects in parts that may be open at once. */
  readonly openAtOnce: number;
}

/** After an abort what is under way may still finish for so long. */
const GRACE_MS = 3_000;

/** What uploads of one run share. */
export function partsOfRun(deps: PartsOfRunDeps): PartsDeps {
  const { bucket, sizing, md5, resume, stop, memory, bodies, record, signal, openAtOnce } = deps;
  const turns = new Limiter(openAtOnce, stop);
  let begun = 0;
  return {
    bucket,
    sizing,
    md5,
    resume,
    stop,
    signal: afterGrace(signal),
    queue: partQueue(memory),
    buffers: partBuffers(bodies),
    warn: record.warn,
    meter: record.meter,
    inTurn: (work) => turns.run(() => work(begun++)),
  };
}

/** Aborted a while after the given signal. */
function afterGrace(signal: AbortSignal): AbortSignal {
  const late = new AbortController();
  // All parts in flight listen to it.
  setMaxListeners(0, late.signal);
  const later = () => setTimeout(() => late.abort(signal.reason), GRACE_MS).unref();
  if (signal.aborted) later();
  else signal.addEventListener('abort', later, { once: true });
  return late.signal;
}
