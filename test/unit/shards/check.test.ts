import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExpectedShards, shardProblems } from '../../../src/shards/check.js';
import type { FoundReport } from '../../../src/shards/reports.js';

const EXPECTED: ExpectedShards = {
  count: 2,
  destination: 's3://site/',
  endpoint: undefined,
  dryRun: false,
  digest: 'abc',
};

type Change = Partial<NonNullable<FoundReport['shard']>> & Partial<Omit<FoundReport, 'shard'>>;

function report(index: number, change: Change = {}): FoundReport {
  const { name = `${index}.json`, failure, dryRun = false, ...shard } = change;
  return {
    name,
    failure,
    dryRun,
    shard: {
      index,
      count: 2,
      scheme: 1,
      command: 'put',
      destination: 's3://site/',
      digest: 'abc',
      objects: 4,
      own: 2,
      left: 0,
      ...shard,
    },
  };
}

function withoutDigest({ shard, ...rest }: FoundReport): FoundReport {
  const { digest: _digest, ...others } = shard ?? assert.fail();
  return { ...rest, shard: others };
}

const OTHER: FoundReport = { name: 'x.json', shard: undefined, failure: undefined, dryRun: false };

const TABLE: readonly (readonly [
  what: string,
  found: readonly FoundReport[],
  problems: readonly string[],
  expected?: Partial<ExpectedShards>,
])[] = [
  ['all there', [report(2), report(1)], []],
  ['all there, beside another file', [report(1), OTHER, report(2)], []],
  ['not surveyed yet', [report(1), report(2)], [], { digest: undefined }],
  ['none', [], ['the reports of shards 1, 2 of 2 are missing']],
  ['one missing', [report(1)], ['the report of shard 2 of 2 is missing']],
  [
    'one missing, and a file that is none',
    [report(1), OTHER],
    ['the report of shard 2 of 2 is missing', 'x.json is no report of a shard'],
  ],
  ['double', [report(1), report(1, { name: 'b.json' }), report(2)], ['shard 1 of 2 has 2 reports (1.json, b.json)']],
  ['failed', [report(1), report(2, { failure: 'no' })], ['shard 2 of 2 failed (2.json: no)']],
  [
    'failed before it had a digest',
    [report(1), withoutDigest(report(2, { failure: 'no' }))],
    ['shard 2 of 2 failed (2.json: no)'],
  ],
  [
    'done without a digest',
    [report(1), withoutDigest(report(2))],
    ['2.json is about other files: keys, sizes or pages of its source differ from those here'],
  ],
  [
    'missing and failed',
    [report(2, { failure: 'no' })],
    ['the report of shard 1 of 2 is missing', 'shard 2 of 2 failed (2.json: no)'],
  ],
  ['of a copy', [report(1, { command: 'copy' }), report(2)], ['1.json is the report of a copy, which needs no finish']],
  [
    'of another rule',
    [report(1, { scheme: 2 }), report(2)],
    ['1.json splits keys by rule 2, and this version by rule 1'],
  ],
  ['of another count', [report(1, { count: 3 }), report(2)], ['1.json is shard 1 of 3, and not one of 2']],
  ['beyond the count', [report(1), report(3)], ['3.json is shard 3 of 2, and not one of 2']],
  [
    'of another place',
    [report(1, { destination: 's3://site/docs/' }), report(2)],
    ['1.json is about s3://site/docs/, and not about s3://site/'],
  ],
  [
    'of another server',
    [report(1, { endpoint: 'https://a.example' }), report(2, { endpoint: 'https://b.example' })],
    ['1.json is about the server https://a.example, and not about https://b.example'],
    { endpoint: 'https://b.example' },
  ],
  ['a server that one does not name', [report(1, { endpoint: 'https://a.example' }), report(2)], []],
  ['a dry run', [report(1, { dryRun: true }), report(2)], ['1.json is that of a dry run, which has put nothing']],
  ['a dry run before a dry run', [report(1, { dryRun: true }), report(2, { dryRun: true })], [], { dryRun: true }],
  [
    'other files',
    [report(1), report(2, { digest: 'def' })],
    ['2.json is about other files: keys, sizes or pages of its source differ from those here'],
  ],
];

for (const [what, found, problems, expected] of TABLE)
  test(`reports: ${what}`, () => {
    assert.deepEqual(shardProblems(found, { ...EXPECTED, ...expected }), problems);
  });

test('a message names ten of many', () => {
  const [first, ...rest] = shardProblems([], { ...EXPECTED, count: 256 });
  assert.equal(first, 'the reports of shards 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, and 246 more of 256 are missing');
  assert.deepEqual(rest, []);
});
