import { hash, randomBytes } from 'node:crypto';
import type { Answer } from '../http/answer.js';
import { S3Error } from '../http/error.js';
import { header, type S3Request } from '../http/request.js';
import { element, XML_HEAD, XML_NAMESPACE } from '../http/xml.js';
import type { S3Mode } from '../mode.js';
import type { BucketOperation, Call } from '../operation.js';
import { CHECKSUM_ALGORITHMS, type Checksum, checksumOf, inventedChecksum } from '../store/checksum.js';
import type { StoredObject } from '../store/store.js';
import { versionHeaders } from '../store/versions.js';
import { checkWrite } from './conditions.js';
import { checkChanges, readCopyHead } from './copy-head.js';
import { type CopySource, readCopySource, sourceVersionHeaders, tooLarge } from './copy-source.js';
import { encryptionHeaders } from './encryption.js';
import type { ObjectHead } from './object-head.js';
import { oldHeaders } from './object-headers.js';
import { etagOf, NO_BYTES } from './put-object.js';

/** CopyObject: like a GET and a single PUT of the source, even if it was uploaded in parts. */
export const copyObject: BucketOperation = {
  run(call, bucket): Answer {
    const { request, mode } = call;
    const source = readCopySource(call);
    if (source.object.size > call.maxObjectSize) throw tooLarge(call.maxObjectSize);
    checkChanges(request, source);
    const copy = copyOf(call, source);
    checkWrite(request, writeMode(mode), bucket.get(request.key));
    checkAnnotations(call, source);
    const kept = { ...oldHeaders(bucket.get(request.key)?.headers, mode), ...copy.headers };
    const object = bucket.set(request.key, { ...copy, headers: kept }, mode.versioning);
    const headers = {
      'content-type': 'application/xml',
      ...encryptionHeaders(object),
      ...versionHeaders(object, mode.versioning),
      ...sourceVersionHeaders(source),
    };
    return { status: 200, headers, body: document('CopyObjectResult', object, mode) };
  },
};

function writeMode(mode: S3Mode): S3Mode {
  return mode.conditionalCopies === 'ignored' ? { ...mode, conditionalWrites: 'ignored' } : mode;
}

function copyOf(call: Call, source: CopySource): StoredObject {
  const { request, mode } = call;
  const { object } = source;
  const head = readCopyHead(request, mode, source);
  return {
    ...head,
    body: call.dropBodies ? NO_BYTES : object.body,
    size: object.size,
    etag: copiedEtag(object, head),
    checksum: mode.checksums === 'supported' ? copiedChecksum(request, object) : undefined,
    ...(hasAnnotations(object) && !excludesAnnotations(request) && { annotations: object.annotations }),
    lastModified: Math.floor(call.now / 1000) * 1000,
  };
}

function excludesAnnotations(request: S3Request): boolean {
  return header(request, 'x-amz-object-annotation-directive') === 'EXCLUDE';
}

function hasAnnotations({ annotations }: StoredObject): boolean {
  return (annotations?.size ?? 0) > 0;
}

/** Copying annotations needs the permission to read and to write them, if there are any. */
function checkAnnotations({ request, mode }: Call, source: CopySource): void {
  if (!hasAnnotations(source.object) || excludesAnnotations(request)) return;
  if (mode.annotations === 'refused')
    throw new S3Error('NotImplemented', { Header: 'x-amz-object-annotation-directive' });
  const denied = source.mode.deny.includes('GetObjectAnnotation') || mode.deny.includes('PutObjectAnnotation');
  if (denied) throw new S3Error('AccessDenied');
}

export function hasBytes({ body, size }: StoredObject): boolean {
  return body.length === size;
}

/** The MD5 of all bytes. If they were dropped: the ETag of an object in one piece, and an invented value for any other. */
function copiedEtag(source: StoredObject, head: ObjectHead): string {
  if (head.kmsKeyId !== undefined) return randomBytes(16).toString('hex');
  if (hasBytes(source)) return etagOf(hash('md5', source.body), head);
  return /^[0-9a-f]{32}$/.test(source.etag) ? source.etag : hash('md5', source.etag);
}

/** The source's checksum, or one by the requested algorithm; a composite one is replaced by one of all bytes. */
function copiedChecksum(request: S3Request, source: StoredObject): Checksum | undefined {
  const { checksum, etag } = source;
  const requested = header(request, 'x-amz-checksum-algorithm')?.toLowerCase();
  if (requested !== undefined && !CHECKSUM_ALGORITHMS.includes(requested)) {
    throw new S3Error('InvalidRequest', {}, { message: 'Checksum algorithm provided is unsupported.' });
  }
  const algorithm = requested ?? checksum?.algorithm;
  if (algorithm === undefined) return undefined;
  if (algorithm === checksum?.algorithm && checksum.type !== 'COMPOSITE') return checksum;
  return hasBytes(source) ? checksumOf(algorithm, source.body) : inventedChecksum(algorithm, etag);
}

/** The response document of both kinds of copy. */
export function document(
  name: string,
  { lastModified, etag, checksum }: Pick<StoredObject, 'lastModified' | 'etag' | 'checksum'>,
  mode: S3Mode,
): string {
  return [
    `${XML_HEAD}<${name} xmlns="${XML_NAMESPACE}">`,
    element('LastModified', new Date(lastModified).toISOString()),
    mode.etags ? element('ETag', `"${etag}"`) : '',
    checksum === undefined ? '' : element('ChecksumType', checksum.type ?? 'FULL_OBJECT'),
    checksum === undefined ? '' : element(`Checksum${checksum.algorithm.toUpperCase()}`, checksum.value),
    `</${name}>`,
  ].join('');
}
