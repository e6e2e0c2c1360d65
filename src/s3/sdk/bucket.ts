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
import { type RawResponse, sdk, sendVerbatim, watchResponse } from './client.js';

export interface SdkDeps {
  readonly session: Session;
  readonly integrity: Integrity;
  /** Learns the server's kind from the `Server` header of responses. */
  readonly profile: ProfileFinder;
  /** Headers of every request. */
  readonly requestHeaders: Readonly<Record<string, string>>;
}

/** A bucket on the AWS SDK, for rare verbs and for endpoints that only the SDK supports. One attempt per call. */
export async function sdkBucket(
  name: string,
  { session, integrity, profile, requestHeaders }: SdkDeps,
): Promise<Bucket> {
  const { PutObjectCommand, HeadObjectCommand, ListObjectsV2Command } = sdk();
  const { client } = session;
  // A command's own headers are set later, and win.
  const protocol = session.address.secure ? 'https:' : 'http:';
  sendVerbatim(client, { headers: requestHeaders, protocol, name: 'sendRequestHeaders' });
  watchResponse(client, false, ({ headers }) => profile.learn(headers.server), 'learnServer');
  const pathOf = (key: string) => `${session.address.basePath}/${encodeKey(key)}`;

  /** Sends one request. Throws an `S3RequestError`, or the signal's reason. */
  async function send<T>(call: Call, signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    try {
      // Recovery compares them with the current ones after a refusal.
      await orAborted(Promise.resolve(session.credentials()), signal);
      return await request();
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
      let response = NO_RESPONSE;
      watchResponse(command, true, (raw) => (response = raw));
      await send(call, signal, () => client.send(command, { abortSignal: signal })).catch((error) => {
        throw refusedCheck(integrity, check, error, onlyIfAbsent !== undefined);
      });
      return putAnswer(call, check, integrity, (name) => response.headers[name], response.text);
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
      let response = NO_RESPONSE;
      watchResponse(command, false, (raw) => (response = raw));
      await send(call, signal, () => client.send(command, { abortSignal: signal }));
      return response.headers;
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
      watchResponse(command, false, ({ headers }) => {
        notS3 = isNotS3('', headers);
      });
      const output = await send(call, signal, () => client.send(command, { abortSignal: signal }));
      return listPage(call, { ...output, notS3 }, continuationToken);
    },

    ...sdkMultipart(name, { client, integrity, profile, pathOf, send }),
    ...sdkCopy(name, { client, pathOf, send }),

    close: () => client.destroy(),
  };
}

export interface SdkMultipartDeps {
  readonly client: S3Client;
  readonly integrity: Integrity;
  readonly profile: ProfileFinder;
  /** The path of a request for a key. */
  readonly pathOf: (key: string) => string;
  /** Turns errors into `S3RequestError`. */
  readonly send: <T>(call: Call, signal: AbortSignal, request: () => Promise<T>) => Promise<T>;
}

/** Headers of an upload whose parts and whole object have a CRC32 of all bytes. */
const CRC32_HEADERS = { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'FULL_OBJECT' };
const NO_RESPONSE: RawResponse = { status: 0, headers: {}, text: '' };

