import type { Verb } from './verb.js';

/** How a server, or one bucket on it, behaves. Everything can be switched while it runs. */
export interface S3Mode {
  /** Region that requests must be signed for. */
  readonly region: string;
  /** Answer to a request signed for another region: 400 AuthorizationHeaderMalformed, or 301 PermanentRedirect. */
  readonly wrongRegion: 'malformed' | 'redirect';
  /** What a redirect names; default `BUCKET.s3.REGION.amazonaws.com`. */
  readonly endpoint: string | undefined;
  /** Object ownership. New S3 buckets are `BucketOwnerEnforced` since April 2023: ACLs are refused. */
  readonly acl: 'allowed' | 'BucketOwnerEnforced';
  /** Default encryption by a KMS key: ETags are not MD5s, and only PUT, HEAD and GET tell of it, never a listing. */
  readonly kms: boolean;
  /** Account that owns the bucket: 403 AccessDenied to a request that expects another. */
  readonly owner: string;
  /** 403 AccessDenied to requests that do not say that the requester pays. */
  readonly requesterPays: boolean;
  /** Verbs answered with 403 AccessDenied. */
  readonly deny: readonly Verb[];
  /** Order of keys in listings; S3's is UTF-8 bytes. */
  readonly order: 'utf8' | 'utf16';
  /** Most entries on a page of a listing. */
  readonly pageSize: number;
  /** Whether answers and listings carry ETags. Listings of parts do even so: nothing could be completed without. */
  readonly etags: boolean;
  /** `refused`: 501 to any checksum header; `ignored`: neither checked nor returned. */
  readonly checksums: 'supported' | 'refused' | 'ignored';
  /** If-Match and If-None-Match on writes. `refused`: 501; `ignored`: the write happens. */
  readonly conditionalWrites: 'supported' | 'refused' | 'ignored';
  /** The same on CopyObject, where writes honour them; `ignored`: the copy happens, as on MinIO and versitygw. */
  readonly conditionalCopies: 'supported' | 'ignored';
  /** Writes keep what was there before, and answers name versions. */
  readonly versioning: boolean;
  /** `Server` header; undefined for none. */
  readonly serverHeader: string | undefined;
  /** Smallest part in bytes that may stand before another one. */
  readonly minPartSize: number;
  /** What becomes of parts that are not named when an upload is completed; `refused`: 400 InvalidPart, as Ceph answers. */
  readonly unlistedParts: 'dropped' | 'refused';
  /** Answer to completing an upload that is complete. S3 gives the same again for a while, then NoSuchUpload. */
  readonly repeatedComplete: 'NoSuchUpload' | 'same';
  /** What ListParts shows after a marker that is no part's number; `empty`: nothing, as MinIO does. */
  readonly partsAfterUnknownMarker: 'listed' | 'empty';
  /**
   * How ListMultipartUploads works. `minio`: a prefix means the uploads of that very key, paged by the upload's id alone;
   * without one all uploads come on one page by age, whatever else is asked.
   */
  readonly uploadListing: 's3' | 'minio';
  /** How fast the bodies of PutObject and UploadPart are read, of all connections to a bucket together. */
  readonly bytesPerSecond: number;
  /** Above it, PutObject, UploadPart and copies are answered with 503 SlowDown, which costs the client nothing of its rate. After a pause one second's worth may come at once. */
  readonly putsPerSecond: number;
  /** Milliseconds by which the server's clock is ahead. */
  readonly clockOffset: number;
}

export const S3_MODE: S3Mode = {
  region: 'us-east-1',
  wrongRegion: 'malformed',
  endpoint: undefined,
  acl: 'BucketOwnerEnforced',
  kms: false,
  owner: '111122223333',
  requesterPays: false,
  deny: [],
  order: 'utf8',
  pageSize: 1000,
  etags: true,
  checksums: 'supported',
  conditionalWrites: 'supported',
  conditionalCopies: 'supported',
  versioning: false,
  serverHeader: 'AmazonS3',
  minPartSize: 5 * 1024 ** 2,
  unlistedParts: 'dropped',
  repeatedComplete: 'NoSuchUpload',
  partsAfterUnknownMarker: 'listed',
  uploadListing: 's3',
  bytesPerSecond: Number.POSITIVE_INFINITY,
  putsPerSecond: Number.POSITIVE_INFINITY,
  clockOffset: 0,
};
