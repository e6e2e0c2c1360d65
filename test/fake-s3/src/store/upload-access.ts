import { hash } from 'node:crypto';
import { newUploadId } from '../multipart/create-upload.js';
import { etagOf } from '../objects/put-object.js';
import { checksumOf } from './checksum.js';
import { compareUtf8 } from './key-order.js';
import { type SeedOptions, seededHead } from './seed.js';
import type { Store } from './store.js';
import type { UploadChecksum } from './upload-checksum.js';
import type { StoredUpload, Uploads } from './uploads.js';

export interface SeedUploadOptions extends Pick<SeedOptions, 'headers'> {
  /** When it began; default now. */
  readonly initiated?: Date;
  /** Algorithm that the create named; default none. */
  readonly checksum?: Pick<UploadChecksum, 'algorithm' | 'type'>;
}

/** Access of tests to multipart uploads without requests. Each method throws if the bucket or open upload does not exist. */
export interface UploadAccess {
  /** Unfinished uploads by key, those of one key by age. */
  uploads(bucket: string): readonly StoredUpload[];
  /** Begins an upload with these parts by their numbers; returns its id. */
  seedUpload(
    bucket: string,
    key: string,
    parts?: Readonly<Record<number, Buffer | string>>,
    options?: SeedUploadOptions,
  ): string;
  /** Moves the start time of an upload back by these milliseconds. */
  ageUpload(bucket: string, uploadId: string, milliseconds: number): void;
  /** Aborts an upload without a request of its client. */
  abortUpload(bucket: string, uploadId: string): void;
}

export function uploadAccess(store: Store): UploadAccess {
  const of = (bucket: string): Uploads => {
    const found = store.buckets.get(bucket);
    if (found === undefined) throw new Error(`No bucket ${bucket}`);
    return found.uploads;
  };
  return {
    uploads: (bucket) => of(bucket).inOrder(compareUtf8),
    seedUpload(bucket, key, parts = {}, { initiated = new Date(), headers, checksum } = {}) {
      const uploadId = newUploadId();
      const head = seededHead(headers, store.modeOf(bucket));
      const kind: UploadChecksum = {
        algorithm: 'crc64nvme',
        type: 'FULL_OBJECT',
        ...checksum,
        named: checksum !== undefined,
      };
      of(bucket).begin({ uploadId, key, initiated: initiated.getTime(), head, checksum: kind });
      for (const [number, given] of Object.entries(parts)) {
        const body = Buffer.from(given);
        const md5 = hash('md5', body);
        of(bucket).setPart(uploadId, {
          number: Number(number),
          body,
          size: body.length,
          etag: etagOf(md5, head),
          md5,
          checksum: checksumOf(kind.algorithm, body),
          lastModified: Math.floor(initiated.getTime() / 1000) * 1000,
        });
      }
      return uploadId;
    },
    ageUpload: (bucket, uploadId, milliseconds) => of(bucket).age(uploadId, milliseconds),
    abortUpload: (bucket, uploadId) => of(bucket).end(uploadId),
  };
}
