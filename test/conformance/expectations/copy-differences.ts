import type { COPIED_PART_FACTS, COPY_FACTS, SOURCE_FACTS } from './copy-facts.js';

type Fact = keyof typeof COPY_FACTS | keyof typeof SOURCE_FACTS | keyof typeof COPIED_PART_FACTS;

type Differences = Readonly<Partial<Record<Fact, string | readonly string[]>>>;

/** Where versitygw differs from S3 in copies; `expected.ts` explains the format. */
export const VERSITYGW_COPIES: Differences = {
  // Of storage classes it takes everything and keeps nothing.
  'the class of a copy': '200, STANDARD',
  'the class that a copy is given': '200, STANDARD',
  // Conditions on what a copy overwrites are ignored.
  'a copy with If-None-Match * onto an existing key': '200, hello',
  'a copy with If-Match with another ETag': '200, hello',
  // It reads ACLs only of buckets.
  'the ACL of an object': '501 NotImplemented',
  // The source is decoded before its version is looked for: such a key cannot be copied.
  'a source key that ends like a version': '400 InvalidArgument',
  // Conditions on the source are those of a GET, by their names and by what they answer: 304, without a document.
  'a copy if the source is another': '412 PreconditionFailed, If-Match',
  'a copy unless the source is the same': '304, none',
  'a copy if the source has not changed since': '412 PreconditionFailed, If-Unmodified-Since',
  'a copy if the source has changed since': '304, none',
  'a part copied unless the source is the same': '304',
  // A range of a copy is read as that of a GET, from sources of any size.
  'a range without an end': '200',
  'a range of 5 bytes': '200',
};

/** Where MinIO differs. */
export const MINIO_COPIES: Differences = {
  // It copies the class too.
  'the class of a copy': '200, REDUCED_REDUNDANCY',
  // It keeps no redirect.
  'the redirect that a copy is given': '200, none',
  // A copy keeps the checksum, but its response does not have it.
  'the CRC32 in the answer to a copy': '200, none',
  // Conditions on what a copy overwrites are ignored.
  'a copy with If-None-Match * onto an existing key': '200, hello',
  'a copy with If-Match with another ETag': '200, hello',
  // A plus is a plus, and what cannot be decoded is taken as it is.
  'a source key with a bare plus for its space': '404 NoSuchKey',
  'a source with a broken encoding': '404 NoSuchKey',
  // It does not say which condition failed.
  'a copy if the source is another': '412 PreconditionFailed, none',
  'a copy unless the source is the same': '412 PreconditionFailed, none',
  'a copy if the source has not changed since': '412 PreconditionFailed, none',
  'a copy if the source has changed since': '412 PreconditionFailed, none',
  // Parts of an upload that names a checksum must be sent with it, so none can be copied into one.
  'the CRC32 of a copied part': '400 InvalidArgument, none',
  'the composite CRC32 of a copied part': '400 InvalidArgument, none',
  'the CRC32 of an object of copied parts': '400 InvalidArgument',
  // Ranges are copied from sources of any size.
  'a range of 5 bytes': '200',
  'a range that begins beyond the end': '416 InvalidRange',
};
