import type { CompletedUpload, CompleteRequest, PartsPage, UploadsMarker, UploadsPage } from '../bucket.js';
import { isComposite } from '../checksum.js';
import type { Call } from '../errors.js';
import { unquoted } from '../integrity.js';
import { unusableResponse } from './document.js';
import { urlDecoded } from './listing.js';
import { decoded, eachChild, escapeXml, isTrue, numberIn, type Root, rootName, rootOf, timeIn } from './xml.js';

/** The texts of the children of an element by their names; of a repeated name, the last one. */
type Texts<Name extends string> = { readonly [N in Name]?: string | undefined };

/** A document of CompleteMultipartUpload as received. */
export type CompletedDocument = Texts<'ETag' | 'Key' | 'Bucket' | 'Location' | 'ChecksumCRC32' | 'ChecksumType'>;

/** A document of ListParts as received. */
export interface PartsDocument extends Texts<'UploadId' | 'Key' | 'IsTruncated' | 'NextPartNumberMarker'> {
  readonly Parts?: readonly Texts<'PartNumber' | 'Size' | 'ETag' | 'ChecksumCRC32'>[];
}

/** A document of ListMultipartUploads as received: keys are still encoded. */
export interface UploadsDocument
  extends Texts<'Bucket' | 'MaxUploads' | 'EncodingType' | 'IsTruncated' | 'NextKeyMarker' | 'NextUploadIdMarker'> {
  readonly Uploads?: readonly Texts<'Key' | 'UploadId' | 'Initiated'>[];
}

/**
 * The document of CompleteMultipartUpload that names the parts.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export function completeDocument(parts: CompleteRequest['parts']): Buffer {
  const each = parts.map(({ number, etag, crc32 }) => {
    const checksum = crc32 === undefined ? '' : `<ChecksumCRC32>${escapeXml(crc32)}</ChecksumCRC32>`;
    return `<Part><ETag>${escapeXml(`"${etag}"`)}</ETag>${checksum}<PartNumber>${number}</PartNumber></Part>`;
  });
  const root = 'CompleteMultipartUpload';
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${each.join('')}</${root}>`,
  );
}

/** The upload id in a document of CreateMultipartUpload. Throws `S3RequestError` if there is none. */
export function createdUpload(call: Call, xml: string): string {
  const root = anyRoot(xml);
  const { UploadId: uploadId = '' } = root === undefined ? {} : textsIn(xml, root);
  if (uploadId === '') throw unusableResponse(call, 'has no upload id');
  return uploadId;
}

/** Throws `SyntaxError` if the document is truncated; another document has no fields. */
export function parseCompleted(xml: string): CompletedDocument {
  const root = anyRoot(xml);
  return root === undefined ? {} : textsIn(xml, root);
}

/** Throws `SyntaxError` if the document is truncated; another document has no fields. */
export function parseParts(xml: string): PartsDocument {
  const root = anyRoot(xml);
  return root === undefined ? {} : { ...textsIn(xml, root), Parts: eachIn(xml, root, 'Part') };
}

/** Throws `SyntaxError` if the document is truncated; another document has no fields. */
export function parseUploads(xml: string): UploadsDocument {
  const root = anyRoot(xml);
  return root === undefined ? {} : { ...textsIn(xml, root), Uploads: eachIn(xml, root, 'Upload') };
}

/** Servers give these documents other names; their fields are the same. */
function anyRoot(xml: string): Root | undefined {
  return rootName(xml) === undefined ? undefined : rootOf(xml);
}

type Span = Pick<Root, 'start' | 'end'>;

function textsIn(xml: string, { start: from, end: to }: Span): Texts<string> {
  const texts: Record<string, string> = Object.create(null);
  eachChild(xml, from, to, (name, start, end) => {
    if (!NESTED.has(name)) texts[name] = decoded(xml.slice(start, end));
  });
  return texts;
}

/** Elements with elements of their own. */
const NESTED: ReadonlySet<string> = new Set(['Part', 'Upload', 'Owner', 'Initiator', 'CommonPrefixes']);

