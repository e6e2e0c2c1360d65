import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Candidate } from '../../../src/batch/candidates.js';
import { jobDollars, jobToken, planJobs, setCounts, setOf } from '../../../src/batch/jobs.js';
import { openSpool, plainCodec } from '../../../src/batch/spool.js';

const [ETAG, OTHER] = ['0123456789abcdef0123456789abcdef', 'ffffffffffffffffffffffffffffffff'];

test('each large set of headers gets a job, with versions apart, and the largest one in any case', () => {
  const sets = [
    ...Array(3).fill(setOf({ StorageClass: 'STANDARD_IA' }, undefined)),
    ...Array(2).fill(setOf({ StorageClass: 'STANDARD_IA' }, 'v')),
    ...Array(2).fill(setOf({ StorageClass: 'GLACIER_IR' }, undefined)),
    setOf({}, undefined),
  ] as readonly string[];
  const counts = setCounts();
  for (const set of sets) counts.add(set);
  assert.deepEqual([...counts.largest({ least: 2, most: 20 })], [sets[0], sets[3], sets[5]]);
  assert.deepEqual([...counts.largest({ least: 2, most: 1 })], [sets[0]]);
  assert.deepEqual([...counts.largest({ least: 100, most: 20 })], [sets[0]]);
  assert.equal(setCounts().largest({ least: 1, most: 20 }).size, 0);
});

test('where each object has headers of its own, memory is bounded, and a large set among them is found', () => {
  const counts = setCounts(10);
  for (let at = 0; at < 10_000; at += 1) counts.add(at % 4 === 0 ? 'large' : `own ${at}`);
  assert.deepEqual([...counts.largest({ least: 1_000, most: 20 })], ['large']);
});

test('objects go to the job of their set, which is cut where its manifest is full, and others to nobody', async () => {
  const candidateOf = (sourceKey: string, versionId?: string): Candidate =>
    ({ planned: { key: sourceKey, entry: { sourceKey } }, versionId, headers: {} }) as unknown as Candidate;
  const candidates = [
    ...['a', 'b', 'c'].map((key) => candidateOf(key)),
    candidateOf('d', 'v'),
    ...['e', 'f'].map((key) => candidateOf(key)),
    candidateOf('rare'),
  ];
  const others: Candidate[] = [];
  const fieldsOf = ({ planned }: Candidate) =>
    planned.key === 'rare' ? ({ StorageClass: 'GLACIER_IR' } as const) : ({ StorageClass: 'STANDARD_IA' } as const);
  const jobs = await planJobs(candidates, {
    bucket: 'from',
    sets: new Set([setOf({ StorageClass: 'STANDARD_IA' }, undefined), setOf({ StorageClass: 'STANDARD_IA' }, 'v')]),
    // Three lines such as `from,a`.
    mostBytes: 21,
    fieldsOf,
    open: () => openSpool(plainCodec()),
    others: (candidate) => others.push(candidate),
    signal: new AbortController().signal,
  });
  assert.deepEqual(
    jobs.map(({ versioned, objects, bytes }) => [
      versioned,
      [...objects.read()].map(({ planned }) => planned.key),
      bytes,
    ]),
    [
      [false, ['a', 'b', 'c'], 21],
      [false, ['e', 'f'], 14],
      [true, ['d'], 9],
    ],
  );
  assert.deepEqual(
    others.map(({ planned }) => planned.key),
    ['rare'],
  );
});

test('a token depends on the run, the manifest and the headers, and is short enough for S3', () => {
  const token = jobToken('run', ETAG, {});
  assert.equal(token, jobToken('run', ETAG, {}));
  for (const other of [
    jobToken('other', ETAG, {}),
    jobToken('run', OTHER, {}),
    jobToken('run', ETAG, { StorageClass: 'GLACIER_IR' }),
  ])
    assert.notEqual(token, other);
  assert.match(token, /^[0-9a-f]{64}$/);
});

test('a job of a million objects costs its price, a dollar, and its copies', () => {
  assert.equal(jobDollars(1_000_000).toFixed(2), '6.25');
});
