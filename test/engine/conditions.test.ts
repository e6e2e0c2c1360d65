import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Mode, S3Server } from 'fake-s3';
import { IMPATIENT, type Ran, run, serverFor } from '../support/engine.js';
import { noise, PART, partsSent, SMALL_PARTS } from '../support/parts.js';
import { makeTree } from '../support/tree.js';

// Servers that take conditions on existing objects otherwise than S3 does.

const FILES = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${String(i).padStart(2, '0')}`, `ours ${i}`]));
const BIG = noise(6 * PART + 5);

const bucket = (mode: Partial<S3Mode>) => ({ buckets: { site: { minPartSize: 1024, ...mode } } });
const warnings = ({ events }: Ran) => events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));
const bound = (server: S3Server) =>
  server.requests.filter(({ verb, headers }) => verb !== 'HeadObject' && headers['if-match'] !== undefined);

const MODES: readonly (readonly [mode: Partial<S3Mode>, warned: readonly string[], says: RegExp | undefined])[] = [
  [{ conditions: 'ignored' }, [], undefined],
  [{ conditions: 'refused' }, [], undefined],
  [{ conditions: 'refused-400' }, [], undefined],
  [{ conditionalWrites: 'refused' }, [], undefined],
  [{ conditions: 'denied' }, ['conditions-denied'], /denied.*s3:GetObject.*"site"/],
  [{ conditions: 'never-met' }, ['conditions-broken'], /conditional writes do not work/],
  // Then a listing shows that the object is unchanged.
  [{ conditions: 'never-met', deny: ['HeadObject'] }, ['conditions-broken'], /conditional writes do not work/],
];

for (const lane of ['wire', 'sdk'] as const)
  for (const [mode, warned, says] of MODES) {
    const name = Object.entries(mode).join(' ');

    test(`with ${name} every put is made, and all but the first without a condition (${lane} lane)`, async (t) => {
      const server = await serverFor(t, bucket(mode));
      for (const key of Object.keys(FILES)) server.seed('site', key, 'before it was changed');
      const source = makeTree(t, FILES);
      const ran = await run(server, { source, concurrency: 2 }, { ...IMPATIENT, lane });
      assert.deepEqual([ran.error, ran.report.counts.put, ran.report.conflicts], [undefined, 60, 0]);
      assert.deepEqual(ran.report.reasons, { 'size differs': 60 });
      for (const [key, body] of Object.entries(FILES)) assert.equal(server.object('site', key)?.body.toString(), body);
      assert.deepEqual(warnings(ran), warned);
      if (says !== undefined) assert.match(ran.report.warnings[0] ?? '', says);
      const first = bound(server).length;
      if (mode.conditions === 'ignored') assert.equal(first, 60);
      // Twice the requests in flight may be in progress at the first refusal.
      else assert.ok(first >= 1 && first <= 4, `${first} bound puts`);
      if (mode.conditions !== 'never-met') assert.equal(server.count('HeadObject'), 0);
    });

    test(`with ${name} an object in parts is completed, and no part is sent twice (${lane} lane)`, async (t) => {
      const server = await serverFor(t, bucket(mode));
      server.seed('site', 'big', 'before it was changed');
      const ran = await run(server, { source: makeTree(t, { big: BIG }) }, { ...SMALL_PARTS, lane });
      assert.deepEqual([ran.error, ran.reasonOf('big'), warnings(ran)], [undefined, 'size differs', warned]);
      assert.ok(server.object('site', 'big')?.body.equals(BIG));
      assert.deepEqual(partsSent(server), [1, 2, 3, 4, 5, 6, 7]);
      assert.deepEqual([server.count('CreateMultipartUpload'), server.uploads('site')], [1, []]);
    });
  }

test('all first puts at once meet a refusal of the condition, and one warning says so', async (t) => {
  const server = await serverFor(t, bucket({ conditions: 'denied' }));
  for (const key of Object.keys(FILES)) server.seed('site', key, 'before it was changed');
  const ran = await run(server, { source: makeTree(t, FILES), concurrency: 64 });
  assert.deepEqual([ran.error, ran.report.counts.put, warnings(ran)], [undefined, 60, ['conditions-denied']]);
});

for (const code of ['AccessDenied', 'NotImplemented'] as const)
  test(`where a put is refused without the condition too (${code}), its error counts, and the others stay bound`, async (t) => {
    const server = await serverFor(t);
    for (const key of ['a', 'b', 'c']) server.seed('site', key, 'before');
    const status = code === 'AccessDenied' ? 403 : 501;
    const fault = server.fault({ verb: 'PutObject', key: 'a', occurrences: 'all', type: 'status', status, code });
    const source = makeTree(t, { a: 'ours', b: 'ours', c: 'ours' });
    const ran = await run(server, { source, concurrency: 1 });
    assert.deepEqual([ran.keys('fail'), ran.keys('put')], [['a'], ['b', 'c']]);
    assert.equal(ran.report.failures[0]?.code, code);
    // After a 501 it is also sent without a CRC32.
    assert.equal(fault.hits, code === 'AccessDenied' ? 2 : 3);
    assert.ok(!warnings(ran).some((warned) => warned.startsWith('conditions')));
    assert.deepEqual(
      bound(server).map(({ key }) => key),
      ['a', 'b', 'c'],
    );
  });

test('where all writes are denied, the run ends with the refusal of a put and no warning of conditions', async (t) => {
  const server = await serverFor(t, bucket({ deny: ['PutObject'] }));
  for (const key of Object.keys(FILES)) server.seed('site', key, 'before it was changed');
  const ran = await run(server, { source: makeTree(t, FILES), concurrency: 2 });
  assert.deepEqual([ran.error?.name, ran.error?.code, warnings(ran)], ['RunStoppedError', 'AccessDenied', []]);
  assert.match(ran.error?.hint ?? '', /s3:PutObject/);
});

test('mode add stays guarded without conditionalWrites, and where its condition is refused with 400', async (t) => {
  for (const [mode, options] of [
    [{}, { conditionalWrites: false }],
    [{ conditions: 'refused-400' }, {}],
  ] as const) {
    const server = await serverFor(t, bucket(mode));
    await run(server, { source: makeTree(t, { a: 'ours' }), mode: 'add', ...options });
    const put = server.requests.find(({ verb }) => verb === 'PutObject');
    assert.deepEqual([put?.headers['if-none-match'], put?.headers['if-match']], ['*', undefined]);
  }
});

test('an ETag that cannot stand in a header binds nothing', async (t) => {
  const server = await serverFor(t);
  server.seed('site', 'a', 'before', { etag: 'über "quoted"' });
  const ran = await run(server, { source: makeTree(t, { a: 'ours' }) });
  assert.deepEqual([ran.error, bound(server)], [undefined, []]);
});

test('ETags of KMS objects and of objects in parts bind a put as they are', async (t) => {
  const server = await serverFor(t, bucket({ kms: true }));
  server.seed('site', 'a', 'before');
  server.seed('site', 'parts', 'before', { partSizes: [3, 3] });
  const ran = await run(server, { source: makeTree(t, { a: 'ours', parts: 'ours' }) });
  assert.deepEqual([ran.error, bound(server).length, ran.report.conflicts], [undefined, 2, 0]);
  assert.ok(bound(server).some(({ headers }) => headers['if-match']?.endsWith('-2"')));
});
