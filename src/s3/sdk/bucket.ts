import type { S3Client } from '@aws-sdk/client-s3';
import { S3RequestError } from '../../errors.js';
import { orAborted } from '../../run/abort.js';
import { gotObject, grantsIn, tagsIn } from '../answers/copy.js';
import { listPage, unusableResponse } from '../answers/listing.js';
import { completedUpload, partsPage, uploadsPage } from '../answers/multipart.js';
import { headObject, partAnswer, putAnswer, refusedCheck } from '../answers/object.js';
import type { Bucket, CopyVerbs, MultipartVerbs, ReadFrom, UploadRef } from '../bucket.js';
import type { ProfileFinder } from '../endpoint-profile.js';
import { type Call, isNotS3, requestError, timeOf } from '../errors.js';
import { type Integrity, isEncrypted, unquoted } from '../integrity.js';
import type { Session } from '../session.js';
import { encodeKey } from '../sign.js';
import { copySourceHeaders, rangeText } from '../wire/bucket.js';
import { type RawAnswer, sdk, sendVerbatim, watchAnswer } from './client.js';

export interface SdkDeps {
  readonly session: Session;
  readonly integrity: Integrity;
  /** Is told what answers call their server. */
  readonly profile: ProfileFinder;
  /** Headers of every request. */
  readonly requestHeaders: Readonly<Record<string, string>>;
}

/** A bucket on the AWS SDK, for what is not worth a way of its own and for endpoints that only the SDK knows. One attempt per call. */
export async function sdkBucket(
  name: string,
  { session, integrity, profile, requestHeaders }: SdkDeps,
): Promise<Bucket> {
  const { PutObjectCommand, HeadObjectCommand, ListObjectsV2Command } = sdk();
  const { client } = session;
  // A command's own headers come later, and win.
  const protocol = session.address.secure ? 'https:' : 'http:';
  sendVerbatim(client, { headers: requestHeaders, protocol, as: 'sendRequestHeaders' });
  watchAnswer(client, false, ({ headers }) => profile.learn(headers.server), 'learnServer');
  const pathOf = (key: string) => `${session.address.basePath}/${encodeKey(key)}`;

  /** Sends; whatever goes wrong is an `S3RequestError`, or the signal's reason. */
  async function sent<T>(call: Call, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
    try {
      // So that a refusal can tell whether they were the old ones.
      await orAborted(Promise.resolve(session.credentials()), signal);
      return await send();
    } catch (error) {
      signal.throwIfAborted();
      throw requestError(call, error);
    }
  }

  return {
    name,

    async putObject({ key, body, headers, onlyIfAbsent }, signal) {
      const call: Call = { verb: 'PutObject', bucket: name, key };
      const bytes = await body.read();
      const check = integrity.check(bytes);
      const command = new PutObjectCommand({ Bucket: name, Key: key, Body: bytes, ContentLength: bytes.length });
      const condition = onlyIfAbsent === undefined ? {} : { 'if-none-match': '*' };
      sendVerbatim(command, { headers: { ...headers, ...check.headers, ...condition }, path: pathOf(key) });
      let answer: RawAnswer = { status: 0, headers: {}, text: '' };
      watchAnswer(command, true, (seen) => {
        answer = seen;
      });
      await sent(call, signal, () => client.send(command, { abortSignal: signal })).catch((error) => {
        throw refusedCheck(integrity, check, error, onlyIfAbsent !== undefined);
      });
      return putAnswer(call, check, integrity, (name) => answer.headers[name], answer.text);
    },

    headObject: headObject(name, async (call, { checksum, partNumber, versionId }, signal) => {
      const key = call.key ?? '';
      const command = new HeadObjectCommand({
        Bucket: name,
        Key: key,
        ...(checksum === true && { ChecksumMode: 'ENABLED' as const }),
        ...(partNumber !== undefined && { PartNumber: partNumber }),
        ...(versionId !== undefined && { VersionId: versionId }),
      });
      sendVerbatim(command, { path: pathOf(key) });
      let headers: RawAnswer['headers'] = {};
      watchAnswer(command, false, (seen) => {
        headers = seen.headers;
      });
      await sent(call, signal, () => client.send(command, { abortSignal: signal }));
      return headers;
    }),

    async listObjects({ prefix, startAfter, continuationToken, delimiter }, signal) {
      const call: Call = { verb: 'ListObjectsV2', bucket: name };
      const command = new ListObjectsV2Command({
        Bucket: name,
        Prefix: prefix,
        EncodingType: 'url',
        ...(delimiter !== undefined && { Delimiter: delimiter }),
        ...(startAfter !== undefined && { StartAfter: startAfter }),
        ...(continuationToken !== undefined && { ContinuationToken: continuationToken }),
      });
      let notS3 = false;
      watchAnswer(command, false, ({ headers }) => {
        notS3 = isNotS3('', headers);
      });
      const answer = await sent(call, signal, () => client.send(command, { abortSignal: signal }));
      return listPage(call, { ...answer, notS3 }, continuationToken);
    },

    ...sdkMultipart(name, { client, integrity, profile, pathOf, sent }),
    ...sdkCopy(name, { client, pathOf, sent }),

    close: () => client.destroy(),
  };
}

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
      if (answer.UploadId === undefined || answer.UploadId === '') throw unusableResponse(call, 'names no upload');
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