/** The multipart verbs on the AWS SDK. One attempt per call. */
function sdkMultipart(name: string, deps: SdkMultipartDeps): MultipartVerbs {
  const { client, integrity, profile, pathOf, send } = deps;
  const aws = sdk();
  const target = ({ key, uploadId }: UploadRef) => ({ Bucket: name, Key: key, UploadId: uploadId });

  return {
    facts() {
      const { unlistedParts, equalParts, uploadsByPrefix, etagIsMd5, conditionalCopies } = profile.current;
      return { unlistedParts, equalParts, uploadsByPrefix, etagIsMd5, conditionalCopies, crc32: integrity.crc32 };
    },

    async createUpload(key, headers, signal, checksummed = true) {
      const call: Call = { verb: 'CreateMultipartUpload', bucket: name, key };
      const crc32 = checksummed && integrity.crc32;
      const command = new aws.CreateMultipartUploadCommand({ Bucket: name, Key: key });
      sendVerbatim(command, { headers: { ...headers, ...(crc32 && CRC32_HEADERS) }, path: pathOf(key) });
      let response = NO_RESPONSE;
      watchResponse(command, false, (raw) => (response = raw));
      const output = await send(call, signal, () => client.send(command, { abortSignal: signal })).catch((error) => {
        const check = { kind: crc32 ? 'crc32' : 'none', headers: {}, md5: () => '' } as const;
        throw refusedCheck(integrity, check, error, false);
      });
      if (output.UploadId === undefined || output.UploadId === '') throw unusableResponse(call, 'has no upload id');
      const encrypted = isEncrypted((name) => response.headers[name]);
      return { uploadId: output.UploadId, crc32, encrypted, begunAt: timeOf(response.headers.date) };
    },

    async putPart({ key, uploadId, number, body, crc32, headers }, signal) {
      const call: Call = { verb: 'UploadPart', bucket: name, key };
      const bytes = await body.read();
      const check = integrity.check(bytes, crc32);
      const part = { PartNumber: number, Body: bytes, ContentLength: bytes.length };
      const command = new aws.UploadPartCommand({ ...target({ key, uploadId }), ...part });
      sendVerbatim(command, { headers: { ...headers, ...check.headers }, path: pathOf(key) });
      let response = NO_RESPONSE;
      watchResponse(command, true, (raw) => (response = raw));
      await send(call, signal, () => client.send(command, { abortSignal: signal })).catch((error) => {
        throw refusedCheck(integrity, check, error, false);
      });
      return partAnswer(call, check, integrity, (name) => response.headers[name], response.text);
    },

    async completeUpload({ parts, size, crc32, onlyIfAbsent, ...upload }, signal) {
      const call: Call = { verb: 'CompleteMultipartUpload', bucket: name, key: upload.key };
      const Parts = parts.map((part) => ({
        PartNumber: part.number,
        ETag: `"${part.etag}"`,
        ...(part.crc32 !== undefined && { ChecksumCRC32: part.crc32 }),
      }));
      const command = new aws.CompleteMultipartUploadCommand({ ...target(upload), MultipartUpload: { Parts } });
      const checksumHeaders = { 'x-amz-checksum-crc32': crc32 ?? '', 'x-amz-checksum-type': 'FULL_OBJECT' };
      const headers = {
        ...upload.headers,
        // Other servers may refuse an unknown header.
        ...(profile.current.crc32 && { 'x-amz-mp-object-size': String(size) }),
        ...(crc32 !== undefined && checksumHeaders),
        ...(onlyIfAbsent !== undefined && { 'if-none-match': '*' }),
      };
      sendVerbatim(command, { headers, path: pathOf(upload.key) });
      let response = NO_RESPONSE;
      watchResponse(command, false, (raw) => (response = raw));
      const output = await send(call, signal, () => client.send(command, { abortSignal: signal }));
      return completedUpload(
        call,
        output,
        isEncrypted((name) => response.headers[name]),
      );
    },

    async abortUpload(upload, signal) {
      const call: Call = { verb: 'AbortMultipartUpload', bucket: name, key: upload.key };
      const command = new aws.AbortMultipartUploadCommand(target(upload));
      sendVerbatim(command, { path: pathOf(upload.key) });
      try {
        await send(call, signal, () => client.send(command, { abortSignal: signal }));
        return true;
      } catch (error) {
        if (error instanceof S3RequestError && error.status === 404) return false;
        throw error;
      }
    },

    async listParts(upload, after, signal) {
      const call: Call = { verb: 'ListParts', bucket: name, key: upload.key };
      const marker = after === undefined ? {} : { PartNumberMarker: String(after) };
      const command = new aws.ListPartsCommand({ ...target(upload), ...marker });
      sendVerbatim(command, { headers: upload.headers ?? {}, path: pathOf(upload.key) });
      const output = await send(call, signal, () => client.send(command, { abortSignal: signal }));
      return partsPage(call, output, after);
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
      const output = await send(call, signal, () => client.send(command, { abortSignal: signal }));
      return uploadsPage(call, output, after);
    },
  };
}

export interface SdkCopyDeps {
  readonly client: S3Client;
  /** The path of a request for a key. */
  readonly pathOf: (key: string) => string;
  /** Turns errors into `S3RequestError`. */
  readonly send: <T>(call: Call, signal: AbortSignal, request: () => Promise<T>) => Promise<T>;
}

