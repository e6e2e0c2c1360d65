import { type TestContext, test } from 'node:test';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { type S3Server, type S3ServerOptions, startS3Server } from 'fake-s3';

/** Declares a test with a server of its own, which has a bucket `site`. */
export function serverTest(
  name: string,
  run: (server: S3Server, t: TestContext) => Promise<void>,
  options: S3ServerOptions = {},
): void {
  test(name, async (t) => {
    const server = await startS3Server({ buckets: ['site'], ...options });
    try {
      await run(server, t);
    } finally {
      await server.close();
    }
  });
}

/** The SDK's client, with one attempt. */
export function clientOf(server: S3Server, more: S3ClientConfig = {}): S3Client {
  return new S3Client({
    endpoint: server.url,
    region: server.region,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey },
    ...more,
  });
}

/** Whether a time from the server, in whole seconds, is between an earlier moment and now. */
export const isSince = (began: number, time: string): boolean =>
  Date.parse(time) > began - 1_000 && Date.parse(time) <= Date.now();

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Refused> {
  return promise.then(
    () => Promise.reject(new Error('It was not refused.')),
    (error) => error as Refused,
  );
}

export type Refused = Error & {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
};
