import type { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { S3RequestError } from '../../errors.js';
import { maxResponseBytes } from '../../model/verbs.js';
import { orAborted } from '../../run/abort.js';
import { aclIn, annotationsIn, copyAnswer, gotObject, tagsIn } from '../answers/copy.js';
import { readDocument } from '../answers/document.js';
import { listPage, parseListing } from '../answers/listing.js';
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
import { headObject, partAnswer, putAnswer, refusedCheck } from '../answers/object.js';
import type { Bucket, CopyVerbs, MultipartVerbs, ReadFrom, UploadRef } from '../bucket.js';
import type { ProfileFinder } from '../endpoint-profile.js';
import { type Call, requestError, responseError, timeOf } from '../errors.js';
import { type HttpResponse, throwIfAborted } from '../http/http-client.js';
import { type Integrity, isEncrypted } from '../integrity.js';
import { serverFacts } from '../server-facts.js';
import type { Session } from '../session.js';
import { encodeKey } from '../sign.js';
import { annotationHeaders, copySourceHeaders, rangeText } from '../wire/bucket.js';
import { completeHeaders, existed, uploadCheck } from '../wire/multipart.js';
import { conditionOf } from '../wire/send.js';
import { type Command, exchange, type SendCommand, sdk, sendDocument, sendVerbatim, watchResponses } from './client.js';
import { sdkDeletes } from './deletes.js';
import { sdkVersions } from './versions.js';

export interface SdkDeps {
  readonly session: Session;
  /** Takes region and credentials from the session. */
  readonly client: S3Client;
  readonly integrity: Integrity;
  /** Learns the server's kind from the `Server` header of responses. */
  readonly profile: ProfileFinder;
  /** Headers of every request. */
  readonly requestHeaders: Readonly<Record<string, string>>;
}

/** A bucket on the AWS SDK, for rare verbs and for endpoints that only the SDK supports. One attempt per call. */
export function sdkBucket(name: string, { session, client, integrity, profile, requestHeaders }: SdkDeps): Bucket {
  const aws = sdk();
  // A command's own headers are set later, and win.
  const protocol = session.address.secure ? 'https:' : 'http:';
  sendVerbatim(client, { headers: requestHeaders, protocol, name: 'sendRequestHeaders' });
  watchResponses(client, ({ header }) => profile.learn(header('server')), 'learnServer');

  /** Sends one request. Throws an `S3RequestError` unless it succeeds, or the signal's reason. */
  async function send(call: Call, command: Command, signal: AbortSignal, headers = {}): Promise<HttpResponse> {
    const { verb, key } = call;
    sendVerbatim(command, {
      headers,
      ...(key !== undefined && { path: `${session.address.basePath}/${encodeKey(key)}` }),
    });
    const sendCommand = () => client.send(command as HeadObjectCommand, { abortSignal: signal });
    try {
      // Recovery compares them with the current ones after a refusal.
      await orAborted(Promise.resolve(session.credentials()), signal);
      const response = await exchange(command, maxResponseBytes(verb), sendCommand);
      if (response.status < 200 || response.status >= 300) throw responseError(call, response);
      return response;
    } catch (error) {
      throwIfAborted(signal, error);
      throw requestError(call, error);
    }
  }

  return {
    name,

    async putObject({ key, body, headers, ...request }, signal) {
      const call: Call = { verb: 'PutObject', bucket: name, key };
      const bytes = await body.read();
      const check = integrity.check(bytes);
      const command = new aws.PutObjectCommand({ Bucket: name, Key: key, Body: bytes, ContentLength: bytes.length });
      const condition = conditionOf(request);
      const all = { ...headers, ...check.headers, ...condition };
      const response = await send(call, command, signal, all).catch((error) => {
        throw refusedCheck(integrity, check, error, condition !== undefined);
      });
      return readDocument(call, response, (xml) => putAnswer(call, check, integrity, response.header, xml));
    },

    headObject: headObject(name, async (call, { checksum, partNumber, versionId }, signal) => {
      const key = call.key ?? '';
      const command = new aws.HeadObjectCommand({
        Bucket: name,
        Key: key,
        ...(checksum === true && { ChecksumMode: 'ENABLED' as const }),
        ...(partNumber !== undefined && { PartNumber: partNumber }),
        ...(versionId !== undefined && { VersionId: versionId }),
      });
      return (await send(call, command, signal)).headers();
    }),

    async listObjects({ prefix, startAfter, continuationToken, delimiter }, signal) {
      const call: Call = { verb: 'ListObjectsV2', bucket: name };
      const command = new aws.ListObjectsV2Command({
        Bucket: name,
        Prefix: prefix,
        EncodingType: 'url',
        ...(delimiter !== undefined && { Delimiter: delimiter }),
        ...(startAfter !== undefined && { StartAfter: startAfter }),
        ...(continuationToken !== undefined && { ContinuationToken: continuationToken }),
      });
      const response = await send(call, command, signal);
      const page = readDocument(call, response, (xml) => listPage(call, parseListing(xml), continuationToken));
      return { ...page, requestId: response.header('x-amz-request-id') };
    },

    ...sdkMultipart(name, { integrity, profile, send }),
    ...sdkCopy(name, integrity, send),
    ...sdkDeletes(name, integrity, send),
    ...sdkVersions(name, send),

    close: () => client.destroy(),
  };
}

interface SdkMultipartDeps extends Pick<SdkDeps, 'integrity' | 'profile'> {
  readonly send: SendCommand;
}

/** The multipart verbs on the AWS SDK. One attempt per call. */
function sdkMultipart(name: string, { integrity, profile, send }: SdkMultipartDeps): MultipartVerbs {
  const aws = sdk();
  const target = ({ key, uploadId }: UploadRef) => ({ Bucket: name, Key: key, UploadId: uploadId });

  return {
    facts: () => serverFacts(name, profile, integrity),

    async createUpload(key, headers, signal, checksummed = true) {
      const call: Call = { verb: 'CreateMultipartUpload', bucket: name, key };
      const check = uploadCheck(integrity, checksummed);
      const command = new aws.CreateMultipartUploadCommand({ Bucket: name, Key: key });
      const response = await send(call, command, signal, { ...headers, ...check.headers }).catch((error) => {
        throw refusedCheck(integrity, check, error, false);
      });
      const crc32 = check.kind === 'crc32';
      const uploadId = readDocument(call, response, (xml) => createdUpload(call, xml));
      return { uploadId, crc32, encrypted: isEncrypted(response.header), begunAt: timeOf(response.header('date')) };
    },

    async putPart({ key, uploadId, number, body, crc32, headers }, signal) {
      const call: Call = { verb: 'UploadPart', bucket: name, key };
      const bytes = await body.read();
      const check = integrity.check(bytes, crc32);
      const part = { PartNumber: number, Body: bytes, ContentLength: bytes.length };
      const command = new aws.UploadPartCommand({ ...target({ key, uploadId }), ...part });
      const response = await send(call, command, signal, { ...headers, ...check.headers }).catch((error) => {
        throw refusedCheck(integrity, check, error, false);
      });
      return readDocument(call, response, (xml) => partAnswer(call, check, integrity, response.header, xml));
    },

    async completeUpload(request, signal) {
      const call: Call = { verb: 'CompleteMultipartUpload', bucket: name, key: request.key };
      const command = new aws.CompleteMultipartUploadCommand({ ...target(request), MultipartUpload: { Parts: [] } });
      sendDocument(command, completeDocument(request.parts));
      const response = await send(call, command, signal, completeHeaders(request, profile));
      const encrypted = isEncrypted(response.header);
      return readDocument(call, response, (xml) => completedUpload(call, parseCompleted(xml), encrypted));
    },

    async abortUpload(upload, signal) {
      const call: Call = { verb: 'AbortMultipartUpload', bucket: name, key: upload.key };
      return existed(send(call, new aws.AbortMultipartUploadCommand(target(upload)), signal));
    },

    async listParts(upload, after, signal) {
      const call: Call = { verb: 'ListParts', bucket: name, key: upload.key };
      const marker = after === undefined ? {} : { PartNumberMarker: String(after) };
      const command = new aws.ListPartsCommand({ ...target(upload), ...marker });
      const response = await send(call, command, signal, upload.headers);
      return readDocument(call, response, (xml) => partsPage(call, parseParts(xml), after));
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
      const response = await send(call, command, signal);
      return readDocument(call, response, (xml) => uploadsPage(call, parseUploads(xml), after));
    },
  };
}

/** The copy verbs, and those that read what a copy would lose, on the AWS SDK. One attempt per call. */
function sdkCopy(name: string, integrity: Integrity, send: SendCommand): CopyVerbs {
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
      const response = await send(call, command, signal, { ...headers, ...copyHeaders, ...condition });
      return readDocument(call, response, (xml) => copyAnswer(call, response.header, xml));
    },

    async copyPart({ key, uploadId, number, headers, source, range }, signal) {
      const call: Call = { verb: 'UploadPartCopy', bucket: name, key };
      const copyHeaders = copySourceHeaders(source, range);
      const part = { UploadId: uploadId, PartNumber: number, CopySource: copyHeaders['x-amz-copy-source'] };
      const command = new aws.UploadPartCopyCommand({ ...target({ key }), ...part });
      const response = await send(call, command, signal, { ...headers, ...copyHeaders });
      return readDocument(call, response, (xml) => copyAnswer(call, response.header, xml));
    },

    async getObject(from, range, signal) {
      const call: Call = { verb: 'GetObject', bucket: name, key: from.key };
      const headers = {
        ...(from.etag !== undefined && { 'if-match': `"${from.etag}"` }),
        ...(range !== undefined && { range: rangeText(range) }),
      };
      const { headers: readHeaders, body } = await send(call, new aws.GetObjectCommand(target(from)), signal, headers);
      return gotObject(
        call,
        { headers: readHeaders(), body },
        range === undefined ? undefined : range.end - range.start,
      );
    },

    async objectTags(from, signal) {
      const call: Call = { verb: 'GetObjectTagging', bucket: name, key: from.key };
      const response = await send(call, new aws.GetObjectTaggingCommand(target(from)), signal);
      return readDocument(call, response, (xml) => tagsIn(call, xml));
    },

    async objectAcl(from, signal) {
      const call: Call = { verb: 'GetObjectAcl', bucket: name, key: from.key };
      const response = await send(call, new aws.GetObjectAclCommand(target(from)), signal);
      return readDocument(call, response, (xml) => aclIn(call, xml));
    },

    async listAnnotations(from, after, signal) {
      const call: Call = { verb: 'ListObjectAnnotations', bucket: name, key: from.key };
      const token = after === undefined ? {} : { ContinuationToken: after };
      const List = known(call, aws.ListObjectAnnotationsCommand);
      const response = await send(call, new List({ ...target(from), ...token }), signal);
      return readDocument(call, response, (xml) => annotationsIn(call, xml, after));
    },

    async getAnnotation(from, signal) {
      const call: Call = { verb: 'GetObjectAnnotation', bucket: name, key: from.key };
      const Get = known(call, aws.GetObjectAnnotationCommand);
      return (await send(call, new Get({ ...target(from), AnnotationName: from.name }), signal)).body;
    },

    async putAnnotation({ key, name: annotation, body, etag }, signal) {
      const call: Call = { verb: 'PutObjectAnnotation', bucket: name, key };
      const Put = known(call, aws.PutObjectAnnotationCommand);
      const command = new Put({ ...target({ key }), AnnotationName: annotation, AnnotationPayload: body });
      const headers = { ...integrity.check(body).headers, ...annotationHeaders(etag) };
      const response = await send(call, command, signal, headers);
      readDocument(call, response, () => undefined);
    },
  };

  /** A command that older versions of the SDK lack. */
  function known<T>(call: Call, command: T | undefined): T {
    if (command !== undefined) return command;
    const message = `${call.verb} s3://${name}/${call.key}: NotImplemented: the installed @aws-sdk/client-s3 has no annotations`;
    throw new S3RequestError(message, { ...call, code: 'NotImplemented', hint: 'Update @aws-sdk/client-s3.' });
  }
}
