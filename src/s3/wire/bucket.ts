import { VERBS } from '../../model/verbs.js';
import { orAborted } from '../../run/abort.js';
import { copyAnswer, gotObject, grantsIn, tagsIn } from '../answers/copy.js';
import { listPage, parseListing, unusableResponse } from '../answers/listing.js';
import { headObject, partAnswer, putAnswer, refusedCheck } from '../answers/object.js';
import type { Bucket, ByteRange, CopySource, CopyVerbs, MultipartVerbs, ReadFrom } from '../bucket.js';
import type { ProfileFinder } from '../endpoint-profile.js';
import { answerError, type Call, requestError } from '../errors.js';
import { type HttpClient, type HttpResponse, SLOW_MS } from '../http/http-client.js';
import { type HashedSlices, type Integrity, payloadHashOf, preparedBody } from '../integrity.js';
import type { Session } from '../session.js';
import { amzDate, canonicalQuery, EMPTY_SHA256, encodeKey, encodeValue, signer } from '../sign.js';

export interface WireDeps {
  readonly session: Session;
  readonly http: HttpClient;
  readonly integrity: Integrity;
  /** Is told what answers call their server. */
  readonly profile: ProfileFinder;
  /** Headers of every request. */
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly userAgent: string;
}

/** A bucket as signed requests on an `HttpClient`: a tenth of what the SDK costs, for what is sent once per object. One attempt per call. */
export function wireBucket(
  name: string,
  deps: WireDeps,
): Pick<Bucket, 'name' | 'putObject' | 'headObject' | 'listObjects' | 'putPart' | keyof CopyVerbs> {
  const { session, http, integrity, profile, requestHeaders, userAgent } = deps;
  const sign = signer();

  /** Sends; whatever is no success is an `S3RequestError`, or the signal's reason. */
  async function sent(call: Call, outgoing: UnsignedRequest, signal: AbortSignal): Promise<HttpResponse> {
    try {
      const known = session.credentials();
      const credentials = known instanceof Promise ? await orAborted(known, signal) : known;
      const { origin, host, secure, basePath, signingRegion, signingName } = session.address;
      const path = call.key === undefined ? `${basePath}/` : `${basePath}/${encodeKey(call.key)}`;
      const query = outgoing.query === undefined ? '' : canonicalQuery(outgoing.query);
      const { method, body } = outgoing;
      // Over TLS nobody can change the body on its way; its checksum is in a header that is signed.
      const payloadHash = body === undefined ? EMPTY_SHA256 : secure ? 'UNSIGNED-PAYLOAD' : payloadHashOf(body);
      const date = amzDate(session.now());
      const headers: Record<string, string> = { host };
      for (const name in requestHeaders) headers[name] = requestHeaders[name] ?? '';
      for (const name in outgoing.headers) headers[name] = outgoing.headers[name] ?? '';
      headers['x-amz-content-sha256'] = payloadHash;
      headers['x-amz-date'] = date;
      if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken;
      const signed = { method, path, query, headers, payloadHash };
      headers.authorization = sign(signed, date, signingRegion, signingName, credentials);
      headers['user-agent'] = userAgent;
      const target = query === '' ? path : `${path}?${query}`;
      const responseMs = VERBS[call.verb].slow === true ? SLOW_MS : undefined;
      const answer = await http.send({ origin, method, target, headers, body, responseMs }, signal);
      profile.learn(answer.header('server'));
      if (answer.status < 200 || answer.status >= 300) throw answerError(call, answer);
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      throw requestError(call, error);
    }
  }

  const head = headObject(name, async (call, { checksum, partNumber, versionId }, signal) => {
    const headers: Record<string, string> = checksum === true ? { 'x-amz-checksum-mode': 'ENABLED' } : {};
    const query = {
      ...(partNumber !== undefined && { partNumber: String(partNumber) }),
      ...(versionId !== undefined && { versionId }),
    };
    return (await sent(call, { method: 'HEAD', headers, query }, signal)).headers();
  });

  return {
    name,

    async putObject({ key, body, headers, onlyIfAbsent }, signal) {
      const call: Call = { verb: 'PutObject', bucket: name, key };
      const prepared = preparedBody(body, integrity, { signed: !session.address.secure });
      const { check, payload, rethrow } = prepared instanceof Promise ? await prepared : prepared;
      const condition = onlyIfAbsent === undefined ? undefined : { 'if-none-match': '*' };
      // Spreads take Node 20 up to four times as long.
      const all = Object.assign({}, headers, check.headers, condition);
      const answer = await sent(call, { method: 'PUT', headers: all, body: payload }, signal).catch((error) => {
        rethrow();
        throw refusedCheck(integrity, check, error, onlyIfAbsent !== undefined);
      });
      return putAnswer(call, check, integrity, answer.header, answer.body.length === 0 ? '' : answer.body.toString());
    },

    headObject: head,

    putPart: wirePart(name, integrity, session, sent),

    ...wireCopy(name, sent),

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
      const answer = await sent(call, { method: 'GET', headers: {}, query }, signal);
      try {
        const page = listPage(call, parseListing(answer.body.toString()), continuationToken);
        return { ...page, requestId: answer.header('x-amz-request-id') };
      } catch (error) {
        throw error instanceof SyntaxError ? unusableResponse(call, `cannot be read: ${error.message}`) : error;
      }
    },
  };
}