function eachIn(xml: string, { start: from, end: to }: Span, wanted: string): Texts<string>[] {
  const found: Texts<string>[] = [];
  eachChild(xml, from, to, (name, start, end) => {
    if (name === wanted) found.push(textsIn(xml, { start, end }));
  });
  return found;
}

/** Numbers of parts. */
const MOST_PARTS = 10_000;

/** Four bytes in base64. */
const CRC32 = /^[A-Za-z0-9+/]{6}==$/;

/** Reads the response to CompleteMultipartUpload. Throws `S3RequestError` if it is something else. */
export function completedUpload(
  call: Call,
  { ETag, Key, Bucket, Location, ChecksumCRC32, ChecksumType }: CompletedDocument,
  encrypted: boolean,
): CompletedUpload {
  // A truncated response or another document: the state of the upload is unknown.
  if ((ETag ?? Key ?? Bucket ?? Location) === undefined) throw unusableResponse(call, 'does not describe an object');
  const coversObject = ChecksumType !== 'COMPOSITE' && ChecksumCRC32 !== undefined && !isComposite(ChecksumCRC32);
  return { etag: unquoted(ETag), crc32: coversObject ? ChecksumCRC32 : undefined, encrypted, attempts: 1 };
}

/** Reads a page of ListParts. Throws `S3RequestError` if it is unusable, and `SyntaxError` where something else is in the place of a number. */
export function partsPage(call: Call, document: PartsDocument, after: number | undefined): PartsPage {
  if (document.UploadId === undefined && document.Key === undefined)
    throw unusableResponse(call, 'is not a list of parts');
  const parts = (document.Parts ?? []).map(({ PartNumber, Size, ETag, ChecksumCRC32 }) => ({
    number: partNumberIn(PartNumber),
    size: numberIn('Size', Size),
    etag: unquoted(ETag) ?? '',
    // Some servers write a word such as `null` if there is no checksum.
    crc32: ChecksumCRC32 !== undefined && CRC32.test(ChecksumCRC32) ? ChecksumCRC32 : undefined,
  }));
  if (!isTrue(document.IsTruncated)) return { parts, next: undefined };
  const { NextPartNumberMarker: marker } = document;
  const next = marker === undefined ? (parts.at(-1)?.number ?? 0) : numberIn('NextPartNumberMarker', marker);
  if (!(next > (after ?? 0)) || next > MOST_PARTS)
    throw unusableResponse(call, 'is truncated without a usable marker of the next page');
  return { parts, next };
}

function partNumberIn(text: string | undefined): number {
  const number = numberIn('PartNumber', text);
  if (number < 1 || number > MOST_PARTS) throw new SyntaxError(`PartNumber is ${number}, not between 1 and 10,000`);
  return number;
}

/** Reads a page of ListMultipartUploads. Throws `S3RequestError` if it is unusable. */
export function uploadsPage(call: Call, document: UploadsDocument, after: UploadsMarker | undefined): UploadsPage {
  if (document.Bucket === undefined && document.MaxUploads === undefined && document.Uploads === undefined)
    throw unusableResponse(call, 'is not a list of uploads');
  const decode = document.EncodingType === 'url' ? urlDecoded : (key: string) => key;
  try {
    const uploads = (document.Uploads ?? []).map(({ Key = '', UploadId = '', Initiated }) => ({
      key: decode(Key),
      uploadId: UploadId,
      initiated: timeIn(Initiated),
    }));
    if (!isTrue(document.IsTruncated)) return { uploads, next: undefined };
    const key = decode(document.NextKeyMarker ?? '');
    const uploadId = document.NextUploadIdMarker === '' ? undefined : document.NextUploadIdMarker;
    if (key === '' || (key === after?.key && uploadId === after.uploadId))
      throw unusableResponse(call, 'is truncated without a usable marker of the next page');
    return { uploads, next: { key, uploadId } };
  } catch (error) {
    throw error instanceof URIError ? unusableResponse(call, 'names a key that cannot be decoded') : error;
  }
}
