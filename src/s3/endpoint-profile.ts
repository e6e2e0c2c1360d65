/** What is known about a kind of S3 server in advance. Unknown facts are detected during the run. */
export interface EndpointProfile {
  readonly name: 'aws' | 'minio' | 'versitygw' | 'ceph' | 'r2' | 'seaweedfs' | 'generic';
  /** Whether PutObject accepts `x-amz-checksum-crc32`, verifies it and returns it; else Content-MD5 is sent. */
  readonly crc32: boolean;
  /** Whether `If-None-Match: *` on PutObject is honoured; if unknown, a 501 shows that it is not. */
  readonly conditionalPuts: boolean | 'unknown';
  /** The same for CopyObject; on a server that ignores it, an existing key would be overwritten. */
  readonly conditionalCopies: boolean;
  /** Whether `If-Match` with an ETag is honoured on PutObject and CompleteMultipartUpload. */
  readonly conditionalOverwrites: boolean;
  /**
   * Whether a delete can be bound to an ETag: by `If-Match` on DeleteObject (`single`), and also by the ETag of a key in DeleteObjects (true). A server
   * that ignores them deletes an object that was rewritten meanwhile.
   */
  readonly conditionalDeletes: boolean | 'single';
  /** Whether objects can have tags. */
  readonly tags: boolean | 'unknown';
  /** Whether CompleteMultipartUpload may omit an uploaded part. */
  readonly unlistedParts: boolean;
  /** Whether CompleteMultipartUpload refuses parts of different sizes; the last one may be smaller. */
  readonly equalParts: boolean;
  /** Whether objects can have annotations; only S3 has them, since 2026. */
  readonly annotations: boolean;
  /** Whether unfinished uploads can be listed by any prefix of their keys; else only by a whole key, or all of them. */
  readonly uploadsByPrefix: boolean;
  /** Whether an ACL on PutObject is accepted, unless the bucket has ACLs disabled. */
  readonly acls: boolean | 'unknown';
  /** Whether listings are in the order of UTF-8 bytes; each page is checked nevertheless. */
  readonly orderedListing: boolean | 'unknown';
  /** Whether an ETag of 32 hex digits on an object without KMS or customer key is its MD5; if unknown, the first match shows it. */
  readonly etagIsMd5: boolean;
  /** Whether it keeps objects as files, or may do so: then a key cannot also be a folder of other keys. */
  readonly keepsFiles: boolean;
  /** Whether objects keep `x-amz-website-redirect-location`. */
  readonly redirects: boolean | 'unknown';
}

/**
 * Sources. aws: the S3 user guide on object integrity, conditional requests, multipart uploads, object ownership and listing keys, and
 * `Object.ETag` of the API reference; that CopyObject honours If-None-Match, and deletes an ETag: API reference, 2025. minio, versitygw, seaweedfs: tried on the
 * versions that the tests of real servers pin. ceph: its documentation introduces checksums with Squid, so none is sent by default; it refuses to complete an
 * upload with an unlisted part. r2: its table of S3 compatibility (CRC32 for composites only, no ACLs), and the limits of its
 * multipart uploads (https://developers.cloudflare.com/r2/objects/multipart-objects/); it names no condition for deletes
 * (https://developers.cloudflare.com/r2/api/s3/conditional-operations/).
 * @internal
 */
