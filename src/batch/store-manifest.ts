import { S3RequestError } from '../errors.js';
import type { RunRecord } from '../run/record.js';
import type { Body, Bucket, CompleteRequest } from '../s3/bucket.js';
import { isAnswerLost } from '../s3/middleware/retry-policy.js';
import { abortUpload } from '../transfer/multipart/open.js';
import { piecesOf } from './manifest.js';

export interface ManifestStore {
  readonly bucket: Bucket;
  readonly warn: RunRecord['warn'];
  readonly signal: AbortSignal;
  /** Bytes that are held in memory, and sent as a part. */
  readonly partBytes: number;
}

/** By S3's own keys, as S3 encrypts its reports: its pages say that a job cannot read manifests under other keys. */
const HEADERS = { 'content-type': 'text/csv', 'x-amz-server-side-encryption': 'AES256' };

/**
 * Stores a manifest under a key that nothing else has, in parts where it is larger than one.
 * @param bytes of all lines, which are ASCII
 * @returns its ETag, unquoted
 */
export async function storeManifest(
  store: ManifestStore,
  key: string,
  lines: Iterable<string>,
  bytes: number,
): Promise<string> {
  const { bucket, signal, partBytes } = store;
  if (bytes > partBytes) return inParts(store, key, lines, bytes);
  const [body = Buffer.alloc(0)] = piecesOf(lines, bytes);
  const { etag } = await bucket.putObject({ key, body: bodyOf(body), headers: HEADERS }, signal);
  return etag ?? withoutEtag(bucket.name, key);
}

async function inParts(store: ManifestStore, key: string, lines: Iterable<string>, size: number): Promise<string> {
  const { bucket, warn, signal, partBytes } = store;
  const { uploadId, crc32 } = await bucket.createUpload(key, HEADERS, signal, false);
  const upload = { key, uploadId };
  try {
    const parts: { readonly number: number; readonly etag: string }[] = [];
    for (const piece of piecesOf(lines, partBytes)) {
      const number = parts.length + 1;
      const { etag } = await bucket.putPart({ ...upload, number, body: bodyOf(piece), crc32 }, signal);
      parts.push({ number, etag: etag ?? withoutEtag(bucket.name, key) });
    }
    return await complete(store, { ...upload, parts, size });
  } catch (error) {
    await abortUpload({ bucket, warn }, upload);
    throw error;
  }
}

const MOST_COMPLETIONS = 3;

/** Completes the upload. Where the response is lost, a HEAD shows whether the manifest is stored: no other run writes its key. */
async function complete({ bucket, signal }: ManifestStore, request: CompleteRequest): Promise<string> {
  const { key, size } = request;
  for (let tries = 1; ; tries += 1) {
    try {
      const { etag } = await bucket.completeUpload(request, signal);
      return etag ?? withoutEtag(bucket.name, key);
    } catch (error) {
      if (!(error instanceof S3RequestError) || !(isAnswerLost(error) || error.code === 'NoSuchUpload')) throw error;
      const head = await bucket.headObject(key, signal);
      if (head?.size === size && head.etag !== undefined) return head.etag;
      if (tries >= MOST_COMPLETIONS) throw error;
    }
  }
}

function bodyOf(bytes: Buffer): Body {
  return { size: bytes.length, read: () => bytes };
}

function withoutEtag(bucket: string, key: string): never {
  throw new S3RequestError(`The response to the manifest s3://${bucket}/${key} names no ETag, which a job needs`, {
    code: 'NoETag',
    verb: 'PutObject',
    bucket,
    key,
    status: 200,
  });
}
