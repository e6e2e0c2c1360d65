import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { S3Server } from 'fake-s3';
import type { PutOptions } from '../../src/index.js';
import { straysLeft } from '../../src/report/strays.js';
import { type Ran, run, serverFor } from '../support/engine.js';
import { whileLocked } from '../support/rights.js';
import { makeTar } from '../support/tar.js';
import { makeTree } from '../support/tree.js';

const SITE = {
  'index.html': '<!doctype html>',
  'assets/app.3f9a1c2b.js': 'let a;',
  'data.json': '{}',
};
const STRAYS = ['docs/old.html', 'docs/assets/old.1a2b3c4d.js'];

/** A server with strays, and other keys beside the prefix. */
async function withStrays(t: Parameters<typeof serverFor>[0], strays: readonly string[] = STRAYS): Promise<S3Server> {
  const server = await serverFor(t);
  for (const key of [...strays, 'docs-old/a.html', 'docs', 'other']) server.seed('site', key, 'before');
  return server;
}

const many = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `docs/stray-${at}`);
const writes = ({ requests }: S3Server): readonly string[] =>
  requests.flatMap(({ verb }) => (/^(?:List|Head|Get)/.test(verb) ? [] : [verb]));
const deletes = (server: S3Server): readonly string[] => writes(server).filter((verb) => verb.startsWith('Delete'));

const deploy = (server: S3Server, options: Partial<PutOptions> & Pick<PutOptions, 'source'>): Promise<Ran> =>
  run(server, { prefix: 'docs', delete: true, order: 'site', ...options });

/** How a guard ends the run: the name of the error, its code or what its message says, and what must be remote before. */
interface Guard {
  readonly name: string;
  readonly options: Partial<PutOptions>;
  readonly strays?: readonly string[];
  readonly error: string;
  readonly says: RegExp;
  readonly files?: Readonly<Record<string, string>>;
  readonly requests?: false;
}

const GUARDS: readonly Guard[] = [
  { name: 'more deletes than a count allows', options: { maxDelete: '1' }, error: 'RefusedError', says: /2 of 2 keys/ },
  { name: 'no delete is allowed', options: { maxDelete: '0' }, error: 'RefusedError', says: /2 of 2 keys/ },
  {
    name: 'more deletes than a share allows',
    options: { maxDelete: '99%' },
    error: 'RefusedError',
    says: /2 of 2 keys.*more than the 1 /,
  },
  {
    name: 'more than 256 deletes, which is more than a quarter',
    options: {},
    strays: many(257),
    error: 'RefusedError',
    says: /257 of 257 keys.*more than the 256 /,
  },
  {
    name: 'more than a quarter, where that is more than 256',
    options: { include: ['x/**', 'stray-?', 'stray-??', 'stray-???'] },
    files: { 'x/a': 'a' },
    strays: [...many(1000), ...Array.from({ length: 2000 }, (_, at) => `docs/kept-${at}`)],
    error: 'RefusedError',
    says: /1,000 of 3,000 keys.*more than the 750 /,
  },
  { name: 'an empty source', options: {}, files: {}, error: 'RefusedError', says: /no files/, requests: false },
  {
    name: 'a source of which nothing is taken',
    options: { minSize: 1_000_000 },
    error: 'RefusedError',
    says: /no files/,
    requests: false,
  },
  { name: 'limit', options: { limit: 5 }, error: 'UsageError', says: /limit/, requests: false },
  {
    name: 'filesFrom',
    options: { filesFrom: ['index.html'] },
    error: 'UsageError',
    says: /filesFrom/,
    requests: false,
  },
  {
    name: 'secrets that an ACL would open',
    options: { acl: 'public-read' },
    files: { ...SITE, '.npmrc': '//registry.npmjs.org/:_authToken=npm_abcdefghijklmnop' },
    error: 'RefusedError',
    says: /\.npmrc/,
    requests: false,
  },
];

