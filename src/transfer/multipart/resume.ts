import { crc32 } from 'node:zlib';
import { storedEncoding } from '../../encode/header-syntax.js';
import { S3RequestError } from '../../errors.js';
import { type Content, contentRange } from '../../model/content.js';
import { crc32ToBase64 } from '../../model/crc32.js';
import { errorCode } from '../../model/error-codes.js';
import { fits, MARK_NUMBER, type Part, partRange } from '../../model/part-layout.js';
import { msg } from '../../report/message.js';
import type { ListedUpload } from '../../s3/bucket.js';
import { allParts, allUploads } from '../../s3/upload-listings.js';
import type { Entry } from '../../source/types.js';
import { inParallel } from '../body/hash.js';
import type { PartBuffers } from './part-queue.js';
import { isMarkedBy, type Mark, type PartRecord } from './parts.js';
import {
  type ListedParts,
  type MultipartContext,
  type PartedObject,
  type PartMeter,
  type ProvenParts,
  partHeaders,
} from './types.js';

/** An unfinished upload of an earlier run that this run can adopt. */
export interface FoundUpload {
  readonly uploadId: string;
  readonly parts: Map<number, PartRecord>;
  readonly crc32: boolean;
  readonly encrypted: boolean;
  readonly unproven: boolean;
  readonly begunAt: number | undefined;
}

/** `denied`: unfinished uploads may not be listed, so nothing can be resumed in this run. */
export type FoundUploads = FoundUpload | 'none' | 'denied';

interface Candidate {
  readonly upload: ListedUpload;
  readonly parts: Map<number, Part>;
  readonly marked: boolean;
}

/**
 * Finds the unfinished upload that a run can resume: its mark shows that this tool began it with the headers now wanted, and all of its parts equal
 * the local bytes; of several, the one with most parts. No state is kept on this machine: what S3 lists is everything. Other uploads are left
 * alone, with a warning.
 */
export async function findUpload(
  context: MultipartContext,
  object: PartedObject,
  markNow: () => Mark,
  meter: PartMeter,
): Promise<FoundUploads> {
  try {
    const uploads = await uploadsOf(context, object.key);
    // The mark depends on whether uploads are created with checksums, which is known only after a response has shown the server.
    const mark = markNow();
    const candidates = await withParts(context, object, uploads, mark);
    const usable = candidates.filter((candidate) => mayAdopt(context, object, candidate));
    usable.sort((a, b) => b.parts.size - a.parts.size);
    let found: FoundUpload | undefined;
    for (const { upload, parts, marked } of usable) {
      const listed = { parts, mark, marked, begunAt: upload.initiated };
      const proven = found === undefined ? await provenWithProgress(object, listed, meter) : undefined;
      if (proven !== undefined)
        found = { uploadId: upload.uploadId, begunAt: upload.initiated, unproven: !marked, ...proven };
    }
    const others = candidates.filter(({ upload }) => upload.uploadId !== found?.uploadId);
    if (others.length > 0) warnOfOthers(others, object.key, context);
    return found ?? 'none';
  } catch (error) {
    if (!(error instanceof S3RequestError) || !isRefusal(error)) throw error;
    const what = error.verb === 'ListParts' ? 's3:ListMultipartUploadParts' : 's3:ListBucketMultipartUploads';
    const message = `Unfinished uploads cannot be listed (${error.code}, ${what}): nothing can be resumed, and what is not finished is aborted.`;
    context.warn('resume-denied', message);
    return 'denied';
  }
}

/** The proof reads all bytes of the parts, which takes a while: each part counts as soon as it is proven, and no more if another one is not. */
async function provenWithProgress(
  { bytes }: Pick<PartedObject, 'bytes'>,
  listed: ListedParts,
  meter: PartMeter,
): Promise<ProvenParts | undefined> {
  let counted = 0;
  let proven: ProvenParts | undefined;
  try {
    proven = await bytes.proven(listed, (size) => {
      counted += size;
      meter.add(size, true);
    });
    return proven;
  } finally {
    if (proven === undefined && counted > 0) meter.add(-counted, true);
  }
}

