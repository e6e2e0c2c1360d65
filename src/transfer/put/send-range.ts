import type { ResolvedPutOptions } from '../../options/resolved.js';
import type { Run } from '../../run/run.js';
import { type OpenBucketOptions, openBucketOfRun } from '../../s3/open.js';
import { openFileBy, readPolicy } from '../../source/file.js';
import { md5Hasher } from '../body/hash.js';
import { contentParts } from '../multipart/put-parts.js';
import { type PartRun, sendPartRun } from '../multipart/send-parts.js';
import { ChangedWhileRead, multipartContext } from '../multipart/types.js';
import { type ThreadInternals, workThreads } from '../threads/work-threads.js';

/** What tests replace. */
export type RangeInternals = ThreadInternals & Pick<OpenBucketOptions, 'patience' | 'clock' | 'lane'>;

/** A file whose parts are sent. */
export interface RangeFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Sends some parts of a file to an upload that another process has opened. Returns the number of requests. Throws `ChangedWhileRead` where the file
 * is written meanwhile.
 */
export async function sendRangeOfFile(
  run: Run,
  options: ResolvedPutOptions,
  { path, size }: RangeFile,
  parts: PartRun,
  internals: RangeInternals,
): Promise<number> {
  const threads = run.own(workThreads(run, options.threads, internals));
  const bucket = await openBucketOfRun(run, options.bucket, options.connection, {
    ...internals,
    ...options,
    aroundWire: threads.aroundWire,
  });
  const context = multipartContext(run, {
    bucket,
    sizing: {},
    md5: md5Hasher(threads),
    resume: options.resume,
    bufferBytes: options.memory,
    openAtOnce: 1,
  });
  const content = await openFileBy(readPolicy(true), { path });
  try {
    if (content.size !== size) throw new ChangedWhileRead(path);
    const bytes = contentParts(context, { key: parts.key, origin: path, content, partSize: size });
    const requests = await sendPartRun(context, bytes, parts);
    if (!(await content.unchanged())) throw new ChangedWhileRead(path);
    return requests;
  } finally {
    await content.close();
  }
}
