import type { Run } from '../../run/run.js';
import type { AroundWire } from '../../s3/open.js';
import { usableCores } from './cores.js';
import { type Hashing, hashing } from './hashing.js';
import { aroundWire } from './lane.js';
import { threadPool } from './pool.js';

/** The threads of one run: they hash what is compared, and send what is put. */
export interface WorkThreads extends Hashing {
  /** Lets threads send, where there is more than the main thread. */
  readonly aroundWire: AroundWire | undefined;
  close(): Promise<void>;
}

/** What tests replace. */
export interface ThreadInternals {
  /** Bytes from which on bodies are sent by threads. */
  readonly smallestOnThread?: number;
  /** What threads load to send. */
  readonly senderUrl?: string;
}

/** @param threads how many, the main thread included */
export function workThreads(
  { record, stop }: Pick<Run, 'record' | 'stop'>,
  threads: number | 'auto',
  { smallestOnThread, senderUrl }: ThreadInternals = {},
): WorkThreads {
  const most = threads === 'auto' ? usableCores() : threads;
  const pool = threadPool({ most, warn: record.warn, senderUrl, explicit: threads !== 'auto' });
  const totalBytes = () => record.totals?.bytes;
  return {
    ...hashing(pool, stop.signal),
    aroundWire: most === 1 ? undefined : aroundWire(pool, { threads, totalBytes, smallest: smallestOnThread }),
    close: () => pool.close(),
  };
}
