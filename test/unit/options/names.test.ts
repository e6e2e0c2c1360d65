import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputName, renderOptionNames } from '../../../src/options/names.js';
import { type Message, msg } from '../../../src/report/message.js';

/** What the engine says, as the API, the command line and the Action show it. */
const ROWS: readonly (readonly [said: Message, api: string, cli: string, action: string])[] = [
  [
    msg`Leave it out by {maxSize} or {exclude}.`,
    'Leave it out by maxSize or exclude.',
    'Leave it out by --max-size or --exclude.',
    'Leave it out by max-size or exclude.',
  ],
  [
    msg`The bucket ${'"region"'} is in eu-west-1. Set {region} to "eu-west-1".`,
    'The bucket "region" is in eu-west-1. Set region to "eu-west-1".',
    'The bucket "region" is in eu-west-1. Set --region to "eu-west-1".',
    'The bucket "region" is in eu-west-1. Set region to "eu-west-1".',
  ],
  [
    msg`{copyAcl}, {sseKmsKeyId}, {expectedSourceBucketOwner}`,
    'copyAcl, sseKmsKeyId, expectedSourceBucketOwner',
    '--copy-acl, --sse-kms-key-id, --expected-source-bucket-owner',
    'copy-acl, sse-kms-key-id, expected-source-bucket-owner',
  ],
  [
    msg`Use {secure: false}, {secure: true}, {gzip: false} or {gzip: all}.`,
    'Use secure: false, secure: true, gzip: false or gzip: all.',
    'Use --insecure, --secure, --no-gzip or --gzip=all.',
    'Use secure: false, secure: true, gzip: false or gzip: all.',
  ],
  [
    msg`{compare: 'size'}, {resume: 'unproven'}`,
    "compare: 'size', resume: 'unproven'",
    '--size-only, --resume unproven',
    'compare: size, resume: unproven',
  ],
  [
    msg`{mode} add cannot notice it; the put mode sets conditions.`,
    'mode add cannot notice it; the put mode sets conditions.',
    '--mode add cannot notice it; the put mode sets conditions.',
    'mode add cannot notice it; the put mode sets conditions.',
  ],
  [
    msg`It is relative to {workingDirectory}.`,
    'It is relative to the working directory.',
    'It is relative to the working directory.',
    'It is relative to the workspace.',
  ],
  [
    msg`Check the path; {relativePaths}.`,
    'Check the path; relative paths begin at the working directory.',
    'Check the path; relative paths begin at the working directory.',
    'Check the path; relative paths begin at the workspace, because working-directory has no effect on a step with uses: put the folder before the path.',
  ],
  [
    msg`{onEvent} and {httpAgent: 1}`,
    'onEvent and httpAgent: 1',
    'onEvent and httpAgent: 1',
    'onEvent and httpAgent: 1',
  ],
  [
    msg`{keysFile} holds ${'{minSize}.txt'} and ${'partSize.js'}.`,
    'keysFile holds {minSize}.txt and partSize.js.',
    '--keys-file holds {minSize}.txt and partSize.js.',
    'keys-file holds {minSize}.txt and partSize.js.',
  ],
];

for (const [said, api, cli, action] of ROWS)
  test(api, () => {
    assert.equal(renderOptionNames(said, 'api'), api);
    assert.equal(String(said), api);
    assert.equal(renderOptionNames(said, 'cli'), cli);
    assert.equal(renderOptionNames(said, 'action'), action);
  });

test('a text without placeholders is the same everywhere', () => {
  const text = 'Set {region} and minSize: 2 and --min-size in the working directory.';
  for (const face of ['api', 'cli', 'action'] as const) assert.equal(renderOptionNames(text, face), text);
});

test('an input is the option in kebab-case', () => assert.equal(inputName('sseKmsKeyId'), 'sse-kms-key-id'));
