import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latestAttempts } from '../../../src/shards/attempts.js';
import type { FoundReport } from '../../../src/shards/reports.js';

type Change = Partial<NonNullable<FoundReport['shard']>> & { readonly dryRun?: boolean };

/** A report with the name `shard.attempt`. */
function report(index: number, number: number, { dryRun = false, ...change }: Change = {}): FoundReport {
  return {
    name: `${index}.${number}`,
    failure: undefined,
    dryRun,
    shard: {
      ...{ index, count: 2, scheme: 1, command: 'put', destination: 's3://site/' },
      ...{ objects: 4, own: 2, left: 0 },
      attempt: { run: '77', number },
      ...change,
    },
  };
}

const named = (all: readonly FoundReport[]): readonly string[] => latestAttempts(all).latest.map(({ name }) => name);

test('the last attempt of each shard counts, in any order', () => {
  const all = [report(1, 2), report(2, 1), report(1, 1), report(1, 3)];
  assert.deepEqual(named(all), ['2.1', '1.3']);
  assert.deepEqual(latestAttempts(all).lost, []);
});

test('earlier attempts that have left no report are named', () => {
  assert.deepEqual(latestAttempts([report(1, 3), report(1, 1), report(2, 2)]).lost, [
    { shard: 1, attempt: 2 },
    { shard: 2, attempt: 1 },
  ]);
});

test('an earlier attempt that had other files, or ended before it had a server, is replaced', () => {
  assert.deepEqual(named([report(1, 1, { digest: 'x' }), report(1, 2, { digest: 'y' })]), ['1.2']);
  assert.deepEqual(named([report(1, 1), report(1, 2, { endpoint: 'https://a.example' })]), ['1.2']);
});

const APART: readonly (readonly [what: string, change: Change])[] = [
  ['another run', { attempt: { run: '78', number: 2 } }],
  ['the same attempt', { attempt: { run: '77', number: 1 } }],
  ['another shard', { index: 2 }],
  ['another number of shards', { count: 3 }],
  ['a copy', { command: 'copy' }],
  ['another place', { destination: 's3://other/' }],
  ['another server', { endpoint: 'https://b.example' }],
  ['a dry run', { dryRun: true }],
];
for (const [what, change] of APART)
  test(`a report of ${what} replaces none`, () => {
    assert.equal(named([report(1, 1, { endpoint: 'https://a.example' }), report(1, 2, change)]).length, 2);
  });

test('reports that name no attempt replace none', () => {
  const { shard, ...rest } = report(1, 1);
  const { attempt: _attempt, ...facts } = shard ?? assert.fail();
  const without: FoundReport = { ...rest, shard: facts };
  const found = latestAttempts([without, report(1, 2), without, { ...rest, shard: undefined }]);
  assert.equal(found.latest.length, 4);
});

test('a number of attempts that cannot be true takes no time', () => {
  assert.equal(latestAttempts([report(1, Number.MAX_SAFE_INTEGER)]).lost.length, 999);
});
