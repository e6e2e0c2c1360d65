import type { Differences } from './expected.js';

/** The words of a text in every order. */
function inAnyOrder(text: string): readonly string[] {
  const words = text.split(' ');
  const orders = (rest: readonly string[]): readonly string[] =>
    rest.length === 0
      ? ['']
      : rest.flatMap((word, at) =>
          orders(rest.filter((_, index) => index !== at)).map((tail) => `${word} ${tail}`.trim()),
        );
  return orders(words);
}

const PAGES_OF_UPLOADS: readonly string[] = ['a b', 'b a'].flatMap((first) =>
  ['c d', 'd c'].map((second) => `${first} (b, true); ${second} (d, true); e (none, false)`),
);

/** Where Garage 2.5.0 differs from S3; `expected.ts` explains the format. */
export const GARAGE: Differences = {
  // It says AccessDenied for every wrong signature, and accepts an old one.
  'a wrong secret ends the run': 'RunStoppedError AccessDenied',
  'an unknown access key ends the run': 'RunStoppedError AccessDenied',
  'a wrong secret': '403 AccessDenied',
  'an unknown access key': '403 AccessDenied',
  'a clock 16 minutes late': '404 NoSuchKey',
  'a header that is not signed': '400 InvalidRequest',
  // Digests and checksums have one code, and what is announced may be missing.
  'a malformed Content-MD5': '400 BadDigest',
  'a wrong CRC32': '400 InvalidDigest',
  'another body than the one signed': '400 InvalidDigest',
  'an announced checksum that is missing': '200',
  'a part with a wrong CRC32': '400 InvalidDigest',
  'a part without the full-object checksum': '400 InvalidRequest',
  'the CRC32 of the full object without its type': '400 InvalidDigest',
  'a wrong CRC32 of the full object': '400 InvalidDigest',
  'a composite CRC32 without those of the parts': '200',
  'a part with a wrong CRC32 in the list': '400 InvalidDigest',
  // It keeps checksums that were sent, and adds none.
  'checksums of a put without one': 'none',
  'CRC32s in ListParts': 'none, none, NhCmhg==',
  'the checksum of an upload in the list': 'none, none',
  // It has no conditions on what a write overwrites.
  'If-None-Match * on an existing key': '200, other',
  'If-None-Match with an ETag': '200, other',
  'eight If-None-Match * at once': ['several are put', 'one is put'],
  'If-Match with another ETag': '200, other',
  'If-Match on an absent key': '200',
  'a completion with If-None-Match * of an existing key': '200, parts',
  'a completion with If-Match with another ETag': '200, parts',
  'a copy with If-None-Match * onto an existing key': '200, hello',
  'a copy with If-Match with another ETag': '200, hello',
  // An object without a type has none. Metadata come back as the bytes that were sent, and have no limit.
  'no content type': '200, none',
  'no type in a copy that replaces it': '200, none',
  'metadata that is not ASCII': '200, grüß',
  'metadata of 2,049 bytes': '200',
  // It ignores tags, storage classes, encryption and ACLs in a put, and has no requests for them.
  'two tags': '200, none',
  'eleven tags': '200',
  'a tag twice': '200',
  'the headers of the create': '200, text/html; charset=utf-8, max-age=60, gzip, b:c, none',
  'storage class STANDARD_IA': '200, none',
  'storage class REDUCED_REDUNDANCY': '200, none',
  'an unknown storage class': '200',
  'a create with an unknown storage class': '200, a, none, none',
  'SSE AES256': '200, none',
  'SSE aws:kms': '200, none',
  'an unknown SSE': '200',
  'ACL public-read in a new bucket': '200',
  'an unknown ACL': '200',
  'tags of a copy': '501 NotImplemented',
  'tags of a copy that replaces them': '501 NotImplemented',
  'the class that a copy is given': '200, none',
  'tags that are read': '501 NotImplemented',
  'tags that are none': '501 NotImplemented',
  'tags of an absent key': '501 NotImplemented',
  'the ACL of an object': '501 NotImplemented',
  // Ranges and conditions of a GET.
  'a range that is none': '416 InvalidRange, bytes */5',
  'GET if it is another': '412, none',
  // Keys have no limit, and lose a slash in front.
  'a key of 1,025 bytes': '200, kept',
  'a key /a': '200, listed as a',
  // It says neither who it is nor which request this was.
  'the name of the server': '200, none',
  'the request id': 'none',
  // Pages have one entry at least; what is no number has another code.
  'a page of none': 'a (1, false)',
  'max-keys that is no number': '400 InvalidRequest',
  'max-keys below zero': '400 InvalidRequest',
  'a token that is none': '400 InvalidRequest',
  'encoding-type url': 'url, a%20b%2Bc%25~%2A-_.%27%28%29%21%C3%A9',
  'another encoding-type': '200',
  'max-parts that is no number': '400 InvalidRequest',
  'max-uploads that is no number': '400 InvalidRequest',
  'uploads with encoding-type url': 'url, a%20b%2Bc%25~%C3%A9',
  // Parts of any number and size are accepted, and the object's size is not compared.
  'part number 0': '200',
  'part number 10,001': '200',
  'pages of two parts': '1 2 (2, true); 3 10000 (none, false)',
  'a small part before another': '200',
  'no parts named': '400 EntityTooSmall',
  'a wrong object size': '200',
  // Objects of one put have a part too, and a copy keeps the ETag of parts.
  'a part beyond the last': '400 InvalidPart',
  'the first part of an object of one put': '206, 5, 1',
  'a copy of an object in parts': '200, "62109206880d38a4010a98e11243924a-1"',
  // It takes directives that it does not know, and a copy onto itself.
  'an unknown metadata directive': '200',
  'a copy onto itself': '200',
  // A plus is a plus, and what cannot be decoded is taken as it is.
  'a source key with a bare plus for its space': '404 NoSuchKey',
  'a source without a key': '400 InvalidRequest',
  'a source with a broken encoding': '404 NoSuchKey',
  // It does not say which condition failed.
  'a copy if the source is another': '412 PreconditionFailed, none',
  'a copy unless the source is the same': '412 PreconditionFailed, none',
  'a copy if the source has not changed since': '412 PreconditionFailed, none',
  'a copy if the source has changed since': '412 PreconditionFailed, none',
  // A part is copied only by a range, which is read as that of a GET, and only into an upload without a checksum.
  'a copied part without a range': '400 InvalidRequest, "none"',
  'the CRC32 of a copied part': '400 InvalidRequest, none',
  'the composite CRC32 of a copied part': '400 InvalidRequest, none',
  'the CRC32 of an object of copied parts': '400 InvalidRequest',
  'a range beyond the end': '200',
  'a range that begins beyond the end': '416 InvalidRange',
  'a range without an end': '200',
  // Uploads are listed in no order.
  'uploads without a prefix': inAnyOrder('a dir/a dir/b dir/sub/c'),
  'uploads by a key that begins another': inAnyOrder('a ab'),
  'uploads by a folder with a delimiter': inAnyOrder('dir/a dir/b dir/sub/'),
  'uploads by a folder': inAnyOrder('dir/a dir/b dir/sub/c'),
  'uploads by a folder without its slash': inAnyOrder('dir/a dir/b dir/sub/c'),
  'three uploads of one key': ['in the order of their creation', 'in another order'],
  'pages of two uploads': PAGES_OF_UPLOADS,
};
