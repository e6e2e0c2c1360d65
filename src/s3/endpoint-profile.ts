/** What is known of a kind of S3 server before it is asked. Facts that can only be found out are found out while it runs. */
export interface EndpointProfile {
  readonly name: 'aws' | 'minio' | 'versitygw' | 'ceph' | 'r2' | 'generic';
  /** PutObject takes `x-amz-checksum-crc32`, checks it, and gives it back; elsewhere Content-MD5 is sent. */
  readonly crc32: boolean;
  /** `If-None-Match: *` on PutObject is honoured; where that is unknown, a 501 tells. */
  readonly conditionalPuts: boolean | 'unknown';
  /** The same on CopyObject; where it is ignored an existing key would be overwritten. */
  readonly conditionalCopies: boolean;
  /** CompleteMultipartUpload may leave a part out that was uploaded. */
  readonly unlistedParts: boolean;
  /** Unfinished uploads are listed by any prefix of their keys; elsewhere only by a whole key, or all of them. */
  readonly uploadsByPrefix: boolean;
  /** An ACL on PutObject is taken, unless the bucket has them disabled. */
  readonly acls: boolean | 'unknown';
  /** Listings are in order of UTF-8 bytes; each page is checked all the same. */
  readonly orderedListing: boolean | 'unknown';
  /** An ETag of 32 hex digits on an object without KMS or customer key is its MD5; where that is unknown, one that matched tells. */
  readonly etagIsMd5: boolean;
}

/**
 * Sources. aws: the S3 user guide on object integrity, conditional requests, multipart uploads, object ownership and listing keys, and
 * `Object.ETag` of the API reference; that CopyObject honours If-None-Match: API reference, 2025. minio, versitygw: tried on the versions that
 * the tests of real servers pin. ceph: its documentation calls checksums new with Squid, so none is sent unasked; it refuses to complete with
 * an unlisted part. r2: its table of S3 compatibility (CRC32 for composites only, no ACLs).
 */
const PROFILES: Readonly<Record<EndpointProfile['name'], EndpointProfile>> = {
  aws: {
    name: 'aws',
    crc32: true,
    conditionalPuts: true,
    conditionalCopies: true,
    unlistedParts: true,
    uploadsByPrefix: true,
    acls: true,
    orderedListing: true,
    etagIsMd5: true,
  },
  minio: {
    name: 'minio',
    crc32: true,
    conditionalPuts: true,
    conditionalCopies: false,
    unlistedParts: true,
    uploadsByPrefix: false,
    acls: true,
    orderedListing: true,
    etagIsMd5: true,
  },
  versitygw: {
    name: 'versitygw',
    crc32: true,
    conditionalPuts: true,
    conditionalCopies: false,
    unlistedParts: true,
    uploadsByPrefix: true,
    acls: true,
    orderedListing: true,
    etagIsMd5: true,
  },
  ceph: {
    name: 'ceph',
    crc32: false,
    conditionalPuts: 'unknown',
    conditionalCopies: false,
    unlistedParts: false,
    uploadsByPrefix: true,
    acls: true,
    orderedListing: true,
    etagIsMd5: true,
  },
  r2: {
    name: 'r2',
    crc32: false,
    conditionalPuts: true,
    conditionalCopies: false,
    unlistedParts: false,
    uploadsByPrefix: true,
    acls: false,
    orderedListing: true,
    etagIsMd5: true,
  },
  generic: {
    name: 'generic',
    crc32: false,
    conditionalPuts: 'unknown',
    conditionalCopies: false,
    unlistedParts: false,
    uploadsByPrefix: false,
    acls: 'unknown',
    orderedListing: 'unknown',
    etagIsMd5: false,
  },
};

const BY_SUFFIX: readonly (readonly [suffix: string, name: EndpointProfile['name']])[] = [
  ['.amazonaws.com', 'aws'],
  ['.amazonaws.com.cn', 'aws'],
  ['.amazonaws.eu', 'aws'],
  ['.r2.cloudflarestorage.com', 'r2'],
];

/** How servers call themselves in `Server`. */
const BY_SERVER: readonly (readonly [begins: RegExp, name: EndpointProfile['name']])[] = [
  [/^AmazonS3\b/, 'aws'],
  [/^MinIO\b/i, 'minio'],
  [/^VERSITYGW\b/i, 'versitygw'],
  [/^Ceph\b/i, 'ceph'],
];

/** The profile of an endpoint, by its host at first, then by what its first answer calls itself. */
export interface ProfileFinder {
  readonly current: EndpointProfile;
  /** An answer's `Server` header. */
  learn(server: string | undefined): void;
}

export function profileFinder(host: string): ProfileFinder {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const known = BY_SUFFIX.find(([suffix]) => name.endsWith(suffix))?.[1];
  let current = PROFILES[known ?? 'generic'];
  // A host that is known is not talked out of it by a proxy that answers in its place.
  let settled = known !== undefined;
  return {
    get current() {
      return current;
    },
    learn(server) {
      if (settled) return;
      settled = true;
      current = PROFILES[BY_SERVER.find(([begins]) => begins.test(server ?? ''))?.[1] ?? 'generic'];
    },
  };
}