export interface SdkCopyDeps {
  readonly client: S3Client;
  /** A key as the path of a request. */
  readonly pathOf: (key: string) => string;
  /** Turns what goes wrong into an `S3RequestError`. */
  readonly sent: <T>(call: Call, signal: AbortSignal, send: () => Promise<T>) => Promise<T>;
}

/** Copies, and reading what they would lose, on the AWS SDK. One attempt per call. */
export function sdkCopy(name: string, { client, pathOf, sent }: SdkCopyDeps): CopyVerbs {
  const aws = sdk();
  const place = ({ key, versionId }: ReadFrom) => ({
    Bucket: name,
    Key: key,
    ...(versionId !== undefined && { VersionId: versionId }),
  });

  return {
    async copyObject({ key, source, headers, onlyIfAbsent }, signal) {
      const call: Call = { verb: 'CopyObject', bucket: name, key };
      const own = copySourceHeaders(source);
      const command = new aws.CopyObjectCommand({ ...place({ key }), CopySource: own['x-amz-copy-source'] });
      const condition = onlyIfAbsent === undefined ? {} : { 'if-none-match': '*' };
      sendVerbatim(command, { headers: { ...headers, ...own, ...condition }, path: pathOf(key) });
      let seen = NO_ANSWER;
      watchAnswer(command, false, (answer) => (seen = answer));
      const { CopyObjectResult: result } = await sent(call, signal, () =>
        client.send(command, { abortSignal: signal }),
      );
      if (result === undefined) throw unusableResponse(call, 'does not describe a copy');
      return { etag: unquoted(result.ETag), encrypted: isEncrypted((header) => seen.headers[header]), attempts: 1 };
    },

    async copyPart({ key, uploadId, number, headers, source, range }, signal) {
      const call: Call = { verb: 'UploadPartCopy', bucket: name, key };
      const own = copySourceHeaders(source, range);
      const part = { UploadId: uploadId, PartNumber: number, CopySource: own['x-amz-copy-source'] };
      const command = new aws.UploadPartCopyCommand({ ...place({ key }), ...part });
      sendVerbatim(command, { headers: { ...headers, ...own }, path: pathOf(key) });
      let seen = NO_ANSWER;
      watchAnswer(command, false, (answer) => (seen = answer));
      const { CopyPartResult: result } = await sent(call, signal, () => client.send(command, { abortSignal: signal }));
      if (result === undefined) throw unusableResponse(call, 'does not describe a copy');
      return { etag: unquoted(result.ETag), encrypted: isEncrypted((header) => seen.headers[header]), attempts: 1 };
    },

    async getObject(from, range, signal) {
      const call: Call = { verb: 'GetObject', bucket: name, key: from.key };
      const command = new aws.GetObjectCommand(place(from));
      const headers = {
        ...(from.etag !== undefined && { 'if-match': `"${from.etag}"` }),
        ...(range !== undefined && { range: rangeText(range) }),
      };
      sendVerbatim(command, { headers, path: pathOf(from.key) });
      let seen = NO_ANSWER;
      watchAnswer(command, false, (answer) => (seen = answer));
      const body = await sent(call, signal, async () => {
        const answer = await client.send(command, { abortSignal: signal });
        return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
      });
      return gotObject(
        call,
        { headers: seen.headers, body },
        range === undefined ? undefined : range.end - range.start,
      );
    },

    async objectTags(from, signal) {
      const call: Call = { verb: 'GetObjectTagging', bucket: name, key: from.key };
      const command = new aws.GetObjectTaggingCommand(place(from));
      return tagsIn(call, await textOf(call, command, from, signal));
    },

    async objectGrants(from, signal) {
      const call: Call = { verb: 'GetObjectAcl', bucket: name, key: from.key };
      const command = new aws.GetObjectAclCommand(place(from));
      return grantsIn(call, await textOf(call, command, from, signal));
    },
  };

  /** The document of an answer, before the SDK has made something else of it. */
  async function textOf(
    call: Call,
    command: InstanceType<typeof aws.GetObjectTaggingCommand> | InstanceType<typeof aws.GetObjectAclCommand>,
    from: ReadFrom,
    signal: AbortSignal,
  ): Promise<string> {
    sendVerbatim(command, { path: pathOf(from.key) });
    let seen = NO_ANSWER;
    watchAnswer(command, true, (answer) => (seen = answer));
    await sent(call, signal, async () => {
      try {
        await client.send(command as InstanceType<typeof aws.GetObjectTaggingCommand>, { abortSignal: signal });
      } catch (error) {
        // The document was read here, so that there is none left for the SDK.
        if (seen.status !== 200) throw error;
      }
    });
    return seen.text;
  }
}
