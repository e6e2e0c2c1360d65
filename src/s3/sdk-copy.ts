import type { S3Client } from '@aws-sdk/client-s3';
import { gotObject, grantsIn, tagsIn } from './copy-answer.js';
import { copySourceHeaders, rangeText } from './copy-source.js';
import type { CopyVerbs, ReadFrom } from './copying.js';
import { isEncrypted, unquoted } from './integrity.js';
import { unusable } from './list-page.js';
import { type RawAnswer, sendVerbatim, watchAnswer } from './raw-answer.js';
import type { Call } from './request-error.js';
import { sdk } from './sdk.js';

export interface SdkCopyDeps {
  readonly client: S3Client;
  /** A key as the path of a request. */
  readonly pathOf: (key: string) => string;
  /** Turns what goes wrong into an `S3RequestError`. */
  readonly sent: <T>(call: Call, signal: AbortSignal, send: () => Promise<T>) => Promise<T>;
}

const NO_ANSWER: RawAnswer = { status: 0, headers: {}, text: '' };

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
      if (result === undefined) throw unusable(call, 'is about no copy');
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
      if (result === undefined) throw unusable(call, 'is about no copy');
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
