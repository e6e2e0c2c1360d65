import type { Reach } from './connection-options.js';
import type { Credentials, HeaderMap, PutOptions, Size } from './put-options.js';
import type { SharedOptions } from './shared-options.js';

/** A key of the source, or one version of it. */
export type CopyKey = string | { readonly key: string; readonly versionId: string };

type Headers = 'contentType' | 'cacheControl' | 'acl' | 'metadata' | 'storageClass' | 'sse' | 'sseKmsKeyId' | 'tagging';

/** How one side of a copy is reached, where it differs from the other. */
interface Sides {
  readonly sourceProfile?: string | undefined;
  readonly sourceRegion?: string | undefined;
  readonly sourceEndpointUrl?: string | undefined;
  readonly sourceCredentials?: Credentials | (() => Promise<Credentials>) | undefined;
  readonly destProfile?: string | undefined;
  readonly destRegion?: string | undefined;
  readonly destEndpointUrl?: string | undefined;
  readonly destCredentials?: Credentials | (() => Promise<Credentials>) | undefined;
}

/**
 * What a copy from bucket to bucket may be told. `endpointUrl`, `region`, `profile` and `credentials` hold for both sides, unless the option of
 * one side is given. Header options replace what the source's objects have: `contentType`, `cacheControl`, `headers` and `metadata` each its own.
 */
export interface CopyOptions extends SharedOptions, Reach, Pick<PutOptions, Headers>, Sides {
  /** `s3://bucket`, `s3://bucket/path`, or a path with one `*` at its end. */
  readonly source: string;
  /** `s3://bucket` or `s3://bucket/prefix`. */
  readonly destination: string;
  /** Copy these keys below the source's path, and no others. */
  readonly key?: CopyKey | readonly CopyKey[] | undefined;
  /** Copy what begins so below the source's path. */
  readonly fromPrefix?: string | readonly string[] | undefined;
  /** Any S3 object header or `x-amz-meta-*`; it replaces the source's. */
  readonly headers?: HeaderMap | undefined;
  /** Give each copy the grants of its source; costs a request per object. @default false */
  readonly copyAcl?: boolean | undefined;
  /** Copy larger objects by ranges side by side, quicker, though their ETags then differ from the source's. @default the 5 GiB that S3 copies at once */
  readonly splitAbove?: Size | undefined;
  /** AWS account of 12 digits that must own the source's bucket; `expectedBucketOwner` is the destination's. */
  readonly expectedSourceBucketOwner?: string | undefined;
}
