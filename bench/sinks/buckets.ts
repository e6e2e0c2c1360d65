import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { put } from '../../src/index.js';
import type { Endpoint } from '../../test/support/endpoint.js';

/** Buckets of a real server, as the benchmark itself makes, fills and looks at them. */
export interface Buckets {
  make(name: string): Promise<void>;
  /** Puts a folder, asking nothing. */
  fill(name: string, folder: string): Promise<void>;
  /** ETags by key, without their quotes. */
  contents(name: string): Promise<Map<string, string>>;
  remove(name: string): Promise<void>;
}

const CONCURRENCY = 16;

export function bucketsOf({ url, accessKeyId, secretAccessKey, region }: Endpoint): Buckets {
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint: url, region, credentials, forcePathStyle: true });
  const contents = async (Bucket: string): Promise<Map<string, string>> => {
    const found = new Map<string, string>();
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
      for (const { Key = '', ETag = '' } of Contents) found.set(Key, ETag.replaceAll('"', ''));
    }
    return found;
  };
  return {
    contents,
    async make(Bucket) {
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
      const keys = [...(await contents(Bucket)).keys()];
      for (let from = 0; from < keys.length; from += 1000) {
        const Objects = keys.slice(from, from + 1000).map((Key) => ({ Key }));
        await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
      }
      await client.send(new DeleteBucketCommand({ Bucket }));
    },
  };
}
