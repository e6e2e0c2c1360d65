import { prepareCopyHeaders } from './encode/copy-headers.js';
import { copyWay } from './plan/copy-way.js';
import type { PreparedCopy } from './prepare-copy.js';
import type { RunRecord } from './run-record.js';
import type { Bucket } from './s3/bucket.js';
import { copier, dryCopier } from './transfer/copy/copier.js';
import type { Copier, CopyDeps, Relay } from './transfer/copy/copy-deps.js';
import type { Md5 } from './transfer/md5.js';
import { MemoryBudget } from './transfer/memory.js';
import { partsOfRun } from './transfer/parts/parts-of-run.js';

export interface CopiesDeps {
  readonly source: Bucket;
  readonly dest: Bucket;
  readonly relay: Relay;
  readonly md5: Md5;
  readonly record: RunRecord;
  readonly stop: { readonly signal: AbortSignal };
  readonly signal: AbortSignal;
  /** Bytes of the smallest part, where tests want others. */
  readonly internals: { readonly partFloor?: number };
}

/** Bytes that a relay sends at once, at most: they are held in memory. */
const RELAYED_AT_ONCE = 64 * 1024 * 1024;
/** Objects in parts that are open at once: they cost this machine next to nothing where the server copies. */
const OPEN_AT_ONCE = 32;

/** What carries the copies of one run out. */
export function copiesOfRun(prepared: PreparedCopy, deps: CopiesDeps): Copier {
  const { options, splitAbove } = prepared;
  const { relay, record } = deps;
  const threshold = Math.min(options.multipartThreshold, RELAYED_AT_ONCE);
  const wayOf: CopyDeps['wayOf'] = (entry, why) => copyWay(entry, { relay: why, splitAbove, threshold });
  const headers = prepareCopyHeaders(prepared);
  const asked = record.asked;
  if (options.dryRun) return dryCopier({ relay, wayOf, headers, asked });
  const memory = new MemoryBudget(options.memory);
  const stop = deps.stop.signal;
  const sizing = { partSize: options.partSize, floor: deps.internals.partFloor };
  const shared = { ...options, ...deps, bucket: deps.dest, sizing, memory, bodies: options.memory, stop };
  const learned = { sourceKms: false, destKms: headers.kms };
  const parts = partsOfRun({ ...shared, openAtOnce: OPEN_AT_ONCE });
  return copier({
    ...prepared,
    ...deps,
    wayOf,
    headers,
    learned,
    asked,
    memory,
    parts,
    stop,
    partSize: options.partSize,
  });
}
