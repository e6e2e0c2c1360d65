import { orAborted } from '../or-aborted.js';
import type { Bucket } from './bucket.js';
import type { CopyVerbs } from './copying.js';
import { encodeKey } from './encode-key.js';
import type { ProfileFinder } from './endpoint-profile.js';
import { answerError } from './error-answer.js';
import { headObject } from './head-answer.js';
import { type HttpAnswer, type HttpClient, SLOW_MS } from './http/http-client.js';
import type { Integrity } from './integrity.js';
import { pageOf, parseListing, unusable } from './list-page.js';
import type { Outgoing } from './outgoing.js';
import { payloadHashOf, preparedBody } from './prepared-body.js';
import { putAnswer, refusedCheck } from './put-answer.js';
import { type Call, requestError } from './request-error.js';
import type { Session } from './session.js';
import { amzDate, canonicalQuery, EMPTY_SHA256, signer } from './sign.js';
import { wireCopy } from './wire-copy.js';
import { wirePart } from './wire-part.js';

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
  async function sent(call: Call, outgoing: Outgoing, signal: AbortSignal): Promise<HttpAnswer> {
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
      const answerMs = outgoing.slow === true ? SLOW_MS : undefined;
      const answer = await http.send({ origin, method, target, headers, body, answerMs }, signal);
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
        const page = pageOf(call, parseListing(answer.body.toString()), continuationToken);
        return { ...page, requestId: answer.header('x-amz-request-id') };
      } catch (error) {
        throw error instanceof SyntaxError ? unusable(call, `cannot be read: ${error.message}`) : error;
      }
    },
  };
}