/** Servers refuse this listing in many ways. An error that every request would meet is left to the request that creates an upload. */
function isRefusal({ status = 0, code }: S3RequestError): boolean {
  return (status === 501 || (status >= 400 && status < 500)) && errorCode(code).endsRun !== 'always';
}

/** The unfinished uploads of exactly this key: servers differ in what a prefix means in this listing. */
async function uploadsOf({ bucket, signal }: MultipartContext, key: string): Promise<ListedUpload[]> {
  const uploads: ListedUpload[] = [];
  for await (const upload of allUploads(bucket, key, signal)) if (upload.key === key) uploads.push(upload);
  return uploads;
}

async function withParts(
  { bucket, signal }: MultipartContext,
  object: PartedObject,
  uploads: readonly ListedUpload[],
  mark: Mark,
): Promise<Candidate[]> {
  const headers = partHeaders(object.headers);
  const candidates: Candidate[] = [];
  for (const upload of uploads) {
    try {
      const parts = await allParts(bucket, { ...upload, headers }, signal);
      candidates.push({ upload, parts, marked: isMarkedBy(parts, mark) });
    } catch (error) {
      // It was completed or aborted since it was listed.
      if (!(error instanceof S3RequestError) || error.status !== 404) throw error;
    }
  }
  return candidates;
}

function mayAdopt({ resume }: MultipartContext, object: PartedObject, { parts, marked }: Candidate): boolean {
  if (!fits(object.layout, parts)) return false;
  if (marked) return true;
  // A different mark means different headers.
  if (!object.bytes.selfEvident) return false;
  return resume === 'unproven' && parts.size > 0 && !parts.has(MARK_NUMBER) && !hasHidden(object.headers);
}

function warnOfOthers(others: readonly Candidate[], key: string, { bucket, warn }: MultipartContext): void {
  const ages = others.flatMap(({ upload }) => (upload.initiated === undefined ? [] : [upload.initiated]));
  const since = ages.length === 0 ? '' : `, the oldest since ${new Date(Math.min(...ages)).toISOString()}`;
  const what = others.length === 1 ? 'an unfinished upload exists' : `${others.length} unfinished uploads exist`;
  warn(
    `unfinished-uploads ${key}`,
    `s3://${bucket.name}/${key}: ${what} that this run did not resume (other bytes, other headers, a KMS key, or another tool)${since}; nothing was changed there.`,
  );
}

const SLICE = 1024 * 1024;

/** An object whose bytes are local. */
export interface ContentObject {
  readonly key: string;
  readonly origin: string;
  readonly content: Content;
  /** Bytes of each part but the last. */
  readonly partSize: number;
}

/**
 * The listed parts, if every one of them equals the local bytes, which are read and hashed a few parts at a time: by checksum, or by ETag where no checksum is listed. Undefined where one differs,
 * because then the origin of the others is unknown.
 */
export async function partsProvenByContent(
  { md5, buffers, stop }: MultipartContext,
  { content, partSize }: ContentObject,
  { parts: listed, mark }: ListedParts,
  onProven: (bytes: number) => void,
): Promise<ProvenParts | undefined> {
  const own = [...listed.values()].filter(({ number }) => number !== MARK_NUMBER);
  const markPart = listed.get(MARK_NUMBER);
  const withCrc32 = (markPart ?? own[0])?.crc32 !== undefined;
  // Under a KMS key no ETag is an MD5, which the mark's ETag shows.
  const encrypted = markPart !== undefined && markPart.etag.toLowerCase() !== mark.md5;
  const parts = new Map<number, PartRecord>();

  async function isProven({ number, size, etag, crc32 }: Part): Promise<boolean> {
    stop.throwIfAborted();
    const { start, end } = partRange(content.size, partSize, number);
    const range = contentRange(content, start, end);
    const digest = etag.toLowerCase();
    const equal =
      crc32 === undefined ? (await md5.of(range, stop)) === digest : (await crc32Of(range, buffers, stop)) === crc32;
    if (!equal) return false;
    const proof =
      crc32 === undefined
        ? ({ crc32: undefined, md5: digest, verified: 'md5' } as const)
        : ({ crc32, md5: undefined, verified: 'crc32' } as const);
    parts.set(number, { number, size, etag, ...proof });
    onProven(size);
    return true;
  }

  const all = await inParallel(own.length, async (index) => isProven(own[index] as Part));
  return all ? { parts, crc32: withCrc32, encrypted } : undefined;
}

