import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { compareUtf8, type Endpoint, type S3Mode } from 'fake-s3';
import type { CopyOptions, OnEvent, PutOptions, RunEvent, Verb } from '../../src/index.js';
import { type Ran, run, runCopy, serverFor } from './engine.js';

/** What a test may set on its bucket; a real server ignores it. */
export type TargetOptions = Pick<Partial<S3Mode>, 'acl' | 'pageSize'>;

/** An object as a GET shows it. */
export interface Shown {
  readonly body: Buffer;
  /** Lower-case names; user metadata by its `x-amz-meta-` names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** A run on a target, and how many requests of each verb it made. */
export interface RanOnTarget extends Ran {
  readonly count: (verb: Verb) => number;
}

/** An S3 server with an empty bucket, which one test has for itself: the embedded one, or a real one. */
export interface Target extends Endpoint {
  /** Of the server: `embedded`, or the name that a real one was started under. */
  readonly name: string;
  readonly bucket: string;
  /** Keys on a page of a listing. */
  readonly pageSize: number;
  /** Puts an object without the engine. */
  seed(key: string, body: Buffer | string): Promise<void>;
  object(key: string): Promise<Shown | undefined>;
  /** The object's body as text. */
  text(key: string): Promise<string | undefined>;
  /** All keys in order of UTF-8 bytes. */
  keys(): Promise<string[]>;
  run(options: Partial<PutOptions> & Pick<PutOptions, 'source'>): Promise<RanOnTarget>;
  /** Runs a copy within the bucket, from one path to another. */
  copy(source: string, destination: string, options?: Partial<CopyOptions>): Promise<RanOnTarget>;
}

/** Makes the target of a test, which ends with the test. */
export type TargetFor = (t: TestContext, options?: TargetOptions) => Promise<Target>;

/** Targets on the embedded server; each run is also compared with the requests that the server received. */
export const embedded: TargetFor = async (t, options = {}) => {
  const server = await serverFor(t, { buckets: { site: options } });
  const { url, region, accessKeyId, secretAccessKey } = server;
  const { pageSize = 1000 } = options;
  const connection: TargetBucket = {
    url,
    region,
    accessKeyId,
    secretAccessKey,
    name: 'embedded',
    bucket: 'site',
    pageSize,
  };
  const target = targetOn(connection, clientOf(t, connection));
  const observed = async (run: () => Promise<RanOnTarget>): Promise<RanOnTarget> => {
    const before = server.requests.length;
    const ran = await run();
    const received = server.requests.slice(before).map(({ verb }) => verb);
    const reported = ran.events.flatMap((event) => (event.type === 'request' ? [event.verb] : []));
    assert.deepEqual(received.sort(), reported.sort(), 'the events report the requests that the server received');
    return ran;
  };
  return {
    ...target,
    run: (options) => observed(() => target.run(options)),
    copy: (source, destination, options) => observed(() => target.copy(source, destination, options)),
    seed: async (key, body) => server.seed('site', key, body),
  };
};

/** Targets on a server that runs already: a bucket with a random name for each test. */
export function onServer(name: string, endpoint: Endpoint): TargetFor {
  return async (t) => {
    const bucket = `s3pp-${randomBytes(8).toString('hex')}`;
    const client = clientOf(t, endpoint);
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    t.after(() => removeBucket(client, bucket));
    return targetOn({ ...endpoint, name, bucket, pageSize: 1000 }, client);
  };
}

type TargetBucket = Endpoint & Pick<Target, 'name' | 'bucket' | 'pageSize'>;

function targetOn(bucketOfTest: TargetBucket, client: S3Client): Target {
  const { bucket } = bucketOfTest;
  const object: Target['object'] = (key) => shown(client, bucket, key);
  return {
    ...bucketOfTest,
    object,
    text: async (key) => (await object(key))?.body.toString(),
    keys: () => keysOf(client, bucket),
    async seed(Key, Body) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    },
    run: (options) => counted(options, (onEvent) => run(bucketOfTest, { bucket, ...options, onEvent })),
    copy(source, destination, options = {}) {
      const paths = { source: `s3://${bucket}/${source}`, destination: `s3://${bucket}/${destination}` };
      return counted(options, (onEvent) => runCopy(bucketOfTest, { ...paths, ...options, onEvent }));
    },
  };
}

/** Runs, and counts the requests by the events. */
async function counted(
  { onEvent }: Pick<PutOptions, 'onEvent'>,
  start: (onEvent: OnEvent) => Promise<Ran>,
): Promise<RanOnTarget> {
  const events: RunEvent[] = [];
  const ran = await start((event) => {
    events.push(event);
    onEvent?.(event);
  });
  const count = (verb: Verb) => events.filter((event) => event.type === 'request' && event.verb === verb).length;
  return { ...ran, events, count };
}

function clientOf(t: TestContext, { url, region, accessKeyId, secretAccessKey }: Endpoint): S3Client {
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint: url, region, credentials, forcePathStyle: true });
  t.after(() => client.destroy());
  return client;
}

async function shown(client: S3Client, Bucket: string, Key: string): Promise<Shown | undefined> {
  const found = await client.send(new GetObjectCommand({ Bucket, Key })).catch((error: Error) => {
    if (error.name === 'NoSuchKey') return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  const metadata = Object.entries(found.Metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return {
    body: Buffer.from((await found.Body?.transformToByteArray()) ?? []),
    headers: {
      'content-type': found.ContentType,
      'cache-control': found.CacheControl,
      'content-disposition': found.ContentDisposition,
      'content-language': found.ContentLanguage,
      expires: found.ExpiresString,
      ...Object.fromEntries(metadata),
    },
  };
}

async function keysOf(client: S3Client, Bucket: string): Promise<string[]> {
  const keys: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return keys.sort(compareUtf8);
}

/** Listed keys may hide other keys, so deletes are repeated until none is listed. */
async function removeBucket(client: S3Client, Bucket: string): Promise<void> {
  for (let keys = await keysOf(client, Bucket); keys.length > 0; keys = await keysOf(client, Bucket)) {
    for (let at = 0; at < keys.length; at += 1000) {
      const Objects = keys.slice(at, at + 1000).map((Key) => ({ Key }));
      const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
      if (Errors.length > 0) throw new Error(`Cannot delete ${Errors[0]?.Key} from ${Bucket}: ${Errors[0]?.Message}`);
    }
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
}