/** UploadPart as a signed request. */
export function wirePart(name: string, integrity: Integrity, session: Session, send: Send): MultipartVerbs['putPart'] {
  return async ({ key, uploadId, number, body, crc32, headers }, signal) => {
    const call: Call = { verb: 'UploadPart', bucket: name, key };
    const signed = !session.address.secure;
    const { check, payload, rethrow } = await preparedBody(body, integrity, { crc32, signed });
    const query = { partNumber: String(number), uploadId };
    const answer = await send(
      call,
      { method: 'PUT', headers: { ...headers, ...check.headers }, query, body: payload },
      signal,
    ).catch((error) => {
      rethrow();
      throw refusedCheck(integrity, check, error, false);
    });
    return partAnswer(call, check, integrity, answer.header, answer.body.length === 0 ? '' : answer.body.toString());
  };
}

/** Copies, and reading what they would lose, as signed requests. */
export function wireCopy(name: string, send: Send): CopyVerbs {
  const versionOf = ({ versionId }: ReadFrom): Record<string, string> => (versionId === undefined ? {} : { versionId });

  async function text(verb: Call['verb'], from: ReadFrom, about: string, signal: AbortSignal) {
    const call: Call = { verb, bucket: name, key: from.key };
    const query = { [about]: '', ...versionOf(from) };
    const answer = await send(call, { method: 'GET', headers: {}, query }, signal);
    return { call, body: answer.body.toString() };
  }

  return {
    async copyObject({ key, source, headers, onlyIfAbsent }, signal) {
      const call: Call = { verb: 'CopyObject', bucket: name, key };
      const condition = onlyIfAbsent === undefined ? undefined : { 'if-none-match': '*' };
      const all = { ...headers, ...copySourceHeaders(source), ...condition };
      const answer = await send(call, { method: 'PUT', headers: all }, signal);
      return copyAnswer(call, answer.header, answer.body.toString());
    },

    async copyPart({ key, uploadId, number, headers, source, range }, signal) {
      const call: Call = { verb: 'UploadPartCopy', bucket: name, key };
      const all = { ...headers, ...copySourceHeaders(source, range) };
      const query = { partNumber: String(number), uploadId };
      const answer = await send(call, { method: 'PUT', headers: all, query }, signal);
      return copyAnswer(call, answer.header, answer.body.toString());
    },

    async getObject(from, range, signal) {
      const call: Call = { verb: 'GetObject', bucket: name, key: from.key };
      const headers = {
        ...(from.etag !== undefined && { 'if-match': `"${from.etag}"` }),
        ...(range !== undefined && { range: rangeText(range) }),
      };
      const { headers: told, body } = await send(call, { method: 'GET', headers, query: versionOf(from) }, signal);
      return gotObject(call, { headers: told(), body }, range === undefined ? undefined : range.end - range.start);
    },

    async objectTags(from, signal) {
      const { call, body } = await text('GetObjectTagging', from, 'tagging', signal);
      return tagsIn(call, body);
    },

    async objectGrants(from, signal) {
      const { call, body } = await text('GetObjectAcl', from, 'acl', signal);
      return grantsIn(call, body);
    },
  };
}

/** One request before it is signed. */
export interface UnsignedRequest {
  readonly method: 'PUT' | 'HEAD' | 'GET';
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer | HashedSlices;
}

/** Signs and sends one request; whatever is no success is an `S3RequestError`, or the signal's reason. */
export type Send = (call: Call, outgoing: UnsignedRequest, signal: AbortSignal) => Promise<HttpResponse>;

/**
 * The headers that name what is copied. The source is percent-encoded just once, as S3 decodes it once; it is bound to its ETag, so that a source
 * that changes is never mixed.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export function copySourceHeaders(
  { bucket, key, versionId, etag, owner }: CopySource,
  range?: ByteRange,
): Record<string, string> {
  const version = versionId === undefined ? '' : `?versionId=${encodeValue(versionId)}`;
  // An access point's name holds slashes itself.
  const place = bucket.startsWith('arn:') ? `${bucket}/object` : `/${bucket}`;
  const headers: Record<string, string> = { 'x-amz-copy-source': `${place}/${encodeKey(key)}${version}` };
  if (etag !== undefined) headers['x-amz-copy-source-if-match'] = `"${etag}"`;
  if (range !== undefined) headers['x-amz-copy-source-range'] = rangeText(range);
  if (owner !== undefined) headers['x-amz-source-expected-bucket-owner'] = owner;
  return headers;
}

/** A range as headers write it, its end inclusive. */
export function rangeText({ start, end }: ByteRange): string {
  return `bytes=${start}-${end - 1}`;
}
