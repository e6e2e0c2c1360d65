import type { Answer } from '../http/answer.js';
import { S3Error } from '../http/error.js';
import { header, type S3Request } from '../http/request.js';
import type { BucketOperation } from '../operation.js';
import type { StoredObject } from '../store/store.js';
import { versionHeaders } from '../store/versions.js';
import { checkRead } from './conditions.js';
import { encryptionHeaders } from './encryption.js';
import { checkReadable, findObject } from './find-object.js';
import { checksumHeaders, etagHeader } from './put-object.js';

/** GetObject and HeadObject: the same response, of which a HEAD sends only the head. */
export const getObject: BucketOperation = {
  run(call, bucket): Answer {
    const { request, mode } = call;
    const object = findObject(bucket, mode, request.key, request.query.get('versionId'));
    if (request.method === 'GET') checkReadable(object);
    if (request.method === 'GET' && object.body.length < object.size) {
      throw new S3Error('InternalError', {}, { message: 'This server drops bodies.' });
    }
    const etag = etagHeader(object, mode);
    checkRead(request, object, etag);
    const range = readPart(request, object) ?? readRange(header(request, 'range'), object.size);
    const headers = { ...objectHeaders(object, request), ...versionHeaders(object, mode.versioning) };
    if (etag !== undefined) headers.etag = etag;
    if (request.query.has('partNumber') && object.partSizes !== undefined) {
      headers['x-amz-mp-parts-count'] = String(object.partSizes.length);
    }
    if (range === undefined) {
      const wantsChecksum = header(request, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
      if (wantsChecksum && mode.checksums === 'supported') Object.assign(headers, checksumHeaders(object.checksum));
      headers['content-length'] = String(object.size);
      return { status: 200, headers, body: object.body };
    }
    headers['content-length'] = String(range.end - range.start);
    headers['content-range'] = `bytes ${range.start}-${range.end - 1}/${object.size}`;
    return { status: 206, headers, body: object.body.subarray(range.start, range.end) };
  },
};

const OVERRIDES = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];

function objectHeaders(object: StoredObject, request: S3Request): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {
    'last-modified': new Date(object.lastModified).toUTCString(),
    'accept-ranges': 'bytes',
    ...encryptionHeaders(object),
    ...object.headers,
  };
  if (object.storageClass !== 'STANDARD') headers['x-amz-storage-class'] = object.storageClass;
  const tags = Object.keys(object.tags).length;
  if (tags > 0) headers['x-amz-tagging-count'] = String(tags);
  for (const name of OVERRIDES) headers[name] = request.query.get(`response-${name}`) ?? headers[name];
  return headers;
}

/** The requested bytes, end exclusive; undefined for all of them. Like S3, ignores several ranges and invalid ones. */
function readRange(text: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text?.trim() ?? '');
  if (match === null || match[0] === 'bytes=-') return undefined;
  const [, first = '', last = ''] = match;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  if (start >= end) {
    const details = { RangeRequested: text ?? '', ActualObjectSize: String(size) };
    throw new S3Error('InvalidRange', details, { headers: { 'content-range': `bytes */${size}` } });
  }
  return { start, end };
}

/** The bytes of the part that `partNumber` names; an object of one put is its own part 1. */
function readPart(request: S3Request, object: StoredObject): { start: number; end: number } | undefined {
  const text = request.query.get('partNumber');
  if (text === undefined) return undefined;
  const sizes = object.partSizes ?? [object.size];
  const size = sizes[Number(text) - 1];
  if (size === undefined) {
    throw new S3Error('InvalidPartNumber', { PartNumberRequested: text, ActualPartCount: String(sizes.length) });
  }
  // An empty object has no ranges.
  if (object.size === 0) return undefined;
  const start = sizes.slice(0, Number(text) - 1).reduce((sum, part) => sum + part, 0);
  return { start, end: start + size };
}
