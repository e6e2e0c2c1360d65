import { S3RequestError } from '../../errors.js';
import { readDocument } from '../answers/document.js';
import {
  completeDocument,
  completedUpload,
  createdUpload,
  parseCompleted,
  parseParts,
  parseUploads,
  partsPage,
  uploadsPage,
} from '../answers/multipart.js';
import { refusedCheck } from '../answers/object.js';
import type { CompleteRequest, MultipartVerbs, UploadRef } from '../bucket.js';
import type { ProfileFinder } from '../endpoint-profile.js';
import { type Call, timeOf } from '../errors.js';
import { type Integrity, isEncrypted, type SentCheck } from '../integrity.js';
import { serverFacts } from '../server-facts.js';
import { conditionOf, type Send } from './send.js';

export interface WireMultipartDeps {
  readonly integrity: Integrity;
  readonly profile: ProfileFinder;
  readonly send: Send;
}

/** The verbs around the parts of an upload, as signed requests. One attempt per call. */
export function wireMultipart(
  name: string,
  { integrity, profile, send }: WireMultipartDeps,
): Omit<MultipartVerbs, 'putPart'> {
  const callOf = (verb: Call['verb'], key?: string): Call =>
    key === undefined ? { verb, bucket: name } : { verb, bucket: name, key };

  return {
    facts: () => serverFacts(name, profile, integrity),

    async createUpload(key, headers, signal, checksummed = true) {
      const call = callOf('CreateMultipartUpload', key);
      const check = uploadCheck(integrity, checksummed);
      const request = { method: 'POST', headers: { ...headers, ...check.headers }, query: { uploads: '' } } as const;
      const response = await send(call, request, signal).catch((error) => {
        throw refusedCheck(integrity, check, error, false);
      });
      const uploadId = readDocument(call, response, (xml) => createdUpload(call, xml));
      const encrypted = isEncrypted(response.header);
      return { uploadId, crc32: check.kind === 'crc32', encrypted, begunAt: timeOf(response.header('date')) };
    },

    async completeUpload(request, signal) {
      const call = callOf('CompleteMultipartUpload', request.key);
      const headers = { 'content-type': 'application/xml', ...completeHeaders(request, profile) };
      const body = completeDocument(request.parts);
      const response = await send(call, { method: 'POST', headers, query: queryOf(request), body }, signal);
      const encrypted = isEncrypted(response.header);
      return readDocument(call, response, (xml) => completedUpload(call, parseCompleted(xml), encrypted));
    },

    abortUpload(upload, signal) {
      const call = callOf('AbortMultipartUpload', upload.key);
      return existed(send(call, { method: 'DELETE', headers: {}, query: queryOf(upload) }, signal));
    },

    async listParts(upload, after, signal) {
      const call = callOf('ListParts', upload.key);
      const marker = after === undefined ? {} : { 'part-number-marker': String(after) };
      const query = { ...queryOf(upload), ...marker };
      const response = await send(call, { method: 'GET', headers: { ...upload.headers }, query }, signal);
      return readDocument(call, response, (xml) => partsPage(call, parseParts(xml), after));
    },

    async listUploads(prefix, after, signal) {
      const call = callOf('ListMultipartUploads');
      const query = {
        uploads: '',
        'encoding-type': 'url',
        ...(prefix !== '' && { prefix }),
        ...(after !== undefined && { 'key-marker': after.key }),
        ...(after?.uploadId !== undefined && { 'upload-id-marker': after.uploadId }),
      };
      const response = await send(call, { method: 'GET', headers: {}, query }, signal);
      return readDocument(call, response, (xml) => uploadsPage(call, parseUploads(xml), after));
    },
  };
}

const queryOf = ({ uploadId }: UploadRef): { readonly uploadId: string } => ({ uploadId });

/** Headers of an upload whose parts and whole object have a CRC32 of all bytes. */
const CRC32_HEADERS = { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'FULL_OBJECT' };

/** How the parts of an upload are checked: by CRC32, or by nothing that its creation has to say. */
export function uploadCheck(integrity: Integrity, checksummed: boolean): SentCheck {
  return checksummed && integrity.crc32
    ? { kind: 'crc32', headers: CRC32_HEADERS, name: '', value: '', md5: () => '' }
    : { kind: 'none', headers: {}, name: '', value: '', md5: () => '' };
}

/** The headers of CompleteMultipartUpload: size and checksum of the whole object, and the condition. */
export function completeHeaders(request: CompleteRequest, { current }: ProfileFinder): Record<string, string> {
  const { size, crc32 } = request;
  return {
    ...request.headers,
    // Other servers may refuse an unknown header.
    ...(current.crc32 && { 'x-amz-mp-object-size': String(size) }),
    ...(crc32 !== undefined && { 'x-amz-checksum-crc32': crc32, 'x-amz-checksum-type': 'FULL_OBJECT' }),
    ...conditionOf(request),
  };
}

/** Whether an upload existed that is aborted by this request. */
export async function existed(aborted: Promise<unknown>): Promise<boolean> {
  try {
    await aborted;
    return true;
  } catch (error) {
    if (error instanceof S3RequestError && error.status === 404) return false;
    throw error;
  }
}