/** The copy verbs, and those that read what a copy would lose, on the AWS SDK. One attempt per call. */
function sdkCopy(name: string, { client, pathOf, send }: SdkCopyDeps): CopyVerbs {
  const aws = sdk();
  const target = ({ key, versionId }: ReadFrom) => ({
    Bucket: name,
    Key: key,
    ...(versionId !== undefined && { VersionId: versionId }),
  });

  return {
    async copyObject({ key, source, headers, onlyIfAbsent }, signal) {
      const call: Call = { verb: 'CopyObject', bucket: name, key };
      const copyHeaders = copySourceHeaders(source);
      const command = new aws.CopyObjectCommand({ ...target({ key }), CopySource: copyHeaders['x-amz-copy-source'] });
      const condition = onlyIfAbsent === undefined ? {} : { 'if-none-match': '*' };
      sendVerbatim(command, { headers: { ...headers, ...copyHeaders, ...condition }, path: pathOf(key) });
      let response = NO_RESPONSE;
      watchResponse(command, false, (raw) => (response = raw));
      const { CopyObjectResult: result } = await send(call, signal, () =>
        client.send(command, { abortSignal: signal }),
      );
      if (result === undefined) throw unusableResponse(call, 'does not describe a copy');
      return { etag: unquoted(result.ETag), encrypted: isEncrypted((header) => response.headers[header]), attempts: 1 };
    },

    async copyPart({ key, uploadId, number, headers, source, range }, signal) {
      const call: Call = { verb: 'UploadPartCopy', bucket: name, key };
      const copyHeaders = copySourceHeaders(source, range);
      const part = { UploadId: uploadId, PartNumber: number, CopySource: copyHeaders['x-amz-copy-source'] };
      const command = new aws.UploadPartCopyCommand({ ...target({ key }), ...part });
      sendVerbatim(command, { headers: { ...headers, ...copyHeaders }, path: pathOf(key) });
      let response = NO_RESPONSE;
      watchResponse(command, false, (raw) => (response = raw));
      const { CopyPartResult: result } = await send(call, signal, () => client.send(command, { abortSignal: signal }));
      if (result === undefined) throw unusableResponse(call, 'does not describe a copy');
      return { etag: unquoted(result.ETag), encrypted: isEncrypted((header) => response.headers[header]), attempts: 1 };
    },

    async getObject(from, range, signal) {
      const call: Call = { verb: 'GetObject', bucket: name, key: from.key };
      const command = new aws.GetObjectCommand(target(from));
      const headers = {
        ...(from.etag !== undefined && { 'if-match': `"${from.etag}"` }),
        ...(range !== undefined && { range: rangeText(range) }),
      };
      sendVerbatim(command, { headers, path: pathOf(from.key) });
      let response = NO_RESPONSE;
      watchResponse(command, false, (raw) => (response = raw));
      const body = await send(call, signal, async () => {
        const output = await client.send(command, { abortSignal: signal });
        return Buffer.from((await output.Body?.transformToByteArray()) ?? []);
      });
      return gotObject(
        call,
        { headers: response.headers, body },
        range === undefined ? undefined : range.end - range.start,
      );
    },

    async objectTags(from, signal) {
      const call: Call = { verb: 'GetObjectTagging', bucket: name, key: from.key };
      const command = new aws.GetObjectTaggingCommand(target(from));
      return tagsIn(call, await textOf(call, command, from, signal));
    },

    async objectGrants(from, signal) {
      const call: Call = { verb: 'GetObjectAcl', bucket: name, key: from.key };
      const command = new aws.GetObjectAclCommand(target(from));
      return grantsIn(call, await textOf(call, command, from, signal));
    },
  };

  /** The document of a response, read before the SDK parses it. */
  async function textOf(
    call: Call,
    command: InstanceType<typeof aws.GetObjectTaggingCommand> | InstanceType<typeof aws.GetObjectAclCommand>,
    from: ReadFrom,
    signal: AbortSignal,
  ): Promise<string> {
    sendVerbatim(command, { path: pathOf(from.key) });
    let response = NO_RESPONSE;
    watchResponse(command, true, (raw) => (response = raw));
    await send(call, signal, async () => {
      try {
        await client.send(command as InstanceType<typeof aws.GetObjectTaggingCommand>, { abortSignal: signal });
      } catch (error) {
        // The document was already read above, so the SDK fails to parse it.
        if (response.status !== 200) throw error;
      }
    });
    return response.text;
  }
}
