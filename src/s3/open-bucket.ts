import type { ConnectionOptions } from '../connection-options.js';
import { S3RequestError } from '../errors.js';
import type { OnEvent, Verb } from '../report/event.js';
import type { Bucket } from './bucket.js';
import { connect, DEFAULT_PATIENCE, type Patience } from './connection.js';
import { onlyIfAbsentAnywhere } from './only-if-absent.js';
import { REAL_CLOCK, type RetryClock, retrying } from './retry.js';
import { sdkBucket } from './sdk-bucket.js';

/** Runs one request within the limit of requests in flight. */
export type Slot = <T>(send: () => Promise<T>) => Promise<T>;

export interface OpenBucketOptions {
  readonly onEvent: OnEvent;
  readonly slot: Slot;
  /** Once aborted no request is tried again; those in flight finish. */
  readonly stop: AbortSignal;
  readonly patience?: Patience | undefined;
  readonly clock?: RetryClock | undefined;
}

/** The bucket as the engine uses it: conditional writes anywhere, retries, then one slot and one event per request. */
export async function openBucket(
  name: string,
  connection: ConnectionOptions,
  options: OpenBucketOptions,
): Promise<Bucket> {
  const client = await connect(connection, options.patience ?? DEFAULT_PATIENCE);
  const single = observed(await sdkBucket(name, client, connection.requestHeaders), options);
  return onlyIfAbsentAnywhere(
    retrying(single, options.onEvent, options.stop, options.clock ?? REAL_CLOCK),
    options.onEvent,
  );
}

/** A bucket whose every request takes a slot and is reported as a `request` event. */
function observed(bucket: Bucket, { onEvent, slot }: OpenBucketOptions): Bucket {
  const observe = <T>(verb: Verb, key: string | undefined, send: () => Promise<T>): Promise<T> =>
    slot(async () => {
      const started = performance.now();
      const report = (status: number | undefined) =>
        onEvent({ type: 'request', verb, key, status, durationMs: performance.now() - started });
      try {
        const answer = await send();
        report(answer === undefined ? 404 : 200);
        return answer;
      } catch (error) {
        // Without a body, or credentials to sign with, there was no request.
        if (error instanceof S3RequestError && !/ProviderError$/.test(error.code)) report(error.status);
        throw error;
      }
    });

  return {
    name: bucket.name,
    putObject: (request, signal) => observe('PutObject', request.key, () => bucket.putObject(request, signal)),
    headObject: (key, signal, ask) => observe('HeadObject', key, () => bucket.headObject(key, signal, ask)),
    listObjects: (request, signal) => observe('ListObjectsV2', undefined, () => bucket.listObjects(request, signal)),
    close: () => bucket.close(),
  };
}
