/** `add` puts absent keys only, `update` absent and different ones, `stupid` all without a look at the bucket. */
export const PUT_MODES = ['add', 'update', 'stupid'] as const;
export type PutMode = (typeof PUT_MODES)[number];

export const COMPARES = ['content', 'size'] as const;
export const KEY_BASES = ['source', 'cwd'] as const;
export const SYMLINK_RULES = ['inside', 'follow', 'skip'] as const;
export const IF_NO_FILES_FOUND = ['error', 'warn', 'ignore'] as const;
export type SymlinkRule = (typeof SYMLINK_RULES)[number];

/**
 * Canned ACLs that S3 takes on an object.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
 */
export const CANNED_ACLS = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
] as const;
export type CannedAcl = (typeof CANNED_ACLS)[number];
/** Those that give rights to nobody but the owners of the object and of the bucket. */
export const CLOSED_ACLS: readonly CannedAcl[] = ['private', 'bucket-owner-read', 'bucket-owner-full-control'];

/**
 * Storage classes that a put to S3 can name. What only another server has can be given in `headers`.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export const STORAGE_CLASSES = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
  'REDUCED_REDUNDANCY',
  'EXPRESS_ONEZONE',
  'OUTPOSTS',
  'SNOW',
] as const;
export type StorageClass = (typeof STORAGE_CLASSES)[number];

/**
 * Server-side encryption that a put can ask for: by keys of S3, by a KMS key, or by a KMS key twice.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
 */
export const SSE_METHODS = ['AES256', 'aws:kms', 'aws:kms:dsse'] as const;
export type SseMethod = (typeof SSE_METHODS)[number];

/**
 * How bodies are checked on their way: by what the server is known to take, by one of the two, or not at all.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export const CHECKSUMS = ['auto', 'crc32', 'md5', 'off'] as const;
export type ChecksumChoice = (typeof CHECKSUMS)[number];

/**
 * What becomes of an unfinished upload in the next run: it is gone on with where its mark proves it; `unproven` also where only its parts can be
 * compared; `off` neither looks for any nor leaves any.
 */
export const RESUMES = ['on', 'off', 'unproven'] as const;
export type ResumeChoice = (typeof RESUMES)[number];

/** What carries requests: sockets of our own, or undici. */
export const HTTP_CLIENTS = ['sockets', 'undici'] as const;
export type HttpClientChoice = (typeof HTTP_CLIENTS)[number];

/** What a log holds: each level and those before it. */
export const LOG_LEVELS = ['error', 'warning', 'info', 'debug'] as const;
