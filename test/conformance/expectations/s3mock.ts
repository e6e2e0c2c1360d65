import type { Differences } from './expected.js';

/** Where S3Mock 4.7.0 differs from S3; `expected.ts` explains the format. Copies are not tried on it yet. */
export const S3MOCK: Differences = {
  // All digests and checksums have one code.
  'a wrong Content-MD5': '400 BadRequest',
  'a malformed Content-MD5': '400 BadRequest',
  // It never says what a checksum covers, and always shows it.
  'a right CRC32': '200, NhCmhg==, none',
  'a wrong CRC32': '400 BadRequest',
  'a malformed CRC32': '400 BadRequest',
  'two checksums at once': '200',
  'an announced checksum that is missing': '200',
  'checksums of a put without one': 'none',
  'the CRC32 by HEAD': '200, NhCmhg==; 200, NhCmhg==, none',
  // It compares the ETag instead of refusing; it does not distinguish concurrent puts.
  'If-None-Match with an ETag': '412 PreconditionFailed, hello',
  'eight If-None-Match * at once': ['one is put, 412 PreconditionFailed', 'several are put, 412 PreconditionFailed'],
  // Java writes the type anew.
  'content headers': '200, text/html;charset=utf-8, max-age=60, attachment, gzip, de, Tue, 01 Jan 2030 00:00:00 GMT',
  'no content type': '200, application/octet-stream',
  // Metadata come back as the bytes that were sent, and have no limit.
  'metadata that is not ASCII': '200, grüß',
  'metadata of 2,049 bytes': '200',
  // It keeps no redirect, and of tags it says no count by HEAD.
  'a redirect location': '200, none',
  'two tags': '200, none',
  'eleven tags': '200',
  'a tag twice': '200',
  // What it cannot read has no code; what it does not know it takes.
  'an unknown storage class': '400',
  'an unknown SSE': '200',
  'ACL public-read in a new bucket': '200',
  'an unknown ACL': '200',
  // Ranges are read by a framework.
  'bytes outside': '206, bytes 5-4/5, ""',
  'a range that is none': '400, none',
  // Keys have no limit, but a backslash is refused.
  'a key of 1,025 bytes': '200, kept',
  'a key with a backslash': '400',
  // It checks no signatures.
  'a wrong secret': '404 NoSuchKey',
  'a wrong secret for a HEAD': '404',
  'a wrong secret ends the run': 'put',
  'an unknown access key ends the run': 'put',
  'an unknown access key': '404 NoSuchKey',
  'no signature': '404 NoSuchKey',
  'a clock 16 minutes late': '404 NoSuchKey',
  'a signature for another region': '404 NoSuchKey',
  'another body than the one signed': '200',
  'a header that is not signed': '200',
  // It says neither who it is nor which request this was.
  'the name of the server': '200, none',
  'the request id': 'none',
  // Keys are in the order of UTF-16.
  'the order of keys': 'A a-b a.b a/x b z é 😀 ～',
  // It names no class of what is STANDARD.
  'an entry': '5, "5d41402abc4b2a76b9719d911017c592", none',
  // Pages may be longer than 1,000.
  'a page of 2,000': '2000',
  'max-keys that is no number': '400',
  'max-keys below zero': '400 InvalidRequest',
  // Any text is a token.
  'a token that is none': '200',
  'start-after beyond ASCII': '😀a ～',
  // It encodes `~` and `*` the other way round, and a space as %20.
  'encoding-type url': 'url, a%20b%2Bc%25~%2A-_.%27%28%29%21%C3%A9',
  'another encoding-type': '400 InvalidRequest',
  // It knows conditions on single deletes only, and checks neither the digest of a batch nor the number of its keys.
  'a batch with another ETag': '200, Deleted a, gone',
  'a batch in quiet mode': '200, Deleted a, gone',
  'a batch without a checksum': '200, Deleted a, gone',
  'a batch with a wrong Content-MD5': '200, Deleted a, gone',
  'a batch with no key': '500, , there',
  'a batch of 1,001 keys': '200, 1,001 keys, there',
  'a batch with a control character': '400, , there',
  'an empty set of tags': '500, <Key>old</Key><Value>1</Value>, same ETag and date',
};
