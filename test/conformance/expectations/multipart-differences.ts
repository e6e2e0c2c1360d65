import type { COMPLETED_FACTS, COMPLETION_FACTS, PART_FACTS, UPLOAD_FACTS } from './multipart-facts.js';

type Fact =
  | keyof typeof PART_FACTS
  | keyof typeof COMPLETION_FACTS
  | keyof typeof COMPLETED_FACTS
  | keyof typeof UPLOAD_FACTS;

type Differences = Readonly<Partial<Record<Fact, string | readonly string[]>>>;

/** Where versitygw differs from S3 in multipart uploads; `expected.ts` explains the format. */
export const VERSITYGW_MULTIPART: Differences = {
  // Storage classes are not looked at.
  'a create with an unknown storage class': '200, a, none, none',
  // It writes `null` where nothing was named.
  'CRC32s in ListParts that the create did not name': 'null, null, none',
  // It remembers what was completed.
  'a completion again': '200',
  'the CRC32 of the full object without its type': '200, FULL_OBJECT, NhCmhg==',
  // Uploads of one key come by their ids, which are random.
  'three uploads of one key': ['in the order of their creation', 'in another order'],
  // It refuses the very markers that it gives; `key-marker` alone works, and passes over all uploads of that key.
  'pages of two uploads': 'a b (b, true); 400 InvalidArgument (none, none)',
  'pages of one upload of one key': 'an upload, 400 InvalidArgument',
  'uploads with encoding-type url': 'none, a b+c%~é',
};

/** Where MinIO differs. */
export const MINIO_MULTIPART: Differences = {
  // Other codes for the same refusals.
  'a create with a checksum type alone': '400 InvalidArgument',
  'a create with SHA256 of the full object': '400 InvalidArgument',
  'a part with a wrong CRC32': '400 XAmzContentChecksumMismatch',
  'a part without the composite checksum': '400 InvalidArgument',
  'a part with another checksum': '400 InvalidArgument',
  'part number 0': '400 InvalidPart',
  'no parts named': '400 InvalidRequest',
  'the CRC32 of the full object without its type': '400 InvalidArgument',
  'a wrong CRC32 of the full object': '400 XAmzContentChecksumMismatch',
  'a composite CRC32 without those of the parts': '400 InvalidPart',
  // It adds no checksum to a part, but keeps one that the create did not name.
  'a part without the full-object checksum': '400 InvalidArgument',
  'CRC32s in ListParts that the create did not name': 'none, none, NhCmhg==',
  // Pages of parts: the last names no marker, one behind a number that is no part is empty, and they may be longer than 1,000.
  'pages of two parts': '1 2 (2, true); 3 10000 (0, false)',
  'parts after a marker that is no part': 'nothing',
  'a page of 2,000 parts': '2000',
  // Nothing to abort is as good as aborted.
  'an abort of no upload': '204',
  'an abort after the abort': '204',
  // Neither the size of the object nor repeated numbers are checked.
  'a wrong object size': '200',
  'a part named twice': '200',
  // Without a prefix all uploads come at once, by age; with one, those of this very key. Markers of keys are not looked at.
  'uploads without a prefix': 'dir/sub/c a dir/b dir/a',
  'uploads by a folder': 'nothing',
  'uploads by a folder without its slash': 'nothing',
  'uploads with a delimiter': 'dir/sub/c a dir/b dir/a',
  'uploads by a folder with a delimiter': 'nothing',
  'uploads by a key that begins another': 'a',
  'pages of two uploads': 'e d c b a (none, false)',
  'uploads after a key': 'a b c',
  'a page of 2,000 uploads': '2000',
  'an upload in the list': 'none, now, its id',
  'the checksum of an upload in the list': 'none, none',
};
