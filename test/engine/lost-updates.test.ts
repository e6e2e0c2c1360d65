import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { S3Mode, S3Server, Verb } from 'fake-s3';
import { sendSigned } from 'fake-s3/raw-request';
import type { PutOptions } from '../../src/index.js';
import { IMPATIENT, type Ran, run, serverFor } from '../support/engine.js';
import { noise, PART, partsSent, SMALL_PARTS } from '../support/parts.js';
import { makeTar } from '../support/tar.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';

const CHANGED = 'content differs, changed during the run';
const LANES = ['wire', 'sdk'] as const;

const bucket = (mode: Partial<S3Mode>) => ({ buckets: { site: { minPartSize: 1024, ...mode } } });
const body = (server: S3Server, key: string) => server.object('site', key)?.body.toString();
const conditions = (server: S3Server, verb: Verb = 'PutObject') =>
  server.requests.filter((request) => request.verb === verb).map(({ headers }) => headers['if-match']);
const warnings = ({ events }: Ran) => events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));

/** Calls `write` once the run has the response to its first request of a verb. */
function after(verb: Verb, write: () => void): NonNullable<PutOptions['onEvent']> {
  let done = false;
  return (event) => {
    if (done || event.type !== 'request' || event.verb !== verb) return;
    done = true;
    write();
  };
}

/** Runs, and returns the events too, which `onEvent` would otherwise keep from the result. */
async function runWith(
  server: S3Server,
  options: Partial<PutOptions> & Pick<PutOptions, 'source'>,
  onEvent: NonNullable<PutOptions['onEvent']>,
  internals = IMPATIENT,
): Promise<Ran> {
  const events: Ran['events'][number][] = [];
  const both: typeof onEvent = (event) => {
    events.push(event);
    onEvent(event);
  };
  return { ...(await run(server, { ...options, onEvent: both }, internals)), events };
}

for (const lane of LANES)
  test(`the ${lane} lane binds a put over an existing key to the listed ETag, at no extra request`, async (t) => {
    const server = await serverFor(t);
    for (const key of ['a', 'b']) server.seed('site', key, 'older');
    const listed = server.object('site', 'a')?.etag;
    const source = makeTree(t, { a: 'ours', b: 'older', c: 'new' });
    const first = await run(server, { source }, { ...IMPATIENT, lane });
    assert.deepEqual([first.error, first.reasonOf('a'), first.report.conflicts], [undefined, 'size differs', 0]);
    assert.deepEqual([server.count('ListObjectsV2'), server.count('PutObject'), server.requests.length], [1, 2, 3]);
    const sent = new Map(server.requests.map(({ key, headers }) => [key, headers['if-match']]));
    assert.deepEqual([sent.get('a'), sent.get('c')], [`"${listed}"`, undefined]);
    server.clearRequests();
    await run(server, { source }, { ...IMPATIENT, lane });
    assert.equal(server.requests.length, server.count('ListObjectsV2'));
  });

const TEXT = 'ours '.repeat(1_000);
const BIG = noise(6 * PART + 5);
const OTHER_BIG = noise(6 * PART + 5, 2);

interface Way {
  readonly source: (t: TestContext) => PutOptions['source'];
  readonly options?: Partial<PutOptions>;
  readonly stored: Buffer;
  /** Bytes that lie there before, and what another writer puts there. */
  readonly before?: Buffer;
  readonly theirs?: Buffer;
  readonly verb?: Verb;
}

const WAYS: Readonly<Record<string, Way>> = {
  'a file': { source: (t) => makeTree(t, { a: 'ours' }), stored: Buffer.from('ours') },
  'a compressed file': {
    source: (t) => makeTree(t, { a: TEXT }),
    options: { gzip: 'all' },
    stored: Buffer.from(TEXT),
  },
  'a member of an archive': {
    source: (t) => join(makeTree(t, { 's.tar': makeTar([{ name: 'a', body: 'ours' }]) }), 's.tar'),
    stored: Buffer.from('ours'),
  },
  'an item': { source: () => [{ key: 'a', body: 'ours' }], stored: Buffer.from('ours') },
  'a short stream': { source: () => [{ key: 'a', body: Readable.from(['ou', 'rs']) }], stored: Buffer.from('ours') },
  'a file in parts': {
    source: (t) => makeTree(t, { a: BIG }),
    stored: BIG,
    theirs: OTHER_BIG,
    verb: 'CompleteMultipartUpload',
  },
  'a long stream': {
    source: () => [{ key: 'a', body: Readable.from([BIG.subarray(0, 500_000), BIG.subarray(500_000)]) }],
    stored: BIG,
    theirs: OTHER_BIG,
    verb: 'CompleteMultipartUpload',
  },
};

