import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Endpoint } from 'fake-s3';

/** The contents of a bucket on a real server, as the AWS SDK sees them. */
export interface RealUploads {
  make(): Promise<void>;
  /** Unfinished uploads, by id. */
  uploads(): Promise<string[]>;
  /** Numbers of the parts of `key` that are stored, the mark left out. */
  parts(key: string, uploadId: string): Promise<Set<number>>;
  /** SHA-256 of an object, in hex. */
  digest(key: string): Promise<string>;
}

export function realUploads({ url, region, accessKeyId, secretAccessKey }: Endpoint, Bucket: string): RealUploads {
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint: url, region, credentials, forcePathStyle: true });
  return {
    async make() {
      await client.send(new CreateBucketCommand({ Bucket }));
    },
    async uploads() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
      return Uploads.map(({ UploadId = '' }) => UploadId);
    },
    async parts(Key, UploadId) {
      const { Parts = [], IsTruncated } = await client.send(new ListPartsCommand({ Bucket, Key, UploadId }));
      if (IsTruncated === true) throw new Error(`s3://${Bucket}/${Key} has more parts than a page holds`);
      return new Set(Parts.map(({ PartNumber = 0 }) => PartNumber).filter((number) => number < 10_000));
    },
    async digest(Key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      const sha256 = createHash('sha256');
      for await (const chunk of Body as Readable) sha256.update(chunk as Buffer);
      return sha256.digest('hex');
    },
  };
}
