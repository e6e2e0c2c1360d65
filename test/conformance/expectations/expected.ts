import { MINIO_COPIES, VERSITYGW_COPIES } from './copy-differences.js';
import { COPIED_PART_FACTS, COPY_FACTS, SOURCE_FACTS } from './copy-facts.js';
import { DELETE_FACTS } from './delete-facts.js';
import { ENGINE_FACTS } from './engine-facts.js';
import { GARAGE } from './garage.js';
import { MINIO_MULTIPART, VERSITYGW_MULTIPART } from './multipart-differences.js';
import { COMPLETED_FACTS, COMPLETION_FACTS, PART_FACTS, UPLOAD_FACTS } from './multipart-facts.js';
import { LIST_FACTS, PUT_FACTS, READ_FACTS } from './object-facts.js';
import { S3MOCK } from './s3mock.js';
import { SEAWEEDFS } from './seaweedfs.js';

/** Every fact that a suite holds a server to, with what S3 does. */
export const S3_FACTS: Readonly<Record<Fact, string>> = {
  ...PUT_FACTS,
  ...READ_FACTS,
  ...LIST_FACTS,
  ...PART_FACTS,
  ...COMPLETION_FACTS,
  ...COMPLETED_FACTS,
  ...UPLOAD_FACTS,
  ...COPY_FACTS,
  ...SOURCE_FACTS,
  ...COPIED_PART_FACTS,
  ...DELETE_FACTS,
  ...ENGINE_FACTS,
};
export type Fact =
  | keyof typeof PUT_FACTS
  | keyof typeof READ_FACTS
  | keyof typeof LIST_FACTS
  | keyof typeof PART_FACTS
  | keyof typeof COMPLETION_FACTS
  | keyof typeof COMPLETED_FACTS
  | keyof typeof UPLOAD_FACTS
  | keyof typeof COPY_FACTS
  | keyof typeof SOURCE_FACTS
  | keyof typeof COPIED_PART_FACTS
  | keyof typeof DELETE_FACTS
  | keyof typeof ENGINE_FACTS;

/** What a server does instead; several where it depends on time. */
export type Differences = Readonly<Partial<Record<Fact, string | readonly string[]>>>;

/**
 * Where a server differs from S3, fact by fact; in everything else it must behave like S3. So must a server that is not named here.
 * A difference that no longer exists fails its test, as does a new one.
 */
