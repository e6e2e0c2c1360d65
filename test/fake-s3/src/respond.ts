import type { Credentials } from './credentials.js';
import type { Answer } from './http/answer.js';
import { parseAuthorization } from './http/authorization.js';
import { checkMd5, decodeBody } from './http/body.js';
import { S3Error } from './http/error.js';
import { header, type S3Request } from './http/request.js';
import { type Seed, verifyHead } from './http/signature.js';
import { isKeyDenied, type S3Mode } from './mode.js';
import { abortUpload } from './multipart/abort-upload.js';
import { completeUpload } from './multipart/complete-upload.js';
import { createUpload } from './multipart/create-upload.js';
import { listParts } from './multipart/list-parts.js';
import { listUploads } from './multipart/list-uploads.js';
import { uploadPart } from './multipart/upload-part.js';
import { uploadPartCopy } from './multipart/upload-part-copy.js';
import { getAnnotation, listAnnotations, putAnnotation } from './objects/annotations.js';
import { createBucket, deleteBucket, headBucket, listBuckets } from './objects/bucket-verbs.js';
import { copyObject } from './objects/copy-object.js';
import { deleteObject } from './objects/delete-object.js';
import { deleteObjects } from './objects/delete-objects.js';
import { getObject } from './objects/get-object.js';
import { getObjectAcl } from './objects/get-object-acl.js';
import { listObjectsV2 } from './objects/list-objects.js';
import { listVersions } from './objects/list-versions.js';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './objects/object-tagging.js';
import { putObject } from './objects/put-object.js';
import type { BucketOperation, Call, Head, ServiceOperation } from './operation.js';
import { isChecksumHeader } from './store/checksum.js';
import type { StoredBucket } from './store/store.js';
import type { Verb } from './verb.js';

const ON_SERVICE: Partial<Record<Verb, ServiceOperation>> = { ListBuckets: listBuckets, CreateBucket: createBucket };

const ON_BUCKET: Partial<Record<Verb, BucketOperation>> = {
  HeadBucket: headBucket,
  DeleteBucket: deleteBucket,
  ListObjectsV2: listObjectsV2,
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: getObject,
  GetObjectTagging: getObjectTagging,
  GetObjectAcl: getObjectAcl,
  ListObjectAnnotations: listAnnotations,
  GetObjectAnnotation: getAnnotation,
  PutObjectAnnotation: putAnnotation,
  PutObjectTagging: putObjectTagging,
  DeleteObjectTagging: deleteObjectTagging,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  CopyObject: copyObject,
  UploadPartCopy: uploadPartCopy,
  CreateMultipartUpload: createUpload,
  UploadPart: uploadPart,
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: abortUpload,
  ListParts: listParts,
  ListMultipartUploads: listUploads,
  ListObjectVersions: listVersions,
};

const RATED: ReadonlySet<Verb> = new Set<Verb>(['PutObject', 'UploadPart', 'CopyObject', 'UploadPartCopy']);

/** Runs the operation of a request. Throws `S3Error` for every refusal; refusals that need only the head come before the body is read. */
export async function respond(head: Head, credentials: Credentials, readBody: () => Promise<Buffer>): Promise<Answer> {
  const { request, mode, store } = head;
  if (request.problem !== undefined) throw request.problem;
  const bucket = store.buckets.get(request.bucket);
  const seed = authenticate(head, credentials, bucket);
  const service = ON_SERVICE[request.verb];
  if (service !== undefined) {
    if (isDenied(request, mode)) throw new S3Error('AccessDenied');
    return service.run(openBody(head, seed, credentials, await readBody()));
  }
  if (request.bucket === '') throw unsupported(request);
  if (bucket === undefined) throw new S3Error('NoSuchBucket', { BucketName: request.bucket });
  if (!credentials.mayUse(seed.accessKeyId, request.bucket)) throw new S3Error('AccessDenied');
  if (Buffer.byteLength(request.key) > 1024) {
    throw new S3Error('KeyTooLongError', { Size: String(Buffer.byteLength(request.key)), MaxSizeAllowed: '1024' });
  }
  if (isDenied(request, mode)) throw new S3Error('AccessDenied');
  checkAccount(request, mode);
  const operation = ON_BUCKET[request.verb];
  if (operation === undefined) throw unsupported(request);
  if (RATED.has(request.verb)) checkRate(bucket, mode, head.now);
  if (mode.checksums === 'refused') refuseChecksums(request);
  operation.check?.(head);
  return operation.run(openBody(head, seed, credentials, await readBody()), bucket);
}

