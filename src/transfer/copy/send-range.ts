import type { Run } from '../../run/run.js';
import { type OpenBucketOptions, openBucketOfRun } from '../../s3/open.js';
import type { CopyEntry } from '../../source/bucket.js';
import { md5Hasher } from '../body/hash.js';
import { type PartRun, sendPartRun } from '../multipart/send-parts.js';
import { multipartContext } from '../multipart/types.js';
import { workThreads } from '../threads/work-threads.js';
import type { CopyEnds, PreparedCopy } from './context.js';
import { copiedParts } from './copy-parts.js';
import { relayedParts } from './relay.js';

/** The object that is copied, and how. */
export interface RangeObject {
  readonly entry: CopyEntry;
  /** The bytes pass through this machine. */
  readonly relayed: boolean;
}

/**
 * Copies some parts of an object to an upload that another process has opened. Returns the number of requests. Throws `ChangedWhileRead` where the
 * source is another object by now.
 */
export async function sendRangeOfObject(
  run: Run,
  prepared: PreparedCopy,
  { entry, relayed }: RangeObject,
  parts: PartRun,
  internals: Pick<OpenBucketOptions, 'patience' | 'clock' | 'lane'>,
): Promise<number> {
  const { options, paths, sourceOwner } = prepared;
  const open = (name: string, connection: PreparedCopy['source']) =>
    openBucketOfRun(run, name, connection, { ...internals, ...options });
  const source = await open(paths.sourceBucket, prepared.source);
  const dest = await open(paths.bucket, prepared.dest);
  const context = multipartContext(run, {
    bucket: dest,
    sizing: {},
    md5: md5Hasher(run.own(workThreads(run, 1))),
    resume: options.resume,
    bufferBytes: options.memory,
    openAtOnce: 1,
  });
  const ends: CopyEnds = { source, dest, sourceOwner, parts: context };
  // An object of several parts: each names its range.
  const bytes = relayed ? relayedParts(ends, entry) : copiedParts(ends, entry, { count: Number.POSITIVE_INFINITY });
  return sendPartRun(context, bytes, parts);
}