function storedBytes(server: S3Server): Buffer | undefined {
  const object = server.object('site', 'a');
  return object?.headers['content-encoding'] === 'gzip' ? gunzipSync(object.body) : object?.body;
}

for (const lane of LANES)
  for (const [what, way] of Object.entries(WAYS)) {
    const { source, options = {}, stored, verb = 'PutObject' } = way;
    const { before = Buffer.from('before'), theirs = Buffer.from('theirs!') } = way;

    test(`${what} over what another writer stored meanwhile is decided about again, and reported (${lane} lane)`, async (t) => {
      const server = await serverFor(t, bucket({}));
      server.seed('site', 'a', before);
      const write = after('ListObjectsV2', () => server.seed('site', 'a', theirs));
      const ran = await runWith(server, { source: source(t), ...options }, write, { ...SMALL_PARTS, lane });
      assert.deepEqual([ran.error, ran.reasonOf('a')], [undefined, CHANGED]);
      assert.ok(storedBytes(server)?.equals(stored));
      assert.equal(ran.outcomes[0]?.replacedBytes, theirs.length);
      assert.deepEqual([ran.report.conflicts, ran.report.reasons], [1, { [CHANGED]: 1 }]);
      assert.deepEqual(warnings(ran), ['conflicts']);
      assert.match(ran.report.warnings[0] ?? '', /another writer.*s3:\/\/site\/a/i);
      // The second write is bound to what a HEAD has shown, and parts are not sent again.
      assert.equal(new Set(conditions(server, verb)).size, 2);
      assert.ok(conditions(server, verb).every((condition) => condition !== undefined));
      if (verb === 'CompleteMultipartUpload') {
        assert.deepEqual(partsSent(server), [1, 2, 3, 4, 5, 6, 7]);
        assert.deepEqual(server.uploads('site'), []);
      }
    });

    test(`${what} over an object that was deleted meanwhile is new (${lane} lane)`, async (t) => {
      const server = await serverFor(t, bucket({}));
      server.seed('site', 'a', before);
      const held = server.fault({ verb, occurrences: 1, type: 'hold' });
      const running = run(server, { source: source(t), ...options }, { ...SMALL_PARTS, lane });
      await until(() => held.hits === 1);
      await remove(server, 'a');
      held.clear();
      const ran = await running;
      assert.deepEqual([ran.error, ran.reasonOf('a'), ran.report.conflicts], [undefined, 'new', 0]);
      assert.equal(ran.outcomes[0]?.replacedBytes, undefined);
      assert.ok(storedBytes(server)?.equals(stored));
      assert.deepEqual(server.uploads('site'), []);
    });

    test(`${what} is left alone where another writer changes the object again and again (${lane} lane)`, async (t) => {
      const server = await serverFor(t, bucket({}));
      server.seed('site', 'a', before);
      let writes = 0;
      const ran = await runWith(
        server,
        { source: source(t), ...options },
        (event) => {
          if (event.type !== 'request' || (event.verb !== 'ListObjectsV2' && event.verb !== 'HeadObject')) return;
          writes += 1;
          server.seed('site', 'a', `theirs, number ${writes}`);
        },
        { ...SMALL_PARTS, lane },
      );
      assert.deepEqual([ran.error?.name, ran.keys('fail')], ['PartialFailureError', ['a']]);
      const [failure] = ran.report.failures;
      assert.deepEqual([failure?.code, failure?.status], ['PreconditionFailed', 412]);
      assert.match(`${failure?.message} ${failure?.hint}`, /changed the object twice.*`concurrency:`/s);
      assert.equal(body(server, 'a'), `theirs, number ${writes}`);
      assert.equal(ran.report.conflicts, 1);
    });
  }

/** Deletes a key as another client would. */
async function remove(server: S3Server, key: string): Promise<void> {
  const { status } = await sendSigned(server, { method: 'DELETE', path: `/site/${key}` });
  assert.equal(status, 204);
}

