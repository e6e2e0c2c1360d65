import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { S3Mode, S3Server } from 'fake-s3';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

const body = (server: S3Server, key: string) => server.object('site', key)?.body.toString();

const bucket = (mode: Partial<S3Mode>) => ({ buckets: { site: mode } });

test('mode add leaves a key alone that appears between the listing and the put', async (t) => {
  const server = await serverFor(t);
  const { error, outcomes, report } = await run(server, {
    source: makeTree(t, { a: 'ours', b: 'b' }),
    mode: 'add',
    onEvent: (event) => {
      if (event.type === 'request' && event.verb === 'ListObjectsV2') server.seed('site', 'a', 'theirs');
    },
  });
  assert.equal(error, undefined);
  assert.equal(body(server, 'a'), 'theirs');
  assert.deepEqual(
    outcomes.filter(({ key }) => key === 'a').map(({ action, reason, attempts }) => ({ action, reason, attempts })),
    [{ action: 'skip', reason: 'appeared during the run', attempts: 1 }],
  );
  assert.deepEqual([report.counts.put, report.counts.skip], [1, 1]);
  assert.deepEqual([server.count('PutObject'), server.count('HeadObject')], [2, 1]);
  for (const { verb, headers } of server.requests) {
    if (verb === 'PutObject') assert.equal(headers['if-none-match'], '*');
  }
});

test('only mode add makes its puts conditional', async (t) => {
  for (const mode of ['update', 'stupid'] as const) {
    const server = await serverFor(t);
    await run(server, { source: makeTree(t, { a: 'a' }), mode });
    const put = server.requests.find(({ verb }) => verb === 'PutObject');
    assert.equal(put?.headers['if-none-match'], undefined);
  }
});

for (const lost of [{ type: 'reset', stored: true }, { type: 'truncate' }] as const) {
  test(`a 412 after a lost answer (${lost.type}) is settled by a HEAD as our own put`, async (t) => {
    const server = await serverFor(t);
    server.fault({ verb: 'PutObject', occurrences: 1, ...lost });
    const { error, outcomes, report } = await run(server, { source: makeTree(t, { a: 'ours' }), mode: 'add' });
    assert.equal(error, undefined);
    const [outcome] = outcomes;
    assert.deepEqual([outcome?.action, outcome?.reason, outcome?.attempts], ['put', 'new', 2]);
    assert.deepEqual([outcome?.verified, outcome?.etag, outcome?.bytes], ['md5', server.object('site', 'a')?.etag, 4]);
    assert.deepEqual([server.count('PutObject'), server.count('HeadObject'), report.bytes], [2, 1, 4]);
  });
}

for (const theirs of ['theirs', 'them']) {
  test(`a 412 after a lost answer is a skip where another's ${theirs.length} bytes are there`, async (t) => {
    const server = await serverFor(t);
    server.fault({ verb: 'PutObject', occurrences: 1, type: 'reset' });
    const { error, outcomes } = await run(server, {
      source: makeTree(t, { a: 'ours' }),
      mode: 'add',
      onEvent: (event) => {
        if (event.type === 'retry') server.seed('site', 'a', theirs);
      },
    });
    assert.equal(error, undefined);
    assert.deepEqual(
      outcomes.map(({ action, reason }) => [action, reason]),
      [['skip', 'appeared during the run']],
    );
    assert.equal(body(server, 'a'), theirs);
  });
}

