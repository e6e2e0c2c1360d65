import { S3RequestError } from '../errors.js';
import type { RemoteState } from '../plan/decide.js';
import type { RunRecord } from '../run/record.js';
import type { Bucket, HeadRequest, RemoteObject } from '../s3/bucket.js';

/** What a HEAD of a listed key tells. `absent`: it is gone meanwhile; `denied`: it may not be asked. */
export type HeadResult = RemoteObject | 'absent' | 'denied';

/** Asks about one key that a listing has named; `why` is for the report. Throws what a HEAD throws, except that it is denied. */
export type HeadObject = (key: string, why: string, request?: HeadRequest) => Promise<HeadResult>;

export interface HeadDeps {
  readonly bucket: Bucket;
  readonly record: Pick<RunRecord, 'countHead' | 'warn'>;
  readonly signal: AbortSignal;
}

/**
 * Asks by HEAD what a listing cannot tell. Who may list but not read (`s3:GetObject`) is refused; that is no failure, as a put needs no HEAD. The
 * first answer of a run tells whether asking makes sense, so the others wait for it: if it is a refusal, nobody asks again.
 */
export function headObjects({ bucket, record, signal }: HeadDeps): HeadObject {
  let allowed: boolean | undefined;
  let checksums = true;
  let first: Promise<unknown> | undefined;

  async function head(key: string, { checksum, ...plain }: HeadRequest): Promise<HeadResult> {
    const withChecksum = checksum === true && checksums;
    try {
      return (await bucket.headObject(key, signal, withChecksum ? { checksum } : plain)) ?? 'absent';
    } catch (error) {
      if (!(error instanceof S3RequestError)) throw error;
      // There are servers that do not know checksums, and refuse who asks for them.
      if (withChecksum && (error.status === 501 || error.status === 400)) {
        const answer = await head(key, plain);
        checksums = false;
        return answer;
      }
      if (error.code !== 'AccessDenied') throw error;
      // The checksum of what a KMS key encrypts is told only to who may decrypt it.
      if (withChecksum) return head(key, plain);
      const message = `HEAD of objects in "${bucket.name}" is denied (s3:GetObject): what only a HEAD can prove to be unchanged is put again.`;
      record.warn('head-denied', message);
      return 'denied';
    }
  }

  return async (key, why, request = {}) => {
    while (allowed === undefined && first !== undefined) await first;
    if (allowed === false) return 'denied';
    record.countHead(why);
    const answer = head(key, request);
    // Where nothing was learned, the next one asks as the first.
    if (allowed === undefined) first = answer.then(learn, () => {}).finally(() => (first = undefined));
    return answer;
  };

  function learn(headed: HeadResult): void {
    allowed = headed !== 'denied';
  }
}

/** Asks for one key by HEAD. S3 answers 403 for an absent key to who may not list, so a 403 tells nothing. */
export async function headRemote(
  bucket: Bucket | undefined,
  record: Pick<RunRecord, 'countHead'>,
  key: string,
  signal: AbortSignal,
): Promise<RemoteState> {
  try {
    record.countHead('not listed');
    const found = await bucket?.headObject(key, signal);
    if (found === undefined) return { state: 'absent', proof: 'proven' };
    const { size, etag, metadata, kms } = found;
    return { state: 'present', size, etag, metadata, kms };
  } catch (error) {
    if (error instanceof S3RequestError && error.code === 'AccessDenied') return { state: 'unknown' };
    throw error;
  }
}
