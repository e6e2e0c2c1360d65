import { orAborted } from '../../run/abort.js';
import { aclIn, annotationsIn, copyAnswer, gotObject, tagsIn } from '../answers/copy.js';
import { readDocument } from '../answers/document.js';
import { listPage, parseListing } from '../answers/listing.js';
import { headObject, partAnswer, putAnswer, refusedCheck } from '../answers/object.js';
import type { Bucket, ByteRange, CopySource, CopyVerbs, MultipartVerbs, PutAnswer, ReadFrom } from '../bucket.js';
import type { ProfileFinder } from '../endpoint-profile.js';
import { type Call, requestError, responseError } from '../errors.js';
import { abortIn, type HttpClient, type HttpResponse } from '../http/http-client.js';
import { type Integrity, prepareBody, type SentCheck } from '../integrity.js';
import type { Session } from '../session.js';
import { encodeKey, encodeValue } from '../sign.js';
import { wireDeletes } from './deletes.js';
import { wireMultipart } from './multipart.js';
import { conditionOf, type Send, type UnsignedRequest } from './send.js';
import { requestSigner } from './signed-request.js';
import { wireVersions } from './versions.js';

export interface WireDeps {
  readonly session: Session;
  readonly http: HttpClient;
  readonly integrity: Integrity;
  /** Learns the server's kind from the `Server` header of responses. */
  readonly profile: ProfileFinder;
  /** Headers of every request. */
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly userAgent: string;
}

/**
 * A bucket that signs its own requests and sends them by an `HttpClient`, at a tenth of the SDK's cost. One attempt per call. It has
 * nothing to close: session and client belong to the caller.
 */
export function wireBucket(name: string, deps: WireDeps): Omit<Bucket, 'close'> {
  const { session, http, integrity, profile, requestHeaders, userAgent } = deps;
  const toHttp = requestSigner({ requestHeaders, userAgent });

  /** Signs and sends one request. Throws an `S3RequestError` unless it succeeds, or the signal's reason. */
  async function send(call: Call, request: UnsignedRequest, signal: AbortSignal): Promise<HttpResponse> {
    try {
      const current = session.credentials();
      const credentials = current instanceof Promise ? await orAborted(current, signal) : current;
      const sent = toHttp(call, request, { address: session.address, credentials, now: session.now() });
      const response = await http.send(sent, signal);
      profile.learn(response.header('server'));
      if (response.status < 200 || response.status >= 300) throw responseError(call, response);
      return response;
    } catch (error) {
      throw attemptError(call, error, signal);
    }
  }

  const head = headObject(name, async (call, { checksum, partNumber, versionId }, signal) => {
    const headers: Record<string, string> = checksum === true ? { 'x-amz-checksum-mode': 'ENABLED' } : {};
    const query = {
      ...(partNumber !== undefined && { partNumber: String(partNumber) }),
      ...(versionId !== undefined && { versionId }),
    };
    return (await send(call, { method: 'HEAD', headers, query }, signal)).headers();
  });

  return {
    name,

    async putObject({ key, body, headers, onlyIfAbsent, ifMatch }, signal) {
      const call: Call = { verb: 'PutObject', bucket: name, key };
      const prepared = prepareBody(body, integrity, { signed: !session.address.secure });
      const { check, payload, rethrow } = prepared instanceof Promise ? await prepared : prepared;
      const condition = conditionOf({ onlyIfAbsent, ifMatch });
      let response: HttpResponse;
      try {
        const request: UnsignedRequest = { method: 'PUT', headers, check: check.headers, condition, body: payload };
        response = await send(call, request, signal);
      } catch (error) {
        rethrow();
        throw refusedCheck(integrity, check, error, condition !== undefined);
      }
      return answerToPut(call, check, integrity, response);
    },

    headObject: head,

    putPart: wirePart(name, integrity, session, send),

    ...wireMultipart(name, { integrity, profile, send }),

    ...wireCopy(name, integrity, send),

    ...wireDeletes(name, integrity, send),

    ...wireVersions(name, send),

    async listObjects({ prefix, startAfter, continuationToken, delimiter }, signal) {
      const call: Call = { verb: 'ListObjectsV2', bucket: name };
      const query = {
        'list-type': '2',
        'encoding-type': 'url',
        prefix,
        ...(delimiter !== undefined && { delimiter }),
        ...(startAfter !== undefined && { 'start-after': startAfter }),
        ...(continuationToken !== undefined && { 'continuation-token': continuationToken }),
      };
      const response = await send(call, { method: 'GET', headers: {}, query }, signal);
      const page = readDocument(call, response, (xml) => listPage(call, parseListing(xml), continuationToken));
      return { ...page, requestId: response.header('x-amz-request-id') };
    },
  };
}

/** The error of one attempt for what was thrown in it: what ended it where that was an abort, else an `S3RequestError`. */
export function attemptError(call: Call, thrown: unknown, signal: AbortSignal): unknown {
  return abortIn(thrown, signal) ?? requestError(call, thrown);
}

/** Reads the response to a put with a status of success. Throws as {@link putAnswer} does. */
export function answerToPut(call: Call, check: SentCheck, integrity: Integrity, response: HttpResponse): PutAnswer {
  if (response.body.length === 0) return putAnswer(call, check, integrity, response.header, '');
  return readDocument(call, response, (xml) => putAnswer(call, check, integrity, response.header, xml));
}

