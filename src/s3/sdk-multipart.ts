import type { S3Client } from '@aws-sdk/client-s3';
import { S3RequestError } from '../errors.js';
import type { ProfileFinder } from './endpoint-profile.js';
import { type Integrity, isEncrypted } from './integrity.js';
import { unusable } from './list-page.js';
import type { MultipartVerbs, UploadRef } from './multipart.js';
import { completedUpload, partsPage, uploadsPage } from './multipart-answers.js';
import { partAnswer } from './part-answer.js';
import { refusedCheck } from './put-answer.js';
import { type RawAnswer, sendVerbatim, watchAnswer } from './raw-answer.js';
import { type Call, timeOf } from './request-error.js';
import { sdk } from './sdk.js';

export interface SdkMultipartDeps {
  readonly client: S3Client;
  readonly integrity: Integrity;
  readonly profile: ProfileFinder;
  /** A key as the path of a request. */
  readonly pathOf: (key: string) => string;
  /** Turns what goes wrong into an `S3RequestError`. */
  readonly sent: <T>(call: Call, signal: AbortSignal, send: () => Promise<T>) => Promise<T>;
}

/** An upload whose parts, and the object, have a CRC32 that covers all bytes. */
const CRC32_HEADERS = { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'FULL_OBJECT' };
const NO_ANSWER: RawAnswer = { status: 0, headers: {}, text: '' };

/** The multipart verbs on the AWS SDK. One attempt per call. */
export function sdkMultipart(name: string, deps: SdkMultipartDeps): MultipartVerbs {
  const { client, integrity, profile, pathOf, sent } = deps;
  const aws = sdk();
  const place = ({ key, uploadId }: UploadRef) => ({ Bucket: name, Key: key, UploadId: uploadId });

  return {
    facts() {
      const { unlistedParts, uploadsByPrefix, etagIsMd5, conditionalCopies } = profile.current;
      return { unlistedParts, uploadsByPrefix, etagIsMd5, conditionalCopies, crc32: integrity.crc32 };
    },

    async createUpload(key, headers, signal, checksummed = true) {
      const call: Call = { verb: 'CreateMultipartUpload', bucket: name, key };
      const crc32 = checksummed && integrity.crc32;
      const command = new aws.CreateMultipartUploadCommand({ Bucket: name, Key: key });
      sendVerbatim(command, { headers: { ...headers, ...(crc32 && CRC32_HEADERS) }, path: pathOf(key) });
      let seen = NO_ANSWER;
      watchAnswer(command, false, (answer) => (seen = answer));
      const answer = await sent(call, signal, () => client.send(command, { abortSignal: signal })).catch((error) => {
        const check = { kind: crc32 ? 'crc32' : 'none', headers: {}, md5: () => '' } as const;
        throw refusedCheck(integrity, check, error, false);
      });
      if (answer.UploadId === undefined || answer.UploadId === '') throw unusable(call, 'names no upload');
      const encrypted = isEncrypted((name) => seen.headers[name]);
      return { uploadId: answer.UploadId, crc32, encrypted, begunAt: timeOf(seen.headers.date) };
    },

    async putPart({ key, uploadId, number, body, crc32, headers }, signal) {
      const call: Call = { verb: 'UploadPart', bucket: name, key };
      const bytes = await body.read();
      const check = integrity.check(bytes, crc32);
      const range = { PartNumber: number, Body: bytes, ContentLength: bytes.length };
      const command = new aws.UploadPartCommand({ ...place({ key, uploadId }), ...range });
      sendVerbatim(command, { headers: { ...headers, ...check.headers }, path: pathOf(key) });
      let seen = NO_ANSWER;
      watchAnswer(command, true, (answer) => (seen = answer));
      await sent(call, signal, () => client.send(command, { abortSignal: signal })).catch((error) => {
        throw refusedCheck(integrity, check, error, false);
      });
      return partAnswer(call, check, integrity, (name) => seen.headers[name], seen.text);
    },

    async completeUpload({ parts, size, crc32, onlyIfAbsent, ...upload }, signal) {
      const call: Call = { verb: 'CompleteMultipartUpload', bucket: name, key: upload.key };
      const Parts = parts.map((part) => ({
        PartNumber: part.number,
        ETag: `"${part.etag}"`,
        ...(part.crc32 !== undefined && { ChecksumCRC32: part.crc32 }),
      }));
      const command = new aws.CompleteMultipartUploadCommand({ ...place(upload), MultipartUpload: { Parts } });
      const sums = { 'x-amz-checksum-crc32': crc32 ?? '', 'x-amz-checksum-type': 'FULL_OBJECT' };
      const headers = {
        ...upload.headers,
        // Other servers may refuse a header that they do not know.
        ...(profile.current.crc32 && { 'x-amz-mp-object-size': String(size) }),
        ...(crc32 !== undefined && sums),
        ...(onlyIfAbsent !== undefined && { 'if-none-match': '*' }),
      };
      sendVerbatim(command, { headers, path: pathOf(upload.key) });
      let seen = NO_ANSWER;
      watchAnswer(command, false, (answer) => (seen = answer));
      const answer = await sent(call, signal, () => client.send(command, { abortSignal: signal }));
      return completedUpload(
        call,
        answer,
        isEncrypted((name) => seen.headers[name]),
      );
    },

    async abortUpload(upload, signal) {
      const call: Call = { verb: 'AbortMultipartUpload', bucket: name, key: upload.key };
      const command = new aws.AbortMultipartUploadCommand(place(upload));
      sendVerbatim(command, { path: pathOf(upload.key) });
      try {
        await sent(call, signal, () => client.send(command, { abortSignal: signal }));
        return true;
      } catch (error) {
        if (error instanceof S3RequestError && error.status === 404) return false;
        throw error;
      }
    },

    async listParts(upload, after, signal) {
      const call: Call = { verb: 'ListParts', bucket: name, key: upload.key };
      const marker = after === undefined ? {} : { PartNumberMarker: String(after) };
      const command = new aws.ListPartsCommand({ ...place(upload), ...marker });
      sendVerbatim(command, { headers: upload.headers ?? {}, path: pathOf(upload.key) });
      const answer = await sent(call, signal, () => client.send(command, { abortSignal: signal }));
      return partsPage(call, answer, after);
    },

    async listUploads(prefix, after, signal) {
      const call: Call = { verb: 'ListMultipartUploads', bucket: name };
      const command = new aws.ListMultipartUploadsCommand({
        Bucket: name,
        EncodingType: 'url',
        ...(prefix !== '' && { Prefix: prefix }),
        ...(after !== undefined && { KeyMarker: after.key }),
        ...(after?.uploadId !== undefined && { UploadIdMarker: after.uploadId }),
      });
      const answer = await sent(call, signal, () => client.send(command, { abortSignal: signal }));
      return uploadsPage(call, answer, after);
    },
  };
}