/** Node computes a CRC32 in a fraction of the time that reading takes, so it needs no thread. */
async function crc32Of(content: Content, buffers: PartBuffers, stop: AbortSignal): Promise<string> {
  const room = buffers.take(SLICE);
  try {
    let value = 0;
    for (let start = 0; start < content.size; start += SLICE) {
      stop.throwIfAborted();
      value = crc32(await content.slice(start, Math.min(start + SLICE, content.size), room), value);
    }
    return crc32ToBase64(value);
  } finally {
    buffers.give(room);
  }
}

/** Headers of a put that a HEAD returns as they were sent. */
const SHOWN =
  /^(?:content-(?:type|encoding|language|disposition)|cache-control|expires|x-amz-meta-.*|x-amz-storage-class|x-amz-website-redirect-location|x-amz-server-side-encryption)$/;

/** For an upload that was adopted by its parts alone: checks by HEAD whether the object has the headers now wanted. Throws where it has not. */
export async function checkHeaders(
  { bucket, signal }: Pick<MultipartContext, 'bucket' | 'signal'>,
  { key }: Pick<Entry, 'key'>,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const shown = withStoredEncoding((await bucket.headObject(key, signal))?.headers ?? {});
  const wanted = Object.keys(headers).filter((name) => SHOWN.test(name));
  const lacking = wanted.filter((name) => (shown[name] ?? usual(name)) !== headers[name]);
  const stray = Object.keys(shown).filter(
    (name) =>
      KEPT.test(name) && shown[name] !== undefined && headers[name] === undefined && !isUsual(name, shown[name]),
  );
  const differing = [...lacking, ...stray];
  if (differing.length === 0) return;
  const message = `s3://${bucket.name}/${key} was completed from an upload that an earlier run had begun with other headers: ${differing.join(', ')}`;
  const hint = msg`The bytes are right. Upload it again with {mode: 'stupid'} and {resume: 'off'} for the headers.`;
  throw new S3RequestError(message, {
    code: 'HeadersDiffer',
    verb: 'HeadObject',
    bucket: bucket.name,
    key,
    status: 200,
    hint,
  });
}

/** The headers of an object, with an encoding that is its own. */
function withStoredEncoding(
  headers: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const encoding = headers['content-encoding'];
  return encoding === undefined ? headers : { ...headers, 'content-encoding': storedEncoding(encoding) };
}

/** Headers that an object has only by request; encryption can also come from the bucket. */
const KEPT =
  /^(?:content-(?:encoding|language|disposition)|cache-control|expires|x-amz-meta-.*|x-amz-storage-class|x-amz-website-redirect-location|x-amz-tagging-count|x-amz-object-lock-.*)$/;

function isUsual(name: string, value: string | undefined): boolean {
  return value === usual(name) || (name === 'x-amz-tagging-count' && value === '0');
}

/** Whether there are headers that neither an unfinished upload nor a HEAD of the object shows: an ACL, tags, a lock, a KMS key. */
export function hasHidden(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).some((name) => !SHOWN.test(name));
}

/** S3 does not return the default storage class. */
function usual(name: string): string | undefined {
  return name === 'x-amz-storage-class' ? 'STANDARD' : undefined;
}
