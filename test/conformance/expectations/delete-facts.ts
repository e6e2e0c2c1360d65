/** Facts about S3's deletes and tags that a raw request shows, checked by `raw/deletes.ts`. `expected.ts` lists the servers that differ. */

/** What deletes and writes of tags are answered, and what they leave behind. */
export const DELETE_FACTS = {
  'a delete of an object': '204, gone',
  'a delete of an absent key': '204, gone',
  'a delete with the ETag': '204, gone',
  'a delete with another ETag': '412 PreconditionFailed, there',
  'a batch of deletes': '200, Deleted a, Deleted b, gone',
  'a batch in quiet mode': '200, , gone',
  'a batch without a checksum': '400 InvalidRequest, , there',
  'a batch with a wrong Content-MD5': '400 BadDigest, , there',
  'a batch with a right CRC32': '200, Deleted a, gone',
  'a batch with the ETag': '200, Deleted a, gone',
  'a batch with another ETag': '200, PreconditionFailed a, there',
  'a batch with no key': '400 MalformedXML, , there',
  'a batch of 1,001 keys': '400 MalformedXML, , there',
  'a batch with a control character': '400 MalformedXML, , there',
  'a batch with a line break in a key': '200, Deleted a\\r\\nb, there',
  'tags that replace others': '200, <Key>new</Key><Value>1</Value>, same ETag and date',
  'an empty set of tags': '200, , same ETag and date',
  'tags of an absent key': '404 NoSuchKey',
} as const;