for (const mode of [{ kms: true }, { etags: false }]) {
  test(`a 412 after a lost response is settled by the checksum where ${Object.keys(mode)} leaves no ETag to compare`, async (t) => {
    const server = await serverFor(t, bucket(mode));
    server.fault({ verb: 'PutObject', occurrences: 1, type: 'reset', stored: true });
    const { error, outcomes } = await run(server, { source: makeTree(t, { a: 'ours' }), mode: 'add' });
    assert.equal(error, undefined);
    assert.deepEqual(
      outcomes.map(({ action, verified, attempts }) => [action, verified, attempts]),
      [['put', 'crc32', 2]],
    );
  });

  test(`a 412 after a lost response is no skip where ${Object.keys(mode)} keeps a HEAD from showing whose bytes they are`, async (t) => {
    const server = await serverFor(t, bucket({ ...mode, checksums: 'ignored' }));
    server.fault({ verb: 'PutObject', occurrences: 1, type: 'reset', stored: true });
    const { error, report } = await run(server, { source: makeTree(t, { a: 'ours' }), mode: 'add' });
    assert.equal(error?.name, 'PartialFailureError');
    assert.deepEqual(
      report.failures.map(({ key, status }) => [key, status]),
      [['a', 412]],
    );
  });
}

test('a conditional put whose stored bytes went wrong replaces them and is no skip', async (t) => {
  const server = await serverFor(t, bucket({ checksums: 'ignored' }));
  server.fault({ verb: 'PutObject', occurrences: 1, type: 'wrong-etag' });
  server.fault({ verb: 'HeadObject', occurrences: 'all', type: 'wrong-etag' });
  const { error, outcomes } = await run(server, { source: makeTree(t, { a: 'ours' }), mode: 'add' });
  assert.equal(error, undefined);
  assert.deepEqual(
    outcomes.map(({ action, verified }) => [action, verified]),
    [['put', 'md5']],
  );
  assert.deepEqual(
    server.requests.map(({ status }) => status),
    [200, 200, 200],
  );
});

test('a server without conditional writes is put to without them, with one warning and no HEAD after a listing', async (t) => {
  const server = await serverFor(t, bucket({ conditionalWrites: 'refused' }));
  server.seed('site', 'f007', 'theirs');
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`f${String(i).padStart(3, '0')}`, 'x']));
  const { error, report, events } = await run(server, { source: makeTree(t, files), mode: 'add', concurrency: 4 });
  assert.equal(error, undefined);
  assert.deepEqual([report.counts.put, report.counts.skip, server.count('HeadObject')], [199, 1, 0]);
  assert.equal(body(server, 'f007'), 'theirs');
  assert.deepEqual(report.warnings.length, 1);
  assert.ok(events.some((event) => event.type === 'warning' && event.code === 'no-conditional-writes'));
  const conditional = server.requests.filter(({ headers }) => headers['if-none-match'] === '*');
  // Twice the requests in flight may be in progress at the first refusal.
  assert.ok(conditional.length >= 1 && conditional.length <= 8, `${conditional.length} conditional puts`);
});

test('without conditional writes a denied listing asks each key once, by HEAD, before it is put', async (t) => {
  const server = await serverFor(t, bucket({ conditionalWrites: 'refused', deny: ['ListObjectsV2'] }));
  server.seed('site', 'b', 'theirs');
  const { keys } = await run(server, { source: makeTree(t, { a: 'a', b: 'b', c: 'c' }), mode: 'add' });
  // Without ListBucket permission a missing key looks like a denied one, so nothing proves that a put would not overwrite.
  assert.deepEqual([keys('put'), keys('skip'), keys('fail')], [[], ['b'], ['a', 'c']]);
  assert.equal(body(server, 'b'), 'theirs');
  assert.deepEqual(server.keys('site'), ['b']);
  assert.equal(server.count('HeadObject'), 3);
});

test('where neither listing nor conditional writes are to be had, mode add ends with one message and asks no key twice', async (t) => {
  const server = await serverFor(t, bucket({ conditionalWrites: 'refused', deny: ['ListObjectsV2', 'HeadObject'] }));
  server.seed('site', 'f3', 'theirs');
  const files = Object.fromEntries(Array.from({ length: 19 }, (_, i) => [`f${i}`, 'ours']));
  const { error } = await run(server, { source: makeTree(t, files), mode: 'add', concurrency: 2 });
  assert.deepEqual([error?.name, error?.code], ['RunStoppedError', 'AccessDenied']);
  assert.match(`${error?.message} ${error?.hint}`, /no conditional writes.*s3:ListBucket/);
  const heads = server.requests.filter(({ verb }) => verb === 'HeadObject').map(({ key }) => key);
  assert.equal(new Set(heads).size, heads.length);
  assert.deepEqual(server.keys('site'), ['f3']);
});

