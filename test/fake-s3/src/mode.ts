import type { Verb } from './verb.js';

/** A verb that is denied for some keys. */
export interface DeniedKeys {
  readonly verb: Verb;
  readonly key: RegExp;
}

/** The behaviour of a server, or of one bucket on it. Every field can be changed while the server runs. */
export interface S3Mode {
  /** Region that requests must be signed for. */
  readonly region: string;
  /** Response to a request signed for another region: 400 AuthorizationHeaderMalformed, 301 PermanentRedirect, or 307 as S3 sends it for a new bucket. */
  readonly wrongRegion: 'malformed' | 'redirect' | 'temporary';
  /** Endpoint that a redirect names; default `BUCKET.s3.REGION.amazonaws.com`. */
  readonly endpoint: string | undefined;
  /** Object ownership. New S3 buckets are `BucketOwnerEnforced` since April 2023: ACLs are refused. */
  readonly acl: 'allowed' | 'BucketOwnerEnforced';
  /** Default encryption by a KMS key: ETags are not MD5s, and only responses to PUT, HEAD and GET name the key, never a listing. */
  readonly kms: boolean;
  /** Account that owns the bucket: 403 AccessDenied to a request that expects another. */
  readonly owner: string;
  /** 403 AccessDenied to requests without `x-amz-request-payer`. */
  readonly requesterPays: boolean;
  /**
   * Verbs answered with 403 AccessDenied, also for some keys only. DeleteObject denies the keys in a DeleteObjects, each by an error of its own, as in S3,
   * which knows one permission for both.
   */
  readonly deny: readonly (Verb | DeniedKeys)[];
  /** Order of keys in listings; S3's is UTF-8 bytes. */
  readonly order: 'utf8' | 'utf16';
  /** Most entries on a page of a listing. */
  readonly pageSize: number;
  /** Whether responses and listings carry ETags. Listings of parts always do: no upload could be completed without. */
  readonly etags: boolean;
  /** `refused`: 501 to any checksum header; `ignored`: neither checked nor returned. */
  readonly checksums: 'supported' | 'refused' | 'ignored';
  /** If-Match and If-None-Match on writes. `refused`: 501; `ignored`: the write happens. */
  readonly conditionalWrites: 'supported' | 'refused' | 'ignored';
  /**
   * If-Match on a put, a completion and a delete, and the ETag of a key in DeleteObjects, where `conditionalWrites` are supported. `refused`: 501
   * NotImplemented; `refused-400`: the same code with 400; `denied`: 403, as S3 responds without the permission to read the object; `ignored`: the write
   * happens; `never-met`: 412 whatever the ETag is.
   */
  readonly conditions: 'honoured' | 'ignored' | 'refused' | 'refused-400' | 'denied' | 'never-met';
  /** The same on CopyObject, if writes support them; `ignored`: the copy happens, as on MinIO and versitygw. */
  readonly conditionalCopies: 'supported' | 'ignored';
  /** Whether a policy denies writes without a condition: 403 to a put, a completion or a copy without If-Match and If-None-Match. */
  readonly enforcedConditions: boolean;
  /** Whether CopyObject honours `x-amz-metadata-directive`; `ignored`: it copies the metadata of the source in any case. */
  readonly metadataDirective: 'supported' | 'ignored';
  /** Headers of an object that is replaced; `kept`: those of its content that the request does not give stay, as on versitygw. */
  readonly oldHeaders: 'dropped' | 'kept';
  /** Headers of objects that no write stores, in lower case, as some servers do not know redirects. */
  readonly unkeptHeaders: readonly string[];
  /** Whether DeleteObjects exists; `false`: 501 NotImplemented; `not-allowed`: 405 MethodNotAllowed. */
  readonly batchDeletes: boolean | 'not-allowed';
  /** Object tags; `refused`: 501, also to the header of a put, as in directory buckets and on R2. */
  readonly tags: 'supported' | 'refused';
  /** Writes keep the previous version, and responses name versions. */
  readonly versioning: boolean;
  /** `Server` header; undefined for none. */
  readonly serverHeader: string | undefined;
  /** Smallest part in bytes that may stand before another one. */
  readonly minPartSize: number;
  /** How completing an upload treats parts that it does not name; `refused`: 400 InvalidPart, as Ceph responds. */
  readonly unlistedParts: 'dropped' | 'refused';
  /** How completing an upload treats parts of different sizes; `equal`: 400 InvalidPart, as Cloudflare R2 responds. */
  readonly partSizes: 'any' | 'equal';
  /** Annotations of objects; `refused`: 501, also to a CopyObject that would copy some, as in directory buckets. */
  readonly annotations: 'supported' | 'refused';
  /** Response to completing a complete upload. S3 repeats its response for a while, then sends NoSuchUpload. */
  readonly repeatedComplete: 'NoSuchUpload' | 'same';
  /** What ListParts lists after a marker without a part; `empty`: nothing, as MinIO does. */
  readonly partsAfterUnknownMarker: 'listed' | 'empty';
  /**
   * How ListMultipartUploads works. `minio`: a prefix means the uploads of exactly that key, paged by upload id alone;
   * without a prefix, one page lists all uploads by age and ignores the other parameters.
   */
  readonly uploadListing: 's3' | 'minio';
  /** Whether ListMultipartUploads takes both markers; `key`: 400 InvalidArgument to the pair, as versitygw responds. */
  readonly uploadMarkers: 'both' | 'key';
  /**
   * How listings of objects, parts and uploads end. Faulty servers never end, and each page has a marker of its own: `repeat` begins again after the
   * last page; `empty` goes on with empty pages.
   */
  readonly listings: 'end' | 'repeat' | 'empty';
  /** Whether ListObjectsV2 honours `start-after`. */
  readonly startAfter: 'supported' | 'ignored';
  /** How documents are sent: as S3 does, compressed although no request accepts that, or with a namespace prefix on all names. */
  readonly documents: 'plain' | 'gzip' | 'prefixed';
  /** Rate at which bodies of PutObject and UploadPart are read, over all connections to a bucket. */
  readonly bytesPerSecond: number;
  /** Above it, PutObject, UploadPart and copies get 503 SlowDown; these do not count toward the rate. After a pause, one second's requests may come in a burst. */
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
  conditions: 'honoured',
  conditionalCopies: 'supported',
  enforcedConditions: false,
  metadataDirective: 'supported',
  oldHeaders: 'dropped',
  unkeptHeaders: [],
  batchDeletes: true,
  tags: 'supported',
  versioning: false,
  serverHeader: 'AmazonS3',
  minPartSize: 5 * 1024 ** 2,
  unlistedParts: 'dropped',
  partSizes: 'any',
  annotations: 'supported',
  repeatedComplete: 'NoSuchUpload',
  partsAfterUnknownMarker: 'listed',
  uploadListing: 's3',
  uploadMarkers: 'both',
  listings: 'end',
  startAfter: 'supported',
  documents: 'plain',
  bytesPerSecond: Number.POSITIVE_INFINITY,
  putsPerSecond: Number.POSITIVE_INFINITY,
  clockOffset: 0,
};

/** Whether a mode denies a verb for a key. */
export function isKeyDenied(verb: Verb, key: string, { deny }: S3Mode): boolean {
  return deny.some((denied) =>
    typeof denied === 'string' ? denied === verb : denied.verb === verb && key.search(denied.key) >= 0,
  );
}
