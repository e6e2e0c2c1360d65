import { S3RequestError, SourceError } from '../../errors.js';
import { formatBytes } from '../../size.js';
import { ABORT_MS } from './open-upload.js';
import type { OpenUpload, PartedObject, PartsDeps } from './parts-deps.js';

/** Dollars that S3 Standard takes for 1,000 million bytes and a month; unfinished uploads cost the same. */
const DOLLARS_A_GB = 0.023;

/** Ends an upload that is not wanted any more; what cannot be ended is told. */
export async function abortUpload(
  deps: Pick<PartsDeps, 'bucket' | 'warn'>,
  upload: Pick<OpenUpload, 'key' | 'uploadId'>,
): Promise<void> {
  const { bucket, warn } = deps;
  try {
    await bucket.abortUpload(upload, AbortSignal.timeout(ABORT_MS));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    warn(
      `upload-left ${upload.key}`,
      `The unfinished upload ${upload.uploadId} of s3://${bucket.name}/${upload.key} could not be aborted and goes on costing: ${why}`,
    );
  }
}

/**
 * Ends the work on an upload that did not come to its end: what a later run can go on with stays, and is told with its cost; anything else is
 * aborted. Gives the error to throw.
 */
export async function leaveUpload(
  deps: PartsDeps,
  object: PartedObject,
  upload: OpenUpload,
  error: unknown,
): Promise<unknown> {
  const { bucket, stop, warn, resume } = deps;
  const { key, origin } = object;
  const sent = [...upload.parts.values()];
  const bytes = sent.reduce((sum, { size }) => sum + size, 0);
  const of = object.layout.count;
  const known = error instanceof S3RequestError || error instanceof SourceError;
  const interrupted = !known && stop.aborted;
  if (!upload.resumable || sent.length === 0) {
    await abortUpload(deps, upload);
    if (resume === 'on' && sent.length > 0 && !bucket.facts().unlistedParts) {
      const why = `This server takes no marks in unfinished uploads, so what was sent of s3://${bucket.name}/${key} was aborted; resume: 'unproven' would keep it for the next run.`;
      warn('resume-unproven', why);
    }
    return interrupted ? ending(`${origin} was on its way when the run ended; its upload was aborted`, AGAIN) : error;
  }
  const dollars = (bytes / 1e9) * DOLLARS_A_GB;
  const cost = dollars < 0.005 ? 'less than a cent' : `about $${dollars.toFixed(2)}`;
  const lies = `${sent.length} of ${of} parts (${formatBytes(bytes)})`;
  warn(
    `upload-kept ${key}`,
    `s3://${bucket.name}/${key} is unfinished: ${lies} lie in the bucket and cost ${cost} a month until the same run is made again, which sends only the rest, or the upload is aborted (command uploads).`,
  );
  return interrupted
    ? ending(`${origin} was on its way when the run ended; ${lies} are in the bucket`, RESUMES)
    : error;
}

const RESUMES = 'Run the same command again: parts that have arrived are compared and not sent again.';
const AGAIN = 'Run the same command again: it is sent from its beginning.';

function ending(message: string, hint: string): SourceError {
  return new SourceError('Interrupted', message, { hint });
}
