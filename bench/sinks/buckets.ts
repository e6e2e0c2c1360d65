import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Endpoint } from 'fake-s3';
import { put } from '../../src/index.js';

/** Creates, fills and reads the buckets of a real server, outside of the measured time. */
export interface Buckets {
  create(name: string): Promise<void>;
  /** Puts a folder without comparing. */
  fill(name: string, folder: string): Promise<void>;
  /** MD5s by key: from the ETags, and for objects that were put in parts from their bytes. */
  contents(name: string): Promise<Map<string, string>>;
  remove(name: string): Promise<void>;
}

const CONCURRENCY = 16;

export function bucketsOf({ url, accessKeyId, secretAccessKey, region }: Endpoint): Buckets {
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint: url, region, credentials, forcePathStyle: true });
  const md5Of = async (Bucket: string, Key: string): Promise<string> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    const md5 = createHash('md5');
    for await (const chunk of Body as Readable) md5.update(chunk as Buffer);
    return md5.digest('hex');
  };
  const etags = async (Bucket: string): Promise<Map<string, string>> => {
    const found = new Map<string, string>();
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
      for (const { Key = '', ETag = '' } of Contents) found.set(Key, ETag.replaceAll('"', ''));
    }
    return found;
  };
  return {
    async contents(bucket) {
      const found = await etags(bucket);
      for (const [key, etag] of found) if (etag.includes('-')) found.set(key, await md5Of(bucket, key));
      return found;
    },
    async create(Bucket) {
      await client.send(new CreateBucketCommand({ Bucket }));
    },
    async fill(bucket, source) {
      const concurrency = CONCURRENCY;
      await put({
        source,
        bucket,
        endpointUrl: url,
        region,
        credentials,
        forcePathStyle: true,
        mode: 'stupid',
        concurrency,
      });
    },
    async remove(Bucket) {
      const keys = [...(await etags(Bucket)).keys()];
      for (let from = 0; from < keys.length; from += 1000) {
        const Objects = keys.slice(from, from + 1000).map((Key) => ({ Key }));
        await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
      }
      await client.send(new DeleteBucketCommand({ Bucket }));
    },
  };
}
