import type { Answer } from '../http/answer.js';
import { element, XML_HEAD, XML_NAMESPACE } from '../http/xml.js';
import type { S3Mode } from '../mode.js';
import { commonPrefix } from '../objects/list-page.js';
import { invalidArgument, readEncoding, readLimit } from '../objects/listing-parameters.js';
import type { BucketOperation } from '../operation.js';
import type { Compare } from '../store/key-order.js';
import { compareUtf8, compareUtf16 } from '../store/key-order.js';
import type { StoredBucket } from '../store/store.js';
import type { StoredUpload } from '../store/uploads.js';
import { people } from './list-parts.js';

interface PageRequest {
  readonly prefix: string;
  readonly delimiter: string;
  readonly keyMarker: string;
  readonly uploadIdMarker: string;
  readonly limit: number;
  /** Whether the listing begins again. */
  readonly again: boolean;
}

interface Page {
  readonly uploads: readonly StoredUpload[];
  readonly prefixes: readonly string[];
  /** Of the last entry; undefined on the last page. */
  readonly next: { readonly key: string; readonly uploadId: string } | undefined;
}

/** ListMultipartUploads: unfinished uploads by key, those of one key by age. */
export const listUploads: BucketOperation = {
  run({ request, mode }, bucket): Answer {
    const { query } = request;
    const encode = readEncoding(query);
    const maxUploads = readLimit(query, 'max-uploads');
    const keyMarker = query.get('key-marker') ?? '';
    const isMinio = mode.uploadListing === 'minio';
    const pageRequest: PageRequest = {
      prefix: query.get('prefix') ?? '',
      delimiter: query.get('delimiter') ?? '',
      keyMarker,
      // Without a key it means nothing.
      uploadIdMarker: keyMarker === '' && !isMinio ? '' : (query.get('upload-id-marker') ?? ''),
      limit: Math.min(maxUploads, mode.pageSize),
      again: mode.listings === 'repeat' && keyMarker.startsWith('\u{10ffff}'),
    };
    if (mode.uploadMarkers === 'key' && keyMarker !== '' && query.has('upload-id-marker'))
      throw invalidArgument('upload-id-marker', query.get('upload-id-marker') ?? '', 'Invalid uploadId marker');
    const { uploads, prefixes, next } = endless(
      isMinio ? minioPageOf(bucket, pageRequest) : pageOf(bucket, mode, pageRequest),
      mode,
    );
    const body = [
      `${XML_HEAD}<ListMultipartUploadsResult xmlns="${XML_NAMESPACE}">`,
      element('Bucket', bucket.name),
      element('KeyMarker', encode(keyMarker)),
      element('UploadIdMarker', pageRequest.uploadIdMarker),
      next === undefined ? '' : element('NextKeyMarker', encode(next.key)),
      next === undefined ? '' : element('NextUploadIdMarker', next.uploadId),
      pageRequest.prefix === '' ? '' : element('Prefix', encode(pageRequest.prefix)),
      pageRequest.delimiter === '' ? '' : element('Delimiter', encode(pageRequest.delimiter)),
      query.has('encoding-type') ? element('EncodingType', 'url') : '',
      element('MaxUploads', maxUploads),
      element('IsTruncated', next !== undefined),
      ...uploads.map((upload) => uploadElement(upload, encode(upload.key), mode)),
      ...prefixes.map((prefix) => `<CommonPrefixes>${element('Prefix', encode(prefix))}</CommonPrefixes>`),
      '</ListMultipartUploadsResult>',
    ];
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: body.join('') };
  },
};

let rounds = 0;

/** The page of a server whose listings do not end, where the mode wants that. */
function endless(page: Page, { listings }: S3Mode): Page {
  if (page.next !== undefined || listings === 'end') return page;
  rounds += 1;
  return { ...page, next: { key: `\u{10ffff}${rounds}`, uploadId: String(rounds) } };
}

function pageOf(bucket: StoredBucket, mode: S3Mode, request: PageRequest): Page {
  const { prefix, delimiter, limit } = request;
  const compare = mode.order === 'utf16' ? compareUtf16 : compareUtf8;
  const uploads: StoredUpload[] = [];
  const prefixes: string[] = [];
  let next: Page['next'];
  for (const upload of bucket.uploads.inOrder(compare)) {
    const { key, uploadId } = upload;
    if (!key.startsWith(prefix) || !isAfter(bucket, upload, compare, request)) continue;
    const common = commonPrefix(key, prefix, delimiter);
    if (common !== undefined && (common === request.keyMarker || common === prefixes.at(-1))) continue;
    if (uploads.length + prefixes.length === limit) return { uploads, prefixes, next };
    next = common === undefined ? { key, uploadId } : { key: common, uploadId: '' };
    if (common === undefined) uploads.push(upload);
    else prefixes.push(common);
  }
  return { uploads, prefixes, next: undefined };
}

function minioPageOf({ uploads }: StoredBucket, { prefix, uploadIdMarker, limit }: PageRequest): Page {
  const all = uploads.byAge();
  if (prefix === '') return { uploads: all, prefixes: [], next: undefined };
  const ofKey = all.filter(
    ({ key, uploadId }) => key === prefix && (uploadIdMarker === '' || uploads.isAfter(uploadId, uploadIdMarker)),
  );
  const page = ofKey.slice(0, limit);
  const last = page.length < ofKey.length ? page.at(-1) : undefined;
  return { uploads: page, prefixes: [], next: last && { key: '', uploadId: last.uploadId } };
}

function isAfter(bucket: StoredBucket, upload: StoredUpload, compare: Compare, request: PageRequest): boolean {
  if (request.keyMarker === '' || request.again) return true;
  const order = compare(upload.key, request.keyMarker);
  if (order !== 0) return order > 0;
  return request.uploadIdMarker !== '' && bucket.uploads.isAfter(upload.uploadId, request.uploadIdMarker);
}

function uploadElement({ uploadId, initiated, head, checksum }: StoredUpload, key: string, mode: S3Mode): string {
  return [
    '<Upload>',
    element('Key', key),
    element('UploadId', uploadId),
    people(mode),
    element('StorageClass', head.storageClass),
    element('Initiated', new Date(initiated).toISOString()),
    checksum?.named === true ? element('ChecksumAlgorithm', checksum.algorithm.toUpperCase()) : '',
    checksum?.named === true ? element('ChecksumType', checksum.type) : '',
    '</Upload>',
  ].join('');
}
