import type { Answer } from '../http/answer.js';
import { element, XML_HEAD, XML_NAMESPACE } from '../http/xml.js';
import type { S3Mode } from '../mode.js';
import { readLimit, readNumber } from '../objects/listing-parameters.js';
import type { BucketOperation } from '../operation.js';
import type { StoredPart, StoredUpload } from '../store/uploads.js';
import { findUpload, partsInOrder } from './find-upload.js';

/** Who began an upload, and owns what becomes of it. */
export function people(mode: S3Mode): string {
  const id = element('ID', mode.owner.padEnd(64, '0'));
  return `<Initiator>${id}</Initiator><Owner>${id}</Owner>`;
}

/** ListParts: the parts of an unfinished upload in the order of their numbers. */
export const listParts: BucketOperation = {
  run(call, bucket): Answer {
    const { request, mode } = call;
    const upload = findUpload(call);
    const maxParts = readLimit(request.query, 'max-parts');
    const marker = readNumber(request.query, 'part-number-marker') ?? 0;
    const after = partsAfter(upload, marker, mode);
    const page = after.slice(0, Math.min(maxParts, mode.pageSize));
    const endless = mode.listings !== 'end' && page.length === after.length;
    const { algorithm = '', type = '' } = upload.checksum?.named === true ? upload.checksum : {};
    const body = [
      `${XML_HEAD}<ListPartsResult xmlns="${XML_NAMESPACE}">`,
      element('Bucket', bucket.name),
      element('Key', request.key),
      element('UploadId', upload.uploadId),
      people(mode),
      element('StorageClass', upload.head.storageClass),
      element('PartNumberMarker', marker),
      element('NextPartNumberMarker', endless ? marker + 1 : (page.at(-1)?.number ?? 0)),
      element('MaxParts', maxParts),
      element('IsTruncated', endless || page.length < after.length),
      algorithm === '' ? '' : element('ChecksumAlgorithm', algorithm.toUpperCase()) + element('ChecksumType', type),
      ...page.map((part) => partElement(part, algorithm !== '')),
      '</ListPartsResult>',
    ];
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: body.join('') };
  },
};

function partsAfter({ parts }: StoredUpload, marker: number, mode: S3Mode): StoredPart[] {
  if (mode.listings === 'repeat') return partsInOrder(parts);
  if (marker > 0 && mode.partsAfterUnknownMarker === 'empty' && !parts.has(marker)) return [];
  return partsInOrder(parts).filter(({ number }) => number > marker);
}

function partElement({ number, lastModified, etag, size, checksum }: StoredPart, showsChecksum: boolean): string {
  const shown = showsChecksum && checksum !== undefined;
  return [
    '<Part>',
    element('PartNumber', number),
    element('LastModified', new Date(lastModified).toISOString()),
    element('ETag', `"${etag}"`),
    element('Size', size),
    shown ? element(`Checksum${checksum.algorithm.toUpperCase()}`, checksum.value) : '',
    '</Part>',
  ].join('');
}