test('without conditional writes a HEAD precedes a put that only an unordered listing calls absent', async (t) => {
  const server = await serverFor(t, bucket({ conditionalWrites: 'refused', order: 'utf16', pageSize: 1 }));
  for (const key of ['\u{1f600}', '\uff5e']) server.seed('site', key, 'theirs');
  const { error, keys } = await run(server, {
    source: makeTree(t, { '\uff5e': 'ours', '\uff5ea': 'ours', '\u{1f600}': 'ours', '\u{1f601}': 'ours' }),
    mode: 'add',
    concurrency: 1,
  });
  assert.equal(error, undefined);
  assert.deepEqual([keys('put'), keys('skip')], [['\uff5ea', '\u{1f601}'].sort(), ['\u{1f600}', '\uff5e'].sort()]);
  for (const key of keys('put')) {
    const verbs = server.requests.filter((request) => request.key === key).map(({ verb }) => verb);
    assert.equal(verbs.filter((verb) => verb === 'HeadObject').length, 1, `${key}: ${verbs}`);
    assert.ok(verbs.indexOf('HeadObject') < verbs.lastIndexOf('PutObject'), `${key}: ${verbs}`);
  }
});

for (const [what, mode, verified] of [
  ['its ETag', {}, 'md5'],
  ['its checksum, under a KMS key,', { kms: true }, 'crc32'],
  ['its ETag, without checksums,', { checksums: 'ignored' }, 'md5'],
] as const)
  test(`a put that was delivered twice is our own: the 412 to its first try is settled by ${what} in a HEAD`, async (t) => {
    const server = await serverFor(t, bucket(mode));
    server.fault({ verb: 'PutObject', occurrences: 'all', type: 'twice' });
    const { error, outcomes } = await run(server, { source: makeTree(t, { a: 'ours', b: '' }), mode: 'add' });
    assert.equal(error, undefined);
    for (const outcome of outcomes)
      assert.deepEqual(
        [outcome.action, outcome.reason, outcome.attempts, outcome.verified],
        ['put', 'new', 1, verified],
      );
    assert.deepEqual([server.count('PutObject'), server.count('HeadObject')], [2, 2]);
  });

for (const [what, deny, settled] of [
  ['is permitted', [], 'put'],
  ['is not permitted', ['HeadObject'], 'skip'],
] as const)
  test(`a compressed put that was delivered twice is a ${settled} where a HEAD ${what}`, async (t) => {
    const server = await serverFor(t, bucket({ deny }));
    server.fault({ verb: 'PutObject', occurrences: 'all', type: 'twice' });
    const source = makeTree(t, { 'a.html': 'ours '.repeat(1_000) });
    const { error, outcomes } = await run(server, { source, mode: 'add', gzip: true });
    assert.equal(error, undefined);
    assert.deepEqual(
      outcomes.map(({ action }) => action),
      [settled],
    );
  });

test('where a HEAD before the put finds the key, no second HEAD follows', async (t) => {
  const server = await serverFor(t, bucket({ conditionalWrites: 'refused', order: 'utf16', pageSize: 1 }));
  for (const key of ['\u{1f600}', '\uff5e']) server.seed('site', key, 'theirs');
  const { error } = await run(server, {
    source: makeTree(t, { '\uff5ea': 'ours' }),
    mode: 'add',
    onEvent: (event) => {
      if (event.type === 'request' && event.verb === 'ListObjectsV2') server.seed('site', '\uff5ea', 'theirs');
    },
  });
  assert.equal(error, undefined);
  assert.ok(server.count('HeadObject') <= 1);
  assert.equal(body(server, '\uff5ea'), 'theirs');
});