export const PROFILES: Readonly<Record<EndpointProfile['name'], EndpointProfile>> = {
  aws: {
    name: 'aws',
    crc32: true,
    conditionalPuts: true,
    conditionalCopies: true,
    conditionalOverwrites: true,
    conditionalDeletes: true,
    tags: true,
    unlistedParts: true,
    equalParts: false,
    annotations: true,
    uploadsByPrefix: true,
    acls: true,
    orderedListing: true,
    etagIsMd5: true,
    keepsFiles: false,
    redirects: 'unknown',
  },
  minio: {
    name: 'minio',
    crc32: true,
    conditionalPuts: true,
    conditionalCopies: false,
    conditionalOverwrites: true,
    conditionalDeletes: false,
    tags: true,
    unlistedParts: true,
    equalParts: false,
    annotations: false,
    uploadsByPrefix: false,
    acls: true,
    orderedListing: true,
    etagIsMd5: true,
    keepsFiles: true,
    redirects: 'unknown',
  },
  versitygw: {
    name: 'versitygw',
    crc32: true,
    conditionalPuts: true,
    conditionalCopies: false,
    conditionalOverwrites: true,
    conditionalDeletes: 'single',
    tags: true,
    unlistedParts: true,
    equalParts: false,
    annotations: false,
    uploadsByPrefix: true,
    acls: true,
    orderedListing: true,
    etagIsMd5: true,
    keepsFiles: true,
    redirects: 'unknown',
  },
  ceph: {
    name: 'ceph',
    crc32: false,
    conditionalPuts: 'unknown',
    conditionalCopies: false,
    conditionalOverwrites: false,
    conditionalDeletes: false,
    tags: 'unknown',
    unlistedParts: false,
    equalParts: false,
    annotations: false,
    uploadsByPrefix: true,
    acls: true,
    orderedListing: true,
    etagIsMd5: true,
    keepsFiles: false,
    redirects: 'unknown',
  },
  r2: {
    name: 'r2',
    crc32: false,
    conditionalPuts: true,
    conditionalCopies: false,
    conditionalOverwrites: true,
    conditionalDeletes: false,
    tags: false,
    unlistedParts: false,
    equalParts: true,
    annotations: false,
    uploadsByPrefix: true,
    acls: false,
    orderedListing: true,
    etagIsMd5: true,
    keepsFiles: false,
    redirects: 'unknown',
  },
  seaweedfs: {
    name: 'seaweedfs',
    crc32: true,
    conditionalPuts: true,
    conditionalCopies: true,
    conditionalOverwrites: true,
    conditionalDeletes: false,
    tags: 'unknown',
    unlistedParts: true,
    equalParts: false,
    uploadsByPrefix: true,
    acls: true,
    orderedListing: true,
    keepsFiles: false,
    redirects: 'unknown',
    annotations: false,
    etagIsMd5: true,
  },
  generic: {
    name: 'generic',
    crc32: false,
    conditionalPuts: 'unknown',
    conditionalCopies: false,
    conditionalOverwrites: false,
    conditionalDeletes: false,
    tags: 'unknown',
    unlistedParts: false,
    equalParts: false,
    annotations: false,
    uploadsByPrefix: false,
    acls: 'unknown',
    orderedListing: 'unknown',
    etagIsMd5: false,
    keepsFiles: true,
    redirects: 'unknown',
  },
};

const BY_SUFFIX: readonly (readonly [suffix: string, name: EndpointProfile['name']])[] = [
  ['.amazonaws.com', 'aws'],
  ['.amazonaws.com.cn', 'aws'],
  ['.amazonaws.eu', 'aws'],
  ['.r2.cloudflarestorage.com', 'r2'],
];

/** Kinds of servers by their `Server` header. */
const BY_SERVER: readonly (readonly [pattern: RegExp, name: EndpointProfile['name']])[] = [
  [/^AmazonS3\b/, 'aws'],
  [/^MinIO\b/i, 'minio'],
  [/^VERSITYGW\b/i, 'versitygw'],
  [/^Ceph\b/i, 'ceph'],
  [/^SeaweedFS\b/i, 'seaweedfs'],
];

/** Finds the profile of an endpoint: by its host, or by the `Server` header of its first response. */
export interface ProfileFinder {
  readonly current: EndpointProfile;
  /** To be called with the `Server` header of each response. */
  learn(server: string | undefined): void;
}

/** Whether a bucket is a directory bucket of S3 Express, by the end that all their names have. */
export function isDirectoryBucket(name: string): boolean {
  return name.endsWith('--x-s3');
}

/** Whether the host shows that the server is S3 itself. */
export function isAwsHost(host: string): boolean {
  return profileOfHost(host) === 'aws';
}

function profileOfHost(host: string): EndpointProfile['name'] | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return BY_SUFFIX.find(([suffix]) => name.endsWith(suffix))?.[1];
}

export function profileFinder(host: string): ProfileFinder {
  const known = profileOfHost(host);
  // Others than S3 name themselves like it, so that only the host shows what it alone does.
  let current: EndpointProfile = known === 'aws' ? { ...PROFILES.aws, redirects: true } : PROFILES[known ?? 'generic'];
  // The profile of a known host is final: a proxy may respond in its place with another `Server` header.
  let decided = known !== undefined;
  return {
    get current() {
      return current;
    },
    learn(server) {
      if (decided) return;
      decided = true;
      current = PROFILES[BY_SERVER.find(([pattern]) => pattern.test(server ?? ''))?.[1] ?? 'generic'];
    },
  };
}