test('what another writer stored meanwhile is no conflict where it is equal', async (t) => {
  const server = await serverFor(t);
  server.seed('site', 'a', 'before');
  const write = after('ListObjectsV2', () => server.seed('site', 'a', 'ours'));
  const ran = await runWith(server, { source: makeTree(t, { a: 'ours' }) }, write);
  assert.deepEqual([ran.error, ran.report.conflicts, warnings(ran)], [undefined, 0, []]);
  const [outcome] = ran.outcomes;
  assert.deepEqual([outcome?.action, outcome?.reason, outcome?.verified], ['put', 'size differs', 'md5']);
  assert.deepEqual([server.count('PutObject'), server.count('HeadObject')], [1, 1]);
});

test('what another writer compressed otherwise from the same bytes is left as it is', async (t) => {
  const server = await serverFor(t);
  server.seed('site', 'a.html', 'before');
  const headers = {
    'content-encoding': 'gzip',
    'x-amz-meta-s3pp-md5': createHash('md5').update(TEXT).digest('hex'),
  };
  const theirs = gzipSync(TEXT, { level: 1 });
  const write = after('ListObjectsV2', () => server.seed('site', 'a.html', theirs, { headers }));
  const source = makeTree(t, { 'a.html': TEXT });
  const ran = await runWith(server, { source, gzip: true, gzipLevel: 9 }, write);
  assert.deepEqual([ran.error, ran.keys('skip'), ran.report.conflicts], [undefined, ['a.html'], 0]);
  assert.equal(ran.reasonOf('a.html'), 'same content');
  assert.ok(server.object('site', 'a.html')?.body.equals(theirs));
});

test('parts over an equal object that another writer made meanwhile are dropped', async (t) => {
  const server = await serverFor(t, bucket({}));
  server.seed('site', 'a', 'before');
  const held = server.fault({ verb: 'CompleteMultipartUpload', occurrences: 1, type: 'hold' });
  const source = makeTree(t, { a: BIG });
  const first = run(server, { source }, SMALL_PARTS);
  await until(() => held.hits === 1);
  server.seed('site', 'a', BIG);
  held.clear();
  const ran = await first;
  assert.deepEqual([ran.error, ran.reasonOf('a'), ran.report.conflicts], [undefined, 'same content', 0]);
  assert.deepEqual(server.uploads('site'), []);
});

for (const lost of [{ type: 'reset', stored: true }, { type: 'truncate' }, { type: 'twice' }] as const)
  for (const [mode, verified] of [
    [{}, 'md5'],
    [{ kms: true }, 'crc32'],
    [{ checksums: 'ignored' }, 'md5'],
  ] as const)
    test(`the 412 after a put that was stored (${lost.type}) is settled by a HEAD as our own put, with ${JSON.stringify(mode)}`, async (t) => {
      const server = await serverFor(t, bucket(mode));
      server.seed('site', 'a', 'before');
      server.fault({ verb: 'PutObject', occurrences: 1, ...lost });
      const ran = await run(server, { source: makeTree(t, { a: 'ours' }) });
      assert.equal(ran.error, undefined);
      const [outcome] = ran.outcomes;
      assert.deepEqual([outcome?.action, outcome?.reason, outcome?.verified], ['put', 'size differs', verified]);
      assert.deepEqual(
        [outcome?.attempts, outcome?.etag],
        [server.count('PutObject'), server.object('site', 'a')?.etag],
      );
      assert.deepEqual([server.count('HeadObject'), ran.report.conflicts, warnings(ran)], [1, 0, []]);
    });

for (const lost of [{ type: 'reset', stored: true }, { type: 'truncate' }, { type: 'twice' }] as const)
  test(`a completion that was carried out (${lost.type}) is our own put`, async (t) => {
    const server = await serverFor(t, bucket({}));
    server.seed('site', 'a', 'before');
    server.fault({ verb: 'CompleteMultipartUpload', occurrences: 1, ...lost });
    const ran = await run(server, { source: makeTree(t, { a: BIG }) }, SMALL_PARTS);
    assert.deepEqual([ran.error, ran.reasonOf('a'), ran.report.conflicts], [undefined, 'size differs', 0]);
    assert.deepEqual(partsSent(server), [1, 2, 3, 4, 5, 6, 7]);
    assert.ok(server.object('site', 'a')?.body.equals(BIG));
  });

