/** The S3 verbs that the engine uses; the report counts requests by them. */
export type Verb =
  | 'PutObject'
  | 'CopyObject'
  | 'GetObject'
  | 'GetObjectTagging'
  | 'GetObjectAcl'
  | 'ListObjectAnnotations'
  | 'GetObjectAnnotation'
  | 'PutObjectAnnotation'
  | 'DeleteObject'
  | 'DeleteObjects'
  | 'PutObjectTagging'
  | 'HeadObject'
  | 'ListObjectsV2'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'UploadPartCopy'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListParts'
  | 'ListMultipartUploads'
  | 'ListObjectVersions';

/** S3's rules for one request verb. */
export interface VerbFacts {
  /**
   * The permission that it needs, by its IAM name, as hints show it.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
   */
  readonly permission: string;
  /** How S3 charges for it: PUT, COPY, POST and LIST cost about twelve times a GET or HEAD; a DELETE is free, and so is an abort. */
  readonly tier: 'write' | 'read' | 'free';
  /** Whether nothing can be written without it: a copy reads its source too. */
  readonly needed: boolean;
  /** Whether it writes or deletes an object or a part of one, so that an abort leaves it unknown whether that was done. */
  readonly writes?: boolean;
  /** Whether it may take minutes, because S3 does the work before it responds. */
  readonly slow?: boolean;
  /** Whether it takes no slot of the limiter: completing and aborting must not wait behind what they end. */
  readonly unlimited?: boolean;
  /** Most MiB that its response may have, where that is more than {@link RESPONSE_MIB}: documents of long listings, and objects. */
  readonly responseMiB?: number;
}

/** Most MiB of the response to most verbs: a head, and a document of a few lines. */
const RESPONSE_MIB = 1;

/** Most bytes that the body of a verb's response may have. */
export function maxResponseBytes(verb: Verb): number {
  return (VERBS[verb].responseMiB ?? RESPONSE_MIB) * 1024 * 1024;
}

/** A row for each verb that the engine uses. A new verb is a name and a row here, and a method of `Bucket`, which `s3/verbs.ts` names. */
export const VERBS: Readonly<Record<Verb, VerbFacts>> = {
  PutObject: {
    permission: 's3:PutObject (and s3:PutObjectAcl where an ACL is sent)',
    tier: 'write',
    needed: true,
    writes: true,
  },
  CopyObject: {
    permission:
      's3:PutObject (and s3:PutObjectTagging, s3:PutObjectAcl where the copy has tags or an ACL), and s3:GetObject and s3:GetObjectTagging on the source (s3:PutObjectAnnotation and s3:GetObjectAnnotation where it has annotations),',
    tier: 'write',
    needed: true,
    writes: true,
    slow: true,
  },
  GetObject: { permission: 's3:GetObject', tier: 'read', needed: true, responseMiB: 64 },
  GetObjectTagging: { permission: 's3:GetObjectTagging', tier: 'read', needed: false },
  GetObjectAcl: { permission: 's3:GetObjectAcl', tier: 'read', needed: false },
  ListObjectAnnotations: { permission: 's3:ListObjectAnnotations', tier: 'write', needed: false, responseMiB: 4 },
  // An annotation has at most 1 MiB.
  GetObjectAnnotation: { permission: 's3:GetObjectAnnotation', tier: 'read', needed: false, responseMiB: 2 },
  PutObjectAnnotation: { permission: 's3:PutObjectAnnotation', tier: 'write', needed: false, writes: true },
  // A condition on the ETag reads the object.
  DeleteObject: {
    permission: 's3:DeleteObject (and s3:GetObject where the delete is bound to an ETag)',
    tier: 'free',
    needed: true,
    writes: true,
  },
  // A POST, and not a DELETE, in S3's prices. The response names 1,000 keys of at most 1,024 bytes, which XML may write as six times as many.
  DeleteObjects: {
    permission: 's3:DeleteObject (and s3:GetObject where the delete is bound to an ETag)',
    tier: 'write',
    needed: true,
    writes: true,
    responseMiB: 8,
  },
  PutObjectTagging: { permission: 's3:PutObjectTagging', tier: 'write', needed: false, writes: true },
  HeadObject: { permission: 's3:GetObject and s3:ListBucket', tier: 'read', needed: false },
  // 1,000 keys need at most 4 MiB, but some servers send longer pages.
  ListObjectsV2: { permission: 's3:ListBucket', tier: 'write', needed: false, responseMiB: 32 },
  CreateMultipartUpload: {
    permission: 's3:PutObject (and s3:PutObjectAcl where an ACL is sent)',
    tier: 'write',
    needed: true,
    writes: true,
  },
  UploadPart: { permission: 's3:PutObject', tier: 'write', needed: false, writes: true },
  UploadPartCopy: {
    permission: 's3:PutObject, and s3:GetObject on the source,',
    tier: 'write',
    needed: false,
    writes: true,
    slow: true,
  },
  CompleteMultipartUpload: {
    permission: 's3:PutObject',
    tier: 'write',
    needed: false,
    writes: true,
    slow: true,
    unlimited: true,
  },
  AbortMultipartUpload: { permission: 's3:AbortMultipartUpload', tier: 'free', needed: false, unlimited: true },
  ListParts: { permission: 's3:ListMultipartUploadParts', tier: 'write', needed: false, responseMiB: 16 },
  // MinIO sends all of them on one page.
  ListMultipartUploads: {
    permission: 's3:ListBucketMultipartUploads',
    tier: 'write',
    needed: false,
    responseMiB: 32,
  },
  ListObjectVersions: { permission: 's3:ListBucketVersions', tier: 'write', needed: false, responseMiB: 32 },
};

/**
 * Dollars that S3 Standard in us-east-1 charges for a request, by its tier.
 * @see https://aws.amazon.com/s3/pricing/
 */
export const REQUEST_DOLLARS: Readonly<Record<VerbFacts['tier'], number>> = {
  write: 0.005 / 1_000,
  read: 0.0004 / 1_000,
  free: 0,
};

/** Dollars a month that S3 Standard in us-east-1 charges for stored bytes; parts of unfinished uploads cost the same. */
export function storageDollars(bytes: number): number {
  return (bytes / 1e9) * 0.023;
}

/** Whether nothing can be written without this verb. */
export function isNeeded(verb: string): boolean {
  return Object.hasOwn(VERBS, verb) && VERBS[verb as Verb].needed;
}
