import { orAborted } from '../or-aborted.js';
import type { Bucket } from './bucket.js';
import { encodeKey } from './encode-key.js';
import type { ProfileFinder } from './endpoint-profile.js';
import { isForeign } from './foreign-answer.js';
import { headObject } from './head-answer.js';
import type { Integrity } from './integrity.js';
import { pageOf } from './list-page.js';
import { putAnswer, refusedCheck } from './put-answer.js';
import { type RawAnswer, sendVerbatim, watchAnswer } from './raw-answer.js';
import { type Call, requestError } from './request-error.js';
import { sdk } from './sdk.js';
import { sdkCopy } from './sdk-copy.js';
import { sdkMultipart } from './sdk-multipart.js';
import type { Session } from './session.js';

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
      let foreign = false;
      watchAnswer(command, false, ({ headers }) => {
        foreign = isForeign('', headers);
      });
      const answer = await sent(call, signal, () => client.send(command, { abortSignal: signal }));
      return pageOf(call, { ...answer, foreign }, continuationToken);
    },

    ...sdkMultipart(name, { client, integrity, profile, pathOf, sent }),
    ...sdkCopy(name, { client, pathOf, sent }),

    close: () => client.destroy(),
  };
}