/** UploadPart as a signed request. */
function wirePart(name: string, integrity: Integrity, session: Session, send: Send): MultipartVerbs['putPart'] {
  return async ({ key, uploadId, number, body, crc32, headers }, signal) => {
    const call: Call = { verb: 'UploadPart', bucket: name, key };
    const signed = !session.address.secure;
    const { check, payload, rethrow } = await prepareBody(body, integrity, { crc32, signed });
    const query = { partNumber: String(number), uploadId };
    const response = await send(
      call,
      { method: 'PUT', headers: { ...headers, ...check.headers }, query, body: payload },
      signal,
    ).catch((error) => {
      rethrow();
      throw refusedCheck(integrity, check, error, false);
    });
    if (response.body.length === 0) return partAnswer(call, check, integrity, response.header, '');
    return readDocument(call, response, (xml) => partAnswer(call, check, integrity, response.header, xml));
  };
}

/** The copy verbs, and those that read what a copy would lose, as signed requests. */
function wireCopy(name: string, integrity: Integrity, send: Send): CopyVerbs {
  const versionOf = ({ versionId }: ReadFrom): Record<string, string> => (versionId === undefined ? {} : { versionId });

  async function getDocument(verb: Call['verb'], from: ReadFrom, subresource: string, signal: AbortSignal) {
    const call: Call = { verb, bucket: name, key: from.key };
    const query = { [subresource]: '', ...versionOf(from) };
    return { call, response: await send(call, { method: 'GET', headers: {}, query }, signal) };
  }

  return {
    async copyObject({ key, source, headers, onlyIfAbsent }, signal) {
      const call: Call = { verb: 'CopyObject', bucket: name, key };
      const condition = onlyIfAbsent === undefined ? undefined : { 'if-none-match': '*' };
      const all = { ...headers, ...copySourceHeaders(source), ...condition };
      const response = await send(call, { method: 'PUT', headers: all }, signal);
      return readDocument(call, response, (xml) => copyAnswer(call, response.header, xml));
    },

    async copyPart({ key, uploadId, number, headers, source, range }, signal) {
      const call: Call = { verb: 'UploadPartCopy', bucket: name, key };
      const all = { ...headers, ...copySourceHeaders(source, range) };
      const query = { partNumber: String(number), uploadId };
      const response = await send(call, { method: 'PUT', headers: all, query }, signal);
      return readDocument(call, response, (xml) => copyAnswer(call, response.header, xml));
    },

    async getObject(from, range, signal) {
      const call: Call = { verb: 'GetObject', bucket: name, key: from.key };
      const headers = {
        ...(from.etag !== undefined && { 'if-match': `"${from.etag}"` }),
        ...(range !== undefined && { range: rangeText(range) }),
      };
      const { headers: readHeaders, body } = await send(
        call,
        { method: 'GET', headers, query: versionOf(from) },
        signal,
      );
      return gotObject(
        call,
        { headers: readHeaders(), body },
        range === undefined ? undefined : range.end - range.start,
      );
    },

    async objectTags(from, signal) {
      const { call, response } = await getDocument('GetObjectTagging', from, 'tagging', signal);
      return readDocument(call, response, (xml) => tagsIn(call, xml));
    },

    async objectAcl(from, signal) {
      const { call, response } = await getDocument('GetObjectAcl', from, 'acl', signal);
      return readDocument(call, response, (xml) => aclIn(call, xml));
    },

    async listAnnotations(from, after, signal) {
      const call: Call = { verb: 'ListObjectAnnotations', bucket: name, key: from.key };
      const token = after === undefined ? {} : { 'continuation-token': after };
      const query = { annotation: '', ...token, ...versionOf(from) };
      const response = await send(call, { method: 'GET', headers: {}, query }, signal);
      return readDocument(call, response, (xml) => annotationsIn(call, xml, after));
    },

    async getAnnotation(from, signal) {
      const call: Call = { verb: 'GetObjectAnnotation', bucket: name, key: from.key };
      const query = { annotation: '', annotationName: from.name, ...versionOf(from) };
      return (await send(call, { method: 'GET', headers: {}, query }, signal)).body;
    },

    async putAnnotation({ key, name: annotation, body, etag }, signal) {
      const call: Call = { verb: 'PutObjectAnnotation', bucket: name, key };
      const headers = { ...integrity.check(body).headers, ...annotationHeaders(etag) };
      const query = { annotation: '', annotationName: annotation };
      const response = await send(call, { method: 'PUT', headers, query, body }, signal);
      readDocument(call, response, () => undefined);
    },
  };
}

/** Binds an annotation to the object that it was read for. */
export function annotationHeaders(etag: string | undefined): Record<string, string> {
  return etag === undefined ? {} : { 'x-amz-object-if-match': `"${etag}"` };
}

/**
 * The headers that name the source of a copy. The source is percent-encoded once, because S3 decodes it once. It is bound to its ETag, so that parts
 * of two versions of a source are never mixed.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export function copySourceHeaders(
  { bucket, key, versionId, etag, owner }: CopySource,
  range?: ByteRange,
): Record<string, string> {
  const version = versionId === undefined ? '' : `?versionId=${encodeValue(versionId)}`;
  // The ARN of an access point itself contains slashes.
  const sourceBucket = bucket.startsWith('arn:') ? `${bucket}/object` : `/${bucket}`;
  const headers: Record<string, string> = { 'x-amz-copy-source': `${sourceBucket}/${encodeKey(key)}${version}` };
  if (etag !== undefined) headers['x-amz-copy-source-if-match'] = `"${etag}"`;
  if (range !== undefined) headers['x-amz-copy-source-range'] = rangeText(range);
  if (owner !== undefined) headers['x-amz-source-expected-bucket-owner'] = owner;
  return headers;
}

/** A range as a header value, with an inclusive end. */
export function rangeText({ start, end }: ByteRange): string {
  return `bytes=${start}-${end - 1}`;
}
