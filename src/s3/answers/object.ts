import { S3RequestError } from '../../errors.js';
import type { HeadRequest, PartAnswer, PutAnswer, RemoteObject } from '../bucket.js';
import { wholeChecksum } from '../checksum.js';
import { type Call, notS3Response } from '../errors.js';
import { type AnswerHeader, type Integrity, isKms, type SentCheck, unquoted } from '../integrity.js';
import { unusable } from './listing.js';
import { elementText } from './xml.js';

/**
 * What the answer to a put with status 200 says. Throws `S3RequestError` where it is an error all the same: S3 may answer 200 before it fails, and
 * then names the error in the body (https://repost.aws/knowledge-center/s3-resolve-200-internalerror).
 * @param body the answer's body, which is empty as a rule
 */
export function putAnswer(
  call: Call,
  sent: SentCheck,
  integrity: Integrity,
  header: AnswerHeader,
  body: string,
): PutAnswer {
  if (body.includes('<Error')) throw errorInside(call, body);
  if (body.trim() !== '' && header('etag') === undefined) throw notS3Response(call);
  const verified = integrity.judge(sent, header);
  if (verified === 'mismatch') throw mismatch(call, unquoted(header('etag')));
  const requestId = header('x-amz-request-id');
  return { etag: unquoted(header('etag')), verified, kms: isKms(header), attempts: 1, requestId };
}

/** The error of a refused put, to be tried again at once where it was only the check that the server does not know. */
export function refusedCheck(integrity: Integrity, sent: SentCheck, error: unknown, conditional: boolean): unknown {
  if (!(error instanceof S3RequestError)) return error;
  // What the key says is not said by the server.
  const message = error.message.replace(name(error), '');
  if (!integrity.refused(sent, { code: error.code, status: error.status, message }, conditional)) return error;
  return new S3RequestError(error.message, { ...error, code: 'ChecksumRefused', cause: error });
}

const name = ({ bucket, key }: Pick<Call, 'bucket' | 'key'>): string => `s3://${bucket}/${key ?? ''}`;

/** The error that a document with status 200 holds. */
export function errorInside(call: Call, text: string): S3RequestError {
  const code = elementText(text, 'Code') ?? 'InternalError';
  const message = `${call.verb} ${name(call)}: ${code} inside an answer with status 200`;
  return new S3RequestError(message, { ...call, code, status: 200 });
}

function mismatch(call: Call, etag: string | undefined): S3RequestError {
  const message = `${call.verb} ${name(call)}: the stored object (ETag ${etag}) is not what was sent`;
  const hint = 'Something between this machine and the bucket changes bodies; the object there now is wrong.';
  return new S3RequestError(message, { ...call, code: 'ETagMismatch', status: 200, hint });
}

type Headers = Readonly<Record<string, string | undefined>>;

/** Asks for one object once, and gives the headers of the answer. */
export type Head = (call: Call, ask: HeadRequest, signal: AbortSignal) => Promise<Headers>;

const METADATA = 'x-amz-meta-';

/** HEAD as the engine wants it: undefined where the object is absent. */
export function headObject(
  bucket: string,
  head: Head,
): (key: string, signal: AbortSignal, ask?: HeadRequest) => Promise<RemoteObject | undefined> {
  return async (key, signal, ask = {}) => {
    const call: Call = { verb: 'HeadObject', bucket, key };
    try {
      return objectOf(call, key, await head(call, ask, signal));
    } catch (error) {
      if (error instanceof S3RequestError && error.status === 404) return undefined;
      throw error;
    }
  };
}

function objectOf(call: Call, key: string, headers: Headers): RemoteObject {
  if (headers['last-modified'] === undefined && headers.etag === undefined)
    throw unusable(call, 'is not about an object');
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith(METADATA)) metadata[name.slice(METADATA.length)] = value ?? '';
  return {
    key,
    size: Number(headers['content-length'] ?? 0),
    etag: unquoted(headers.etag),
    kms: isKms((name) => headers[name]),
    checksum: wholeChecksum(headers),
    metadata,
    headers,
  };
}

/** What the answer to a part says, and what the part was sent with; throws as for a put. */
export function partAnswer(
  call: Call,
  sent: SentCheck,
  integrity: Integrity,
  header: AnswerHeader,
  body: string,
): PartAnswer {
  const { etag, verified, attempts, requestId } = putAnswer(call, sent, integrity, header, body);
  return {
    etag,
    verified,
    attempts,
    requestId,
    crc32: sent.headers['x-amz-checksum-crc32'],
    md5: sent.kind === 'md5' || verified === 'md5' ? sent.md5() : undefined,
  };
}
