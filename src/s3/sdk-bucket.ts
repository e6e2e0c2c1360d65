import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { S3RequestError } from '../errors.js';
import type { Bucket, HeadRequest, ListPage, RemoteObject } from './bucket.js';
import { wholeChecksum } from './checksum.js';
import { etagJudge } from './integrity.js';
import { sendHeaders, watchAnswer } from './raw-answer.js';
import { refreshing } from './refresh.js';
import { type Call, requestError } from './request-error.js';

/** A bucket on the AWS SDK: one attempt per call, bodies as Buffers, Content-MD5 on every put and the answer's ETag compared with it. */
export async function sdkBucket(
  name: string,
  client: S3Client,
  requestHeaders: Readonly<Record<string, string>> = {},
): Promise<Bucket> {
  const { PutObjectCommand, HeadObjectCommand, ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const judge = etagJudge();
  // A command's own headers come later, and win.
  sendHeaders(client, requestHeaders, 'sendRequestHeaders');
  const withFreshCredentials = refreshing(client);

  /** Sends; whatever goes wrong is an `S3RequestError`, or the signal's reason. */
  async function sent<T>(call: Call, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
    const named = (error: unknown) => {
      signal.throwIfAborted();
      return requestError(call, error);
    };
    try {
      return await withFreshCredentials(() => send().catch((error) => Promise.reject(named(error))));
    } catch (error) {
      throw named(error);
    }
  }

  async function head(key: string, signal: AbortSignal, ask: HeadRequest = {}): Promise<RemoteObject | undefined> {
    const call: Call = { verb: 'HeadObject', bucket: name, key };
    const command = new HeadObjectCommand({
      Bucket: name,
      Key: key,
      ...(ask.checksum === true && { ChecksumMode: 'ENABLED' as const }),
      ...(ask.partNumber !== undefined && { PartNumber: ask.partNumber }),
    });
    try {
      const answer = await sent(call, signal, () => client.send(command, { abortSignal: signal }));
      if (answer.LastModified === undefined && answer.ETag === undefined)
        throw unusable(call, 'is not about an object');
      const kms = answer.ServerSideEncryption?.startsWith('aws:kms') ?? false;
      return {
        key,
        size: answer.ContentLength ?? 0,
        etag: unquoted(answer.ETag),
        kms,
        checksum: wholeChecksum(answer),
        metadata: answer.Metadata,
      };
    } catch (error) {
      if (!(error instanceof S3RequestError)) throw error;
      if (error.status === 404) return undefined;
      // The checksum of what a KMS key encrypts is told only to who may decrypt it.
      if (error.status === 403 && ask.checksum === true) return head(key, signal);
      throw error;
    }
  }

  return {
    name,

    async putObject({ key, body, headers, onlyIfAbsent }, signal) {
      const call: Call = { verb: 'PutObject', bucket: name, key };
      const bytes = await body.read();
      const digest = createHash('md5').update(bytes).digest();
      const command = new PutObjectCommand({ Bucket: name, Key: key, Body: bytes, ContentLength: bytes.length });
      sendHeaders(command, {
        ...headers,
        'content-md5': digest.toString('base64'),
        ...(onlyIfAbsent !== undefined && { 'if-none-match': '*' }),
      });
      let server: string | undefined;
      watchAnswer(command, call, (answer) => {
        server = answer.server;
      });
      const answer = await sent(call, signal, () => client.send(command, { abortSignal: signal }));
      const etag = unquoted(answer.ETag);
      const kms = answer.ServerSideEncryption?.startsWith('aws:kms') ?? false;
      const encrypted = kms || answer.SSECustomerAlgorithm !== undefined;
      const verified = judge({ etag, encrypted, md5: digest.toString('hex') }, server);
      if (verified === 'mismatch') {
        throw new S3RequestError(
          `PutObject s3://${name}/${key}: the stored object's ETag ${etag} is not the MD5 of what was sent`,
          {
            ...call,
            code: 'ETagMismatch',
            status: 200,
            hint: 'Something between this machine and the bucket changes bodies; the object there now is wrong.',
          },
        );
      }
      return { etag, verified, kms, attempts: 1 };
    },

    headObject: head,

    async listObjects({ prefix, startAfter, continuationToken }, signal) {
      const call: Call = { verb: 'ListObjectsV2', bucket: name };
      const command = new ListObjectsV2Command({
        Bucket: name,
        Prefix: prefix,
        EncodingType: 'url',
        ...(startAfter !== undefined && { StartAfter: startAfter }),
        ...(continuationToken !== undefined && { ContinuationToken: continuationToken }),
      });
      const answer = await sent(call, signal, () => client.send(command, { abortSignal: signal }));
      if (answer.Name === undefined && answer.KeyCount === undefined && answer.Contents === undefined) {
        throw unusable(call, 'is not a listing');
      }
      // Taking such a page for the last one would call every later key absent; asking with its token again would never end.
      const { NextContinuationToken: next } = answer;
      if (answer.IsTruncated === true && (next === undefined || next === continuationToken)) {
        throw unusable(call, 'ends without saying where to go on');
      }
      try {
        return listPage(answer);
      } catch {
        throw unusable(call, 'names a key that cannot be decoded');
      }
    },

    close: () => client.destroy(),
  };
}

/** A 200 that does not hold what was asked for. */
function unusable(call: Call, what: string): S3RequestError {
  const name = call.key === undefined ? call.bucket : `${call.bucket}/${call.key}`;
  return new S3RequestError(`${call.verb} s3://${name}: the answer ${what}`, {
    ...call,
    code: 'TruncatedAnswer',
    status: 200,
  });
}

type Listed = {
  readonly EncodingType?: string | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly NextContinuationToken?: string | undefined;
  readonly Contents?:
    | readonly {
        readonly Key?: string | undefined;
        readonly Size?: number | undefined;
        readonly ETag?: string | undefined;
        readonly ChecksumType?: string | undefined;
      }[]
    | undefined;
};

function listPage(answer: Listed): ListPage {
  // Some servers ignore the wish for encoded keys and say so by leaving it out of the answer.
  const decode = answer.EncodingType === 'url' ? urlDecoded : (key: string) => key;
  return {
    objects: (answer.Contents ?? []).map((object) => ({
      key: decode(object.Key ?? ''),
      size: object.Size ?? 0,
      etag: unquoted(object.ETag),
      wholeChecksum: object.ChecksumType === 'FULL_OBJECT',
    })),
    continuationToken: answer.IsTruncated === true ? answer.NextContinuationToken : undefined,
  };
}

/** Listings write a space as `+` and a plus as `%2B`. */
function urlDecoded(key: string): string {
  return /[%+]/.test(key) ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
}

function unquoted(etag: string | undefined): string | undefined {
  return etag === undefined || etag === '' ? undefined : etag.replace(/^(?:W\/)?"(.*)"$/, '$1');
}