function authenticate(head: Head, credentials: Credentials, bucket: StoredBucket | undefined): Seed {
  const { request, mode, store } = head;
  const signed = parseAuthorization(request);
  const serverRegion = store.modeOf('').region;
  const redirects = bucket !== undefined && mode.wrongRegion !== 'malformed' && signed.region === serverRegion;
  if (signed.region !== mode.region && !redirects) {
    const message = `The authorization header is malformed; the region '${signed.region}' is wrong; expecting '${mode.region}'`;
    const headers = bucket === undefined ? {} : { 'x-amz-bucket-region': mode.region };
    throw new S3Error('AuthorizationHeaderMalformed', { Region: mode.region }, { message, headers });
  }
  const secret = credentials.secretFor(signed.accessKeyId, header(request, 'x-amz-security-token'));
  const seed = verifyHead(request, signed, secret, head.now);
  if (signed.region !== mode.region) {
    const endpoint = mode.endpoint ?? `${request.bucket}.s3.${mode.region}.amazonaws.com`;
    const headers = { 'x-amz-bucket-region': mode.region };
    const code = mode.wrongRegion === 'temporary' ? 'TemporaryRedirect' : 'PermanentRedirect';
    throw new S3Error(code, { Endpoint: endpoint, Bucket: request.bucket }, { headers });
  }
  return seed;
}

function openBody(head: Head, seed: Seed, credentials: Credentials, wire: Buffer): Call {
  const { body, trailers } = decodeBody(wire, head.request, seed);
  const mayUse = (bucket: string): boolean => credentials.mayUse(seed.accessKeyId, bucket);
  return { ...head, body, trailers, md5: checkMd5(body, head.request), mayUse };
}

/** A copy is a write, and needs the same permission. */
function isDenied({ verb, key }: S3Request, mode: S3Mode): boolean {
  const plain = verb === 'CopyObject' ? 'PutObject' : verb === 'UploadPartCopy' ? 'UploadPart' : verb;
  return isKeyDenied(verb, key, mode) || isKeyDenied(plain, key, mode);
}

/** Checks the conditions that a bucket sets for every request. */
function checkAccount(request: S3Request, mode: S3Mode): void {
  const owner = header(request, 'x-amz-expected-bucket-owner');
  if (owner !== undefined && owner !== mode.owner) throw new S3Error('AccessDenied');
  if (mode.requesterPays && header(request, 'x-amz-request-payer') !== 'requester') throw new S3Error('AccessDenied');
}

function checkRate(bucket: StoredBucket, mode: S3Mode, now: number): void {
  if (mode.putsPerSecond === Number.POSITIVE_INFINITY) return;
  // One second's requests may come in a burst.
  const each = 1000 / mode.putsPerSecond;
  const busyUntil = Math.max(bucket.busyUntil, now) + each;
  if (busyUntil - now > Math.max(1000, each)) throw new S3Error('SlowDown');
  bucket.busyUntil = busyUntil;
}

function refuseChecksums(request: S3Request): void {
  for (const name in request.headers) {
    if (isChecksumHeader(name)) throw new S3Error('NotImplemented', { Header: name });
  }
}

function unsupported(request: S3Request): S3Error {
  const plain = request.query.size === 0 && (request.method === 'POST' || request.bucket === '');
  if (plain || !['GET', 'HEAD', 'PUT', 'POST', 'DELETE'].includes(request.method)) {
    const resource = request.bucket === '' ? 'SERVICE' : request.key === '' ? 'BUCKET' : 'OBJECT';
    return new S3Error('MethodNotAllowed', { Method: request.method, ResourceType: resource });
  }
  return new S3Error('NotImplemented', {}, { message: 'A request implies functionality that is not implemented' });
}
