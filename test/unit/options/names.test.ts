import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inCliWords } from '../../../src/options/names.js';

/** What the engine says, and how the command line says it; one text where it stays. */
const ROWS: readonly (readonly [string, string?])[] = [
  ['Leave it out by maxSize or exclude.', 'Leave it out by --max-size or --exclude.'],
  ['Use an http:// endpoint, or secure: false.', 'Use an http:// endpoint, or --insecure.'],
  [
    'The bucket "region" is in eu-west-1. Set region to "eu-west-1".',
    'The bucket "region" is in eu-west-1. Set --region to "eu-west-1".',
  ],
  ['not the one this server expects. Set region.', 'not the one this server expects. Set --region.'],
  ['Set sse to "aws:kms" too, or leave the key out.', 'Set --sse to "aws:kms" too, or leave the key out.'],
  ['limit is 0; it must be a whole number from 1.', '--limit is 0; it must be a whole number from 1.'],
  [
    'Raise the limit of open files (ulimit -n), or lower concurrency.',
    'Raise the limit of open files (ulimit -n), or lower --concurrency.',
  ],
  ['Leave the acl option and grant headers out.', 'Leave the --acl option and grant headers out.'],
  [
    'Leave one of them out by exclude, or use keyBase "cwd".',
    'Leave one of them out by --exclude, or use --key-base "cwd".',
  ],
  [
    'Check the source, include, exclude and the size limits.',
    'Check the source, --include, --exclude and the size limits.',
  ],
  [
    'mode add cannot notice it; mode stupid sends all again.',
    '--mode add cannot notice it; --mode stupid sends all again.',
  ],
  ['use an http:// endpoint, or leave secure on.', 'use an http:// endpoint, or leave --secure on.'],
  ['hidden: true and gzip: false', '--hidden and --no-gzip'],
  ['Give the user that runs this the right to read it, or exclude it.'],
  ['Check its name, the profile, and the region of the bucket.'],
  ['Choose a profile, or use a role. The put mode sets conditions: "mode add".'],
  ['S3 keeps headers and metadata in US-ASCII.'],
  ['Run it again: --mode update puts what is absent or different.'],
];

for (const [said, shown = said] of ROWS) test(said, () => assert.equal(inCliWords(said), shown));
