import type { Differences } from './expected.js';

/** Where SeaweedFS 4.53 differs from S3; `expected.ts` explains the format. */
export const SEAWEEDFS: Differences = {
  // A put creates the bucket that it names, so the one that must be absent is there after the first put.
  'a bucket that is not there ends the run': 'put',
  'a put into no bucket': '200',
  'HEAD in no bucket': '200',
  'GET in no bucket': '200',
  'a listing of no bucket': '200',
  'a create in no bucket': '200',
  'uploads of no bucket': '200',
  'a source bucket that is absent': '200',
  'a copied part of an absent bucket': '200',
  // Digests and checksums have one code, and what is announced may be missing.
  'a malformed Content-MD5': '400 BadDigest',
  'a malformed CRC32': '400 BadDigest',
  'two checksums at once': '200',
  'an announced checksum that is missing': '200',
  'a part with a wrong CRC32 in the list': '400 BadDigest',
  'a create with a checksum type alone': '200, a, none, none',
  'a part without the composite checksum': '200, NhCmhg==',
  'the CRC32 of the full object without its type': '200, FULL_OBJECT, NhCmhg==',
  // It keeps checksums that were sent, adds none, and never says what they cover.
  'a right CRC32': '200, NhCmhg==, none',
  'checksums of a put without one': 'none',
  'the CRC32 by HEAD': '200, none; 200, NhCmhg==, none',
  'the CRC32 of a copy': '200, NhCmhg==, none',
  'the CRC32 in the answer to a copy': '200, none',
  'the composite CRC32 of a copy': '200, FKTmaw==-1, COMPOSITE',
  'CRC32s in ListParts': 'none, none, none',
  'the checksum of an upload in the list': 'none, none',
  // It compares the ETag instead of refusing.
  'If-None-Match with an ETag': '412 PreconditionFailed, hello',
  // The type of an object without one comes from its bytes.
  'no content type': '200, text/plain; charset=utf-8',
  // Metadata come back as the bytes that were sent, and have no limit; it keeps no redirect.
  'metadata that is not ASCII': '200, grüß',
  'metadata of 2,049 bytes': '200',
  'a redirect location': '200, none',
  'the redirect that a copy is given': '200, none',
  'eleven tags': '400 InvalidTag',
  // Encryption needs a key server.
  'SSE AES256': '500 InternalError',
  'SSE aws:kms': '500 InternalError',
  // It takes the ACLs that S3 knows, and none has an effect.
  'ACL public-read in a new bucket': '200',
  'an unknown ACL': '400 InvalidRequest',
  // Keys are paths: two keys can be one object, and a backslash is a slash.
  'a segment of 256 bytes': '400 KeyTooLongError',
  'a key a//b': '200, listed as a/b',
  'a key /a': '200, listed as a',
  'a key a/./b': '400 InvalidRequest',
  'a key a/../b': '400 InvalidRequest',
  'a key with a backslash': '200, listed as a/b',
  // It accepts any region, and has other codes for signatures.
  'a signature for another region': '404 NoSuchKey',
  'a header that is not signed': '403 SignatureDoesNotMatch',
  'the name of the server': '200, SeaweedFS 30GB 4.53',
  // Any text is a token. Pages may be longer than 1,000; a common prefix counts as before the start if the start is within it.
  'a token that is none': '200',
  'start-after with a delimiter': 'd',
  'encoding-type url': 'url, a+b%2Bc%25~%2A-_.%27%28%29%21%C3%A9',
  'another encoding-type': '200',
  'a page of 2,000 parts': '2000',
  'a page of 2,000 uploads': '2000',
  'uploads with encoding-type url': 'url, a+b%2Bc%25~%C3%A9',
  // A part that was sent twice is listed twice, in either order, and a completion may name it twice.
  'a part sent twice': [
    '1 "5d41402abc4b2a76b9719d911017c592" 5; 1 "7d793037a0760186574b0282f2f435e7" 5',
    '1 "7d793037a0760186574b0282f2f435e7" 5; 1 "5d41402abc4b2a76b9719d911017c592" 5',
  ],
  'pages of two parts': '1 2 (2, true); 3 10000 (none, false)',
  'a part named twice': '200',
  // A completed upload is remembered, and its object's size is not compared.
  'no parts named': '404 NoSuchUpload',
  'a completion again': '200',
  'a wrong object size': '200',
  'an upload in the list': 'none, now, its id',
  // Objects of one put have a part too.
  'the first part of an object of one put': '206, 5, 1',
  // A copy keeps the class, and the ETag of its parts.
  'the class of a copy': '200, REDUCED_REDUNDANCY',
  'a copy of an object in parts': '200, "62109206880d38a4010a98e11243924a-1"',
  // A plus is a plus, and what cannot be decoded is taken as it is.
  'a source key with a bare plus for its space': '404 NoSuchKey',
  'a source with a broken encoding': '404 NoSuchKey',
  // It does not say which condition failed.
  'a copy if the source is another': '412 PreconditionFailed, none',
  'a copy unless the source is the same': '412 PreconditionFailed, none',
  'a copy if the source has not changed since': '412 PreconditionFailed, none',
  'a copy if the source has changed since': '412 PreconditionFailed, none',
  // A range of a copy is read as that of a GET, from sources of any size.
  'a range of 5 bytes': '200',
  'a range beyond the end': '416 InvalidRange',
  'a range that begins beyond the end': '416 InvalidRange',
  'a range without an end': '416 InvalidRange',
};