describe('a guard refuses a run, with nothing written', () => {
  for (const { name, options, strays, error: wanted, says, files = SITE, requests } of GUARDS)
    for (const order of ['site', 'none'] as const)
      test(`${name} (order ${order})`, async (t) => {
        const server = await withStrays(t, strays);
        const source = makeTree(t, files);
        const before = server.keys('site');
        const attempt = async (): Promise<Ran['error']> => (await deploy(server, { source, ...options, order })).error;
        const error = await attempt().catch((thrown: Error) => thrown);
        assert.equal(error?.name, wanted);
        assert.match(error?.message ?? '', says);
        assert.deepEqual(writes(server), []);
        if (requests === false) assert.equal(server.requests.length, 0);
        assert.deepEqual(server.keys('site'), before);
      });

  test('a prefix that nobody has written', async (t) => {
    const server = await withStrays(t);
    const source = makeTree(t, SITE);
    const attempt = run(server, { source, bucket: 's3://site', delete: true });
    await assert.rejects(attempt, { name: 'UsageError', message: /needs a prefix/ });
    assert.equal(server.requests.length, 0);
  });

  test('a single file as the source', async (t) => {
    const server = await withStrays(t);
    const source = join(makeTree(t, SITE), 'index.html');
    const { error } = await deploy(server, { source });
    assert.equal(error?.name, 'UsageError');
    assert.equal(server.requests.length, 0);
  });

  test('a listing that is denied', async (t) => {
    const server = await withStrays(t);
    server.mode({ deny: ['ListObjectsV2'] }, 'site');
    const { error } = await deploy(server, { source: makeTree(t, SITE) });
    assert.deepEqual([error?.name, error?.code], ['RefusedError', 'ListingIncomplete']);
    assert.deepEqual(writes(server), []);
  });

  for (const fault of [
    { type: 'truncate' },
    { type: 'status', status: 500 },
    { type: 'status', status: 403, code: 'AccessDenied' },
  ] as const)
    test(`a listing whose second page does not come (${Object.values(fault).join(' ')})`, async (t) => {
      const server = await withStrays(t);
      server.mode({ pageSize: 1 }, 'site');
      // By number, each page once: all tries of what follows the first page fail.
      server.fault({ verb: 'ListObjectsV2', occurrences: Array.from({ length: 50 }, (_, at) => at + 2), ...fault });
      const { error } = await deploy(server, { source: makeTree(t, SITE) });
      assert.notEqual(error, undefined);
      assert.deepEqual(writes(server), []);
    });
});

describe('a guard of a source that is read once refuses the deletes, after the writes', () => {
  const items = Object.entries(SITE).map(([key, body]) => ({ key, body }));
  for (const kind of ['items', 'tar.gz'] as const)
    test(kind, async (t) => {
      const server = await withStrays(t);
      const archive = join(makeTree(t, {}), 'site.tar.gz');
      writeFileSync(archive, gzipSync(makeTar(items.map(({ key, body }) => ({ name: key, body })))));
      const { error, report } = await deploy(server, { source: kind === 'items' ? items : archive, maxDelete: '1' });
      assert.deepEqual([error?.name, error?.code], ['RefusedError', 'TooManyDeletes']);
      assert.equal(report.counts.put, 3);
      assert.deepEqual(deletes(server), []);
    });
});

test('pages of a compressed archive that wait are not attempted where something before them has failed', async (t) => {
  const server = await serverFor(t);
  const archive = join(makeTree(t, {}), 'site.tar.gz');
  writeFileSync(archive, gzipSync(makeTar(Object.entries(SITE).map(([name, body]) => ({ name, body })))));
  server.mode({ deny: [{ verb: 'PutObject', key: /data/ }] }, 'site');
  const { report } = await deploy(server, { source: archive });
  assert.deepEqual(report.phases, [
    { phase: 'assets', planned: 1, done: 1, failed: 0, unknown: 0, notAttempted: 0 },
    { phase: 'data', planned: 1, done: 0, failed: 1, unknown: 0, notAttempted: 0 },
    { phase: 'pages', planned: 1, done: 0, failed: 0, unknown: 0, notAttempted: 1 },
  ]);
});

test('a refusal names all secrets', async (t) => {
  const server = await serverFor(t);
  const names = Array.from({ length: 40 }, (_, at) => `${at}.pem`);
  const source = makeTree(t, Object.fromEntries(names.map((name) => [name, '-----BEGIN PRIVATE KEY-----'])));
  const { error } = await deploy(server, { source, acl: 'public-read' });
  for (const name of names) assert.ok(error?.message.includes(`/${name} (`), name);
});

test('strays are said to be unknown where a listing turns out of order after keys were compared', async (t) => {
  const server = await serverFor(t, { buckets: { site: { order: 'utf16', pageSize: 2 } } });
  for (const key of ['a', 'b', 'gone', '\uff5e', '\u{1f600}']) server.seed('site', key, key);
  const source = makeTree(t, { a: 'a', b: 'b' });
  const { report } = await run(server, { source, listStrays: true });
  assert.equal(report.straysComplete, false);
  assert.match(report.warnings.join(), /more keys that the source does not have is unknown/);
});