export const DIFFERENCES: Readonly<Record<string, Differences>> = {
  embedded: {
    // Signatures are checked over the header as Node decodes it, not over its bytes. The engine sends US-ASCII only.
    'metadata that is not ASCII': '403 SignatureDoesNotMatch',
  },
  // 1.8.0, posix backend
  versitygw: {
    ...VERSITYGW_MULTIPART,
    ...VERSITYGW_COPIES,
    // Metadata come back as the bytes that were sent.
    'metadata that is not ASCII': '200, grüß',
    // It does not count tags or refuse duplicates as S3 does.
    'eleven tags': '200',
    'a tag twice': '400 InvalidArgument',
    // It accepts every storage class, encryption and ACL, and stores none.
    'storage class STANDARD_IA': '200, STANDARD',
    'storage class REDUCED_REDUNDANCY': '200, STANDARD',
    'an unknown storage class': '200',
    'SSE AES256': '200, none',
    'SSE aws:kms': '200, none',
    'an unknown SSE': '200',
    'ACL public-read in a new bucket': '200',
    'an unknown ACL': '200',
    // Its response has no size.
    'bytes outside': '416 InvalidRange, none',
    // Keys are paths of a file system: a segment ends at 255 bytes, and there is no limit for the whole.
    'a key of 1,025 bytes': '200, kept',
    'a segment of 256 bytes': '400 KeyTooLongError',
    // Paths are cleaned: two keys can be one object, and `..` leads out of its folder.
    'a key a//b': '200, listed as a/b',
    'a key /a': '200, listed as a',
    'a key a/': '400 DirectoryObjectContainsData',
    'a key a/./b': '200, listed as a/b',
    'a key a/../b': '200, listed as b',
    'a key beside keys below it': '200, 409 ObjectParentIsFile, listed as a',
    // A 404 for unknown credentials is easily mistaken for a missing key.
    'an unknown access key': '404 XAdminUserNotFound',
    'the name of the server': '200, VERSITYGW',
    // Any text is a token.
    'a token that is none': '200',
    // A common prefix counts as before the start if the start is within it.
    'start-after with a delimiter': 'd',
    // It ignores the parameter: the element is empty and keys are not encoded.
    'encoding-type url': ", a b+c%~*-_.'()!é",
    // It knows conditions on single deletes only: in a batch they are ignored.
    'a batch with another ETag': '200, Deleted a, gone',
    // It does not count keys, and has no quiet mode.
    'a batch in quiet mode': '200, Deleted a, gone',
    'a batch with no key': '200, , there',
    'a batch of 1,001 keys': '200, 1,001 keys, there',
    'a batch with a control character': '400 InvalidRequest, , there',
    'another encoding-type': '200',
  },
  // v0.0.0-20260212201848-7aac2a2c5b7c, one folder
  minio: {
    ...MINIO_MULTIPART,
    ...MINIO_COPIES,
    // Checksum errors have other codes.
    'a wrong CRC32': '400 XAmzContentChecksumMismatch',
    'a malformed CRC32': '400 InvalidArgument',
    'two checksums at once': '400 InvalidArgument',
    'an announced checksum that is missing': '200',
    // It adds no checksum by itself.
    'checksums of a put without one': 'none',
    // It compares the ETag instead of refusing.
    'If-None-Match with an ETag': '412 PreconditionFailed, hello',
    // Metadata come back as RFC 2047 says, in its other form.
    'metadata that is not ASCII': '200, =?UTF-8?q?gr=C3=BC=C3=9F?=',
    // The names count in full, `x-amz-meta-` included.
    'metadata of 2,048 bytes': '400 MetadataTooLarge',
    // It keeps no redirect.
    'a redirect location': '200, none',
    // It has STANDARD and REDUCED_REDUNDANCY.
    'storage class STANDARD_IA': '400 InvalidStorageClass',
    // Encryption needs a key server, or is not implemented.
    'SSE AES256': '501 NotImplemented',
    'SSE aws:kms': '501 NotImplemented',
    // It accepts any ACL, and none has an effect.
    'ACL public-read in a new bucket': '200',
    'an unknown ACL': '200',
    // Its response has no size.
    'bytes outside': '416 InvalidRange, none',
    // Keys are paths of a file system, and those that would be cleaned are refused, but for a slash in front.
    'a segment of 256 bytes': '400 XMinioInvalidObjectName',
    'a key a//b': '400 XMinioInvalidObjectName',
    'a key /a': '200, listed as a',
    'a key a/./b': '400 XMinioInvalidResourceName',
    'a key a/../b': '400 XMinioInvalidResourceName',
    'a key ". /a"': '400 XMinioInvalidResourceName',
    // Both puts get 200, and a listing then hides the keys below.
    'a key beside keys below it': '200, 200, listed as a',
    // It accepts any region until one is set.
    'a signature for another region': '404 NoSuchKey',
    // It checks only signed headers.
    'a header that is not signed': '200',
    'the name of the server': '200, MinIO',
    // It knows no conditions on deletes, and does not check the digest of a batch.
    'a delete with another ETag': '204, gone',
    'a batch with another ETag': '200, Deleted a, gone',
    'a batch without a checksum': '400 MissingContentMD5, , there',
    'a batch with a wrong Content-MD5': '200, Deleted a, gone',
    // Pages may be longer than 1,000.
    'a page of 2,000': '2000',
    // A common prefix counts as before the start if the start is within it.
    'start-after with a delimiter': 'd',
  },
  s3mock: S3MOCK,
  seaweedfs: SEAWEEDFS,
  garage: GARAGE,
};

/** The accepted results of a fact on a server. */
export function expectedOf(server: string, fact: Fact): readonly string[] {
  const expected = DIFFERENCES[server]?.[fact] ?? S3_FACTS[fact];
  return typeof expected === 'string' ? [expected] : expected;
}
