import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inActionWords } from '../../../src/options/names.js';

/** What the engine says, and how the Action says it; one text where it stays. */
const ROWS: readonly (readonly [string, string?])[] = [
  ['ifNoFilesFound "warn" lets it pass.', 'if-no-files-found "warn" lets it pass.'],
  ['Set partSize to the length, or use maxSize.', 'Set part-size to the length, or use max-size.'],
  ['sseKmsKeyId and endpointUrl', 'sse-kms-key-id and endpoint-url'],
  ['copyAcl, expectedSourceBucketOwner.', 'copy-acl, expected-source-bucket-owner.'],
  ['A file of rules is given by --rules.', 'A file of rules is given by rules.'],
  ['Name it by --proxy URL.', 'Name it by proxy URL.'],
  ['Give --header or --endpoint.', 'Give headers or endpoint-url.'],
  ['--size-only, --insecure, --no-gzip, --no-resume', 'compare: size, secure: false, gzip: false, resume: off'],
  ["Put it again with mode stupid and resume 'off'."],
  ['Set region to "eu-west-1"; "partSize" is a value.'],
  ['secure: false'],
  ['dist/partSize.js, partSize.js and partSize/a were skipped'],
  ['KEY?versionId=ID, make it without --sparse'],
  ['Check the path; it is relative to the working directory.', 'Check the path; it is relative to the workspace.'],
  ['onEvent and httpAgent are no inputs'],
];

for (const [said, shown = said] of ROWS) test(said, () => assert.equal(inActionWords(said), shown));