describe('nothing is deleted', () => {
  for (const key of ['docs/assets/app.3f9a1c2b.js', 'docs/data.json', 'docs/index.html'])
    for (const order of ['site', 'none'] as const)
      test(`after the put of ${key} has failed (order ${order})`, async (t) => {
        const server = await withStrays(t);
        server.fault({
          verb: 'PutObject',
          key,
          type: 'status',
          status: 400,
          code: 'InvalidArgument',
          occurrences: 'all',
        });
        const { error, report, keys } = await deploy(server, { source: makeTree(t, SITE), order });
        assert.equal(error?.name, 'PartialFailureError');
        assert.deepEqual(keys('fail'), [key]);
        assert.equal(report.complete, false);
        assert.deepEqual(deletes(server), []);
        const planned = report.phases?.find(({ phase }) => phase === 'deletes');
        assert.deepEqual(planned, { phase: 'deletes', planned: 2, done: 0, failed: 0, unknown: 0, notAttempted: 2 });
      });

  test('where a file cannot be read', async (t) => {
    const server = await withStrays(t);
    const source = makeTree(t, SITE);
    const put = (): Promise<Ran> => deploy(server, { source, httpClient: 'sockets' });
    const { keys } = await whileLocked([join(source, 'data.json')], put);
    assert.deepEqual(keys('fail'), ['docs/data.json']);
    assert.deepEqual(deletes(server), []);
  });

  test('where a folder cannot be read, and what is below it is no stray', async (t) => {
    const server = await withStrays(t);
    const source = makeTree(t, { ...SITE, 'locked/a.html': 'a' });
    server.seed('site', 'docs/locked/b.html', 'b');
    chmodSync(source, 0o755);
    const put = (): Promise<Ran> => deploy(server, { source, httpClient: 'sockets' });
    const { keys, report } = await whileLocked([join(source, 'locked')], put);
    assert.deepEqual(keys('fail'), ['docs/locked/']);
    assert.equal(report.strays, 2);
    assert.deepEqual(deletes(server), []);
  });

  for (const phase of ['plan', 'assets', 'data', 'pages', 'deletes'] as const)
    test(`after an abort as the phase "${phase}" begins`, async (t) => {
      const server = await withStrays(t);
      const stop = new AbortController();
      const { error } = await deploy(server, {
        source: makeTree(t, SITE),
        signal: stop.signal,
        onEvent: (event) => {
          if (event.type === 'phase' && event.phase === phase) stop.abort();
        },
      });
      assert.equal(error?.name, 'AbortError');
      assert.deepEqual(deletes(server), []);
      for (const key of STRAYS) assert.ok(server.object('site', key) !== undefined);
    });

  test('after the first failure with failFast', async (t) => {
    const server = await withStrays(t);
    server.fault({ verb: 'PutObject', type: 'status', status: 400, code: 'InvalidArgument', occurrences: 1 });
    const { error } = await deploy(server, { source: makeTree(t, SITE), failFast: true });
    assert.notEqual(error, undefined);
    assert.deepEqual(deletes(server), []);
  });

  test('in a dry run, which names what a real run deletes', async (t) => {
    const server = await withStrays(t);
    const source = makeTree(t, SITE);
    const dry = await deploy(server, { source, dryRun: true });
    assert.deepEqual(writes(server), []);
    assert.deepEqual(dry.keys('delete'), [...STRAYS].sort());
    const real = await deploy(server, { source });
    assert.deepEqual(real.keys('delete'), dry.keys('delete'));
  });
});

describe('strays of a site', () => {
  test('go after all writes, pages before the data and assets that they name', async (t) => {
    const server = await withStrays(t, [...STRAYS, 'docs/old.json']);
    const { error, report } = await deploy(server, { source: makeTree(t, SITE) });
    assert.equal(error, undefined);
    assert.deepEqual(writes(server).slice(-3), ['DeleteObjects', 'DeleteObjects', 'DeleteObjects']);
    const sent = server.requests.filter(({ verb }) => verb === 'DeleteObjects');
    assert.equal(sent.length, 3);
    assert.deepEqual(report.phases?.at(-1), {
      phase: 'deletes',
      planned: 3,
      done: 3,
      failed: 0,
      unknown: 0,
      notAttempted: 0,
    });
    assert.deepEqual(server.keys('site'), [
      'docs',
      'docs-old/a.html',
      'docs/assets/app.3f9a1c2b.js',
      'docs/data.json',
      'docs/index.html',
      'other',
    ]);
  });

  test('are counted as unknown where the run ends before their deletes have a response', async (t) => {
    const server = await withStrays(t);
    server.fault({ verb: 'DeleteObjects', occurrences: 'all', type: 'slow-200', ms: 60_000 });
    const stop = new AbortController();
    const onEvent: PutOptions['onEvent'] = (event) => {
      if (event.type === 'phase' && event.phase === 'deletes') setTimeout(() => stop.abort(), 300);
    };
    const { report, outcomes } = await deploy(server, { source: makeTree(t, SITE), signal: stop.signal, onEvent });
    const unknown = outcomes.filter(({ action }) => action === 'unknown').length;
    assert.ok(unknown > 0);
    const deletes = { phase: 'deletes', planned: 2, done: 0, failed: 0, unknown, notAttempted: 2 - unknown };
    assert.deepEqual(report.phases?.at(-1), deletes);
    assert.equal(straysLeft(report), 2 - unknown);
  });

  test('keep their assets where a page could not be deleted', async (t) => {
    const server = await withStrays(t);
    server.mode({ deny: [{ verb: 'DeleteObject', key: /html$/ }] }, 'site');
    const { error, keys, report } = await deploy(server, { source: makeTree(t, SITE) });
    assert.equal(error?.name, 'PartialFailureError');
    assert.deepEqual(keys('fail'), ['docs/old.html']);
    assert.deepEqual(keys('delete'), []);
    assert.deepEqual(report.phases?.at(-1), {
      phase: 'deletes',
      planned: 2,
      done: 0,
      failed: 1,
      unknown: 0,
      notAttempted: 1,
    });
  });
});
