import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { type Endpoint, startS3Server } from 'fake-s3';
import { KNOWN_SERVERS } from '../servers/known-servers.js';
import { startServer } from '../servers/start-server.js';

/** One bucket, as its visitors and its owner see it. */
export interface Store {
  create(): Promise<void>;
  /** Undefined where the key has no object. */
  get(key: string): Promise<{ readonly body: Buffer; readonly type: string; readonly cache: string } | undefined>;
  has(key: string): Promise<boolean>;
  head(key: string): Promise<SeenObject>;
  keys(): Promise<string[]>;
  close(): void;
}

/** An object as a HEAD shows it. */
export interface SeenObject {
  readonly etag: string;
  /** Lower-case names; user metadata by its `x-amz-meta-` names. */
  readonly headers: Readonly<Record<string, string>>;
}

export function storeOf({ url, region, accessKeyId, secretAccessKey }: Endpoint, Bucket: string): Store {
  const client = new S3Client({
    endpoint: url,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  const absent = (error: { name?: string }): undefined => {
    if (error.name === 'NoSuchKey' || error.name === 'NotFound') return undefined;
    throw error;
  };
  return {
    create: async () => void (await client.send(new CreateBucketCommand({ Bucket }))),
    async get(Key: string) {
      const found = await client.send(new GetObjectCommand({ Bucket, Key })).catch(absent);
      if (found === undefined) return undefined;
      const { ContentType: type = '', CacheControl: cache = '' } = found;
      return { body: Buffer.from((await found.Body?.transformToByteArray()) ?? []), type, cache };
    },
    has: async (Key: string) => (await client.send(new HeadObjectCommand({ Bucket, Key })).catch(absent)) !== undefined,
    head: async (Key: string): Promise<SeenObject> => seenIn(await client.send(new HeadObjectCommand({ Bucket, Key }))),
    async keys() {
      const keys: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await client.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
        keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      return keys.sort();
    },
    close: () => client.destroy(),
  };
}

function seenIn(head: HeadObjectCommandOutput): SeenObject {
  const all: Readonly<Record<string, string | undefined>> = {
    'cache-control': head.CacheControl,
    'content-disposition': head.ContentDisposition,
    'content-encoding': head.ContentEncoding,
    'content-language': head.ContentLanguage,
    'content-type': head.ContentType,
    expires: head.ExpiresString,
    'x-amz-website-redirect-location': head.WebsiteRedirectLocation,
    ...Object.fromEntries(Object.entries(head.Metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  };
  const headers = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return { etag: head.ETag ?? '', headers: Object.fromEntries(headers.sort()) };
}

/** Paths of the files in a folder, with `/`. */
export function filesIn(folder: string): readonly string[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  return found
    .flatMap((one) => (one.isFile() ? [join(one.parentPath, one.name).slice(join(folder, 'x').length - 1)] : []))
    .sort();
}

/** The values of `--name=one,two` on a command line; all where it is not there. */
export function chosen<T extends string>(words: readonly string[], name: string, all: readonly T[]): readonly T[] {
  const start = `--${name}=`;
  const given =
    words
      .find((word) => word.startsWith(start))
      ?.slice(start.length)
      .split(',') ?? all;
  return given.map((one) => {
    const known = all.find((value) => value === one);
    if (known === undefined) throw new Error(`"${one}" is none of ${all.join(', ')}: ${start}${all.join(',')}`);
    return known;
  });
}

/** Does the work on the embedded server, or on a real one that is started for it. */
export async function onServer<T>(name: string, work: (endpoint: Endpoint) => Promise<T>): Promise<T> {
  if (name === 'embedded') {
    const server = await startS3Server();
    return work(server).finally(() => server.close());
  }
  const known = KNOWN_SERVERS.find((one) => one.name === name);
  if (known === undefined) throw new Error(`${name} is no server.`);
  const running = await startServer(known, AbortSignal.timeout(600_000));
  return running.ready.then(() => work(running.endpoint)).finally(() => running.stop());
}
