import type { S3CopyObjectOperation, S3Tag } from '@aws-sdk/client-s3-control';
import { CONTENT_HEADERS, METADATA_PREFIX } from '../encode/header-syntax.js';
import type { HeaderMap } from '../options/types.js';

/** What a job sets on each of its objects. */
export type JobHeaders = Omit<S3CopyObjectOperation, 'TargetResource' | 'TargetKeyPrefix'>;

/** The headers of a copy as fields of a job, or the first one that no field can hold. */
export type HeaderSet =
  | { readonly fields: JobHeaders; readonly why?: undefined }
  | { readonly fields?: undefined; readonly why: string };

type Mutable = { -readonly [Name in keyof JobHeaders]: JobHeaders[Name] };
type Metadata = NonNullable<JobHeaders['NewObjectMetadata']>;

/** Storage classes of a job, by the model. */
const CLASSES: ReadonlySet<string> = new Set([
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'GLACIER_IR',
  'DEEP_ARCHIVE',
]);

const FIELD_OF_CONTENT: Readonly<Record<string, keyof Metadata>> = {
  'cache-control': 'CacheControl',
  'content-disposition': 'ContentDisposition',
  'content-encoding': 'ContentEncoding',
  'content-language': 'ContentLanguage',
  'content-type': 'ContentType',
};

/**
 * The headers of a CopyObject as the fields of a job.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3CopyObjectOperation.html
 */
export function headerSet(headers: HeaderMap): HeaderSet {
  const replaces = headers['x-amz-metadata-directive'] === 'REPLACE';
  const fields: Mutable = { MetadataDirective: replaces ? 'REPLACE' : 'COPY' };
  const metadata: { -readonly [Name in keyof Metadata]: Metadata[Name] } = {};
  const user: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const isContent = CONTENT_HEADERS.includes(name) || name.startsWith(METADATA_PREFIX);
    // Without the directive S3 ignores them, and keeps the source's.
    if (isContent && !replaces) return { why: `the header ${name} without the others of the source` };
    const field = FIELD_OF_CONTENT[name];
    if (field !== undefined) Object.assign(metadata, { [field]: value });
    else if (name.startsWith(METADATA_PREFIX)) user[name.slice(METADATA_PREFIX.length)] = value;
    else if (!put(fields, metadata, name, value)) return { why: `the header ${name}: ${value}` };
  }
  if (Object.keys(user).length > 0) metadata.UserMetadata = user;
  if (replaces || Object.keys(metadata).length > 0) fields.NewObjectMetadata = metadata;
  return { fields };
}

/** Whether no job can give its objects this header, which the options give all copies. An empty value only removes one. */
export function isBeyondJobs(name: string, value: string): boolean {
  return value !== '' && headerSet({ 'x-amz-metadata-directive': 'REPLACE', [name]: value }).fields === undefined;
}

/** Sets the field of a header that is no metadata. Whether there is one that can hold the value. */
function put(
  fields: Mutable,
  metadata: { SSEAlgorithm?: Metadata['SSEAlgorithm'] },
  name: string,
  value: string,
): boolean {
  switch (name) {
    case 'x-amz-request-payer':
      fields.RequesterPays = value === 'requester';
      return value === 'requester';
    case 'x-amz-expected-bucket-owner':
      // A listing of the destination checks it before there is a job, and no job can.
      return true;
    case 'x-amz-metadata-directive':
      return value === 'REPLACE' || value === 'COPY';
    case 'expires':
      return putDate(metadata, 'HttpExpiresDate', value, new Date(value).toUTCString() === value);
    case 'x-amz-storage-class':
      fields.StorageClass = value as NonNullable<JobHeaders['StorageClass']>;
      return CLASSES.has(value);
    case 'x-amz-acl':
      fields.CannedAccessControlList = value as NonNullable<JobHeaders['CannedAccessControlList']>;
      return true;
    case 'x-amz-tagging':
      fields.NewObjectTagging = tagsOf(value);
      return true;
    case 'x-amz-tagging-directive':
      return value === 'REPLACE';
    case 'x-amz-website-redirect-location':
      fields.RedirectLocation = value;
      return true;
    case 'x-amz-server-side-encryption':
      metadata.SSEAlgorithm = value === 'aws:kms' ? 'KMS' : 'AES256';
      return value === 'aws:kms' || value === 'AES256';
    case 'x-amz-server-side-encryption-aws-kms-key-id':
      fields.SSEAwsKmsKeyId = value;
      return true;
    case 'x-amz-server-side-encryption-bucket-key-enabled':
      fields.BucketKeyEnabled = value === 'true';
      return value === 'true' || value === 'false';
    case 'x-amz-checksum-algorithm':
      fields.ChecksumAlgorithm = value as NonNullable<JobHeaders['ChecksumAlgorithm']>;
      return true;
    case 'x-amz-object-lock-mode':
      fields.ObjectLockMode = value as NonNullable<JobHeaders['ObjectLockMode']>;
      return value === 'GOVERNANCE' || value === 'COMPLIANCE';
    case 'x-amz-object-lock-legal-hold':
      fields.ObjectLockLegalHoldStatus = value as NonNullable<JobHeaders['ObjectLockLegalHoldStatus']>;
      return value === 'ON' || value === 'OFF';
    case 'x-amz-object-lock-retain-until-date':
      return putDate(fields, 'ObjectLockRetainUntilDate', value, !Number.isNaN(Date.parse(value)));
    default:
      return false;
  }
}

/** A job has a date where the header is a text, which may be none, or have another form. */
function putDate(fields: object, field: string, value: string, isDate: boolean): boolean {
  if (isDate) Object.assign(fields, { [field]: new Date(value) });
  return isDate;
}

function tagsOf(query: string): S3Tag[] {
  return [...new URLSearchParams(query)].map(([Key, Value]) => ({ Key, Value }));
}
