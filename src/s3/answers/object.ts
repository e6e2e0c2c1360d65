import { S3RequestError } from '../../errors.js';
import { textIn } from '../../report/message.js';
import type { HeadRequest, PartAnswer, PutAnswer, RemoteObject } from '../bucket.js';
import { wholeChecksum } from '../checksum.js';
import { type Call, notS3Response } from '../errors.js';
import { type Integrity, isKms, type ResponseHeader, type SentCheck, unquoted } from '../integrity.js';
import { errorInBody, unusableResponse } from './document.js';
import { rootName } from './xml.js';

/**
 * Reads the response to a put with status 200. Throws `S3RequestError` if it is an error nevertheless: S3 may send the 200 before it fails, and then
 * names the error in the body (https://repost.aws/knowledge-center/s3-resolve-200-internalerror).
 * @param body the response's body, which is usually empty
 */
export function putAnswer(
  call: Call,
  sent: SentCheck,
  integrity: Integrity,
  header: ResponseHeader,
  body: string,
): PutAnswer {
  if (body !== '' && rootName(body) === 'Error') throw errorInBody(call, body);
  if (body.trim() !== '' && header('etag') === undefined) throw notS3Response(call, body);
  const verified = integrity.judge(sent, header);
  if (verified === 'mismatch') throw mismatch(call, unquoted(header('etag')));
  const requestId = header('x-amz-request-id');
  return { etag: unquoted(header('etag')), verified, kms: isKms(header), attempts: 1, requestId };
}

/** The error of a refused put. It can be retried immediately if the server refused only the checksum header. */
export function refusedCheck(integrity: Integrity, sent: SentCheck, error: unknown, conditional: boolean): unknown {
  if (!(error instanceof S3RequestError)) return error;
  // The key is not the server's text: it must not match the words that are looked for.
  const message = error.message.replace(name(error), '');
  if (!integrity.handleRefusal(sent, { code: error.code, status: error.status, message }, conditional)) return error;
  return new S3RequestError(error.message, {
    ...error,
    hint: textIn(error, 'hint'),
    code: 'ChecksumRefused',
    cause: error,
  });
}

const name = ({ bucket, key }: Pick<Call, 'bucket' | 'key'>): string => `s3://${bucket}/${key ?? ''}`;

function mismatch(call: Call, etag: string | undefined): S3RequestError {
  const message = `${call.verb} ${name(call)}: the stored object (ETag ${etag}) is not what was sent`;
  const hint =
    'Something between this machine and the bucket changes bodies; the object that is stored now is corrupt.';
  return new S3RequestError(message, { ...call, code: 'ETagMismatch', status: 200, hint, storedEtag: etag });
}

type ResponseHeaders = Readonly<Record<string, string | undefined>>;

/** Sends one HEAD in one attempt, and returns the headers of the response. */
export type SendHead = (call: Call, request: HeadRequest, signal: AbortSignal) => Promise<ResponseHeaders>;

const METADATA_PREFIX = 'x-amz-meta-';

/** `headObject` of a bucket: undefined if the object is absent. */
export function headObject(
  bucket: string,
  sendHead: SendHead,
): (key: string, signal: AbortSignal, request?: HeadRequest) => Promise<RemoteObject | undefined> {
  return async (key, signal, request = {}) => {
    const call: Call = { verb: 'HeadObject', bucket, key };
    try {
      return objectOf(call, key, await sendHead(call, request, signal));
    } catch (error) {
      if (error instanceof S3RequestError && error.status === 404) return undefined;
      throw error;
    }
  };
}

function objectOf(call: Call, key: string, headers: ResponseHeaders): RemoteObject {
  if (headers['last-modified'] === undefined && headers.etag === undefined)
    throw unusableResponse(call, 'does not describe an object');
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith(METADATA_PREFIX)) metadata[name.slice(METADATA_PREFIX.length)] = value ?? '';
  const length = headers['content-length'] ?? '0';
  if (!/^\d{1,15}$/.test(length)) throw unusableResponse(call, `has the length ${JSON.stringify(length.slice(0, 40))}`);
  return {
    key,
    size: Number(length),
    etag: unquoted(headers.etag),
    kms: isKms((name) => headers[name]),
    checksum: wholeChecksum(headers),
    metadata,
    headers,
  };
}

/** Reads the response to a part, and adds the hashes that the part was sent with. Throws as {@link putAnswer} does. */
export function partAnswer(
  call: Call,
  sent: SentCheck,
  integrity: Integrity,
  header: ResponseHeader,
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