test('a conflict of two requests is retried: a put as it is, a completion with a new upload', async (t) => {
  const server = await serverFor(t, bucket({}));
  for (const key of ['a', 'big']) server.seed('site', key, 'before');
  const conflict = { type: 'status', status: 409, code: 'ConditionalRequestConflict' } as const;
  server.fault({ verb: 'PutObject', occurrences: 1, ...conflict });
  server.fault({ verb: 'CompleteMultipartUpload', occurrences: 1, ...conflict });
  const ran = await run(server, { source: makeTree(t, { a: 'ours', big: BIG }) }, SMALL_PARTS);
  assert.deepEqual([ran.error, ran.report.counts.put, ran.report.conflicts], [undefined, 2, 0]);
  assert.deepEqual([server.count('PutObject'), server.count('CreateMultipartUpload')], [2, 2]);
  assert.ok(
    [...conditions(server), ...conditions(server, 'CompleteMultipartUpload')].every((one) => one !== undefined),
  );
});

test('a put whose stored bytes went wrong is replaced, and is no conflict', async (t) => {
  const server = await serverFor(t, bucket({ checksums: 'ignored' }));
  server.seed('site', 'a', 'before');
  server.fault({ verb: 'PutObject', occurrences: 1, type: 'wrong-etag' });
  const ran = await run(server, { source: makeTree(t, { a: 'ours' }) });
  assert.deepEqual([ran.error, ran.keys('put'), ran.report.conflicts], [undefined, ['a'], 0]);
  assert.deepEqual([body(server, 'a'), warnings(ran)], ['ours', []]);
});

test('another writer is seen by a listing where HEAD is denied', async (t) => {
  const server = await serverFor(t, bucket({ deny: ['HeadObject'] }));
  server.seed('site', 'a', 'before');
  const write = after('ListObjectsV2', () => server.seed('site', 'a', 'theirs'));
  const ran = await runWith(server, { source: makeTree(t, { a: 'ours' }) }, write);
  assert.deepEqual([ran.error, ran.reasonOf('a'), ran.report.conflicts], [undefined, CHANGED, 1]);
  assert.equal(body(server, 'a'), 'ours');
});

for (const [what, size] of [
  ['an object', 4],
  ['parts', BIG.length],
] as const)
  test(`where nothing shows what lies there now, ${what} fails by name and overwrites nothing`, async (t) => {
    const server = await serverFor(t, bucket({ deny: ['HeadObject'] }));
    server.seed('site', 'a', 'before');
    const write = after('ListObjectsV2', () => {
      server.seed('site', 'a', 'theirs');
      server.mode({ deny: ['HeadObject', 'ListObjectsV2'] }, 'site');
    });
    const ran = await runWith(server, { source: makeTree(t, { a: BIG.subarray(0, size) }) }, write, SMALL_PARTS);
    assert.deepEqual([ran.error?.name, ran.keys('fail')], ['PartialFailureError', ['a']]);
    assert.match(ran.report.failures[0]?.hint ?? '', /s3:GetObject.*conditionalWrites: false/);
    assert.equal(body(server, 'a'), 'theirs');
  });

for (const [what, mode, options] of [
  ['conditionalWrites: false', {}, { conditionalWrites: false }],
  ['a server that is not known to honour the condition', { serverHeader: 'Unknown' }, {}],
  ['a listing without ETags', { etags: false }, {}],
  ['mode stupid', {}, { mode: 'stupid' }],
] as const)
  test(`${what} leaves a put unbound`, async (t) => {
    const server = await serverFor(t, { ...bucket(mode), mode });
    for (const key of ['a', 'big']) server.seed('site', key, 'before');
    const write = after('ListObjectsV2', () => server.seed('site', 'a', 'theirs'));
    const ran = await runWith(server, { source: makeTree(t, { a: 'ours', big: BIG }), ...options }, write, SMALL_PARTS);
    assert.deepEqual([ran.error, ran.report.counts.put, ran.report.conflicts], [undefined, 2, 0]);
    assert.deepEqual([...conditions(server), ...conditions(server, 'CompleteMultipartUpload')], [undefined, undefined]);
    assert.equal(body(server, 'a'), 'ours');
  });
