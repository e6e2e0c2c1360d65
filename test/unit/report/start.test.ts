import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StartEvent, startText } from '../../../src/report/start.js';

const START = { from: ['dist'], to: 's3://my-site/docs', region: 'eu-central-1', dryRun: false } as const;

const rows: readonly (readonly [Omit<StartEvent, 'type'>, string])[] = [
  [START, 'dist → s3://my-site/docs (eu-central-1)'],
  [{ ...START, dryRun: true }, 'Dry run: dist → s3://my-site/docs (eu-central-1)'],
  [{ ...START, from: [] }, 'all objects below s3://my-site/docs (eu-central-1)'],
  [{ ...START, region: undefined }, 'dist → s3://my-site/docs'],
  [{ ...START, endpoint: 'http://127.0.0.1:9000' }, 'dist → s3://my-site/docs (http://127.0.0.1:9000)'],
  [{ ...START, from: ['dist', 'assets'] }, 'dist, assets → s3://my-site/docs (eu-central-1)'],
  [{ ...START, from: ['a', 'b', 'c'] }, 'a, b, c → s3://my-site/docs (eu-central-1)'],
  [{ ...START, from: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }, 'a, b, c and 4 more → s3://my-site/docs (eu-central-1)'],
  [{ ...START, from: ['a\nb\u001b[2J'] }, 'a\\nb\\x1b[2J → s3://my-site/docs (eu-central-1)'],
  [
    { ...START, from: ['s3://a/x'], endpoint: 'https://me:secret@s3.example.com' },
    's3://a/x → s3://my-site/docs (https://***@s3.example.com)',
  ],
];

for (const [event, expected] of rows)
  test(`the first line is ${expected}`, () => assert.equal(startText(event), expected));
