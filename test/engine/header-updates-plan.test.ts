import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { S3Server } from 'fake-s3';
import type { PutOptions } from '../../src/index.js';
import { serverFor } from '../support/engine.js';
import { headersOf, runUpdate, seedSite, TEXT } from '../support/headers.js';
import { makeTar } from '../support/tar.js';
import { makeTree } from '../support/tree.js';

type Source = PutOptions['source'];

const SITE: Readonly<Record<string, string>> = {
  'a.txt': 'a',
  'b.json': 'b',
  'css/x.png': 'c',
  'index.html': 'd',
  'z/about.html': 'e',
};
const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  json: 'application/json; charset=utf-8',
  html: 'text/html; charset=utf-8',
  txt: TEXT,
};
const typeOf = (key: string): string => TYPES[key.slice(key.lastIndexOf('.') + 1)] ?? '';

function seedAll(server: S3Server, files: Readonly<Record<string, string>>): void {
  for (const [key, body] of Object.entries(files))
    seedSite(server, key, body, { headers: { 'content-type': typeOf(key) } });
}

function archive(t: TestContext, files: Readonly<Record<string, string>>): string {
  const path = join(makeTree(t, {}), 'site.tar.gz');
  writeFileSync(path, gzipSync(makeTar(Object.entries(files).map(([name, body]) => ({ name, body })))));
  return path;
}

const SOURCES: Readonly<Record<string, (t: TestContext, files: Readonly<Record<string, string>>) => Source>> = {
  'a directory': (t, files) => makeTree(t, files),
  items: (_, files) => Object.entries(files).map(([key, body]) => ({ key, body })),
  'streams of items': (_, files) => Object.entries(files).map(([key, body]) => ({ key, body: Readable.from([body]) })),
  'a compressed archive': archive,
};

const WRITES: readonly string[] = ['PutObject', 'CopyObject'];
const writes = (server: S3Server) => server.requests.filter(({ verb }) => WRITES.includes(verb));

for (const [what, sourceOf] of Object.entries(SOURCES)) {
  test(`${what}: more headers to set than allowed refuse the run before one is set, and name them`, async (t) => {
    const server = await serverFor(t);
    seedAll(server, SITE);
    const options = { source: sourceOf(t, SITE), cacheControl: 'no-cache' };
    const refused = await runUpdate(server, { ...options, maxUpdate: 4 });
    assert.deepEqual([refused.error?.name, refused.error?.code], ['RefusedError', 'TooManyUpdates']);
    assert.match(refused.error?.message ?? '', /5 of 5 .*more than the 4.*\n {2}a\.txt\n/s);
    assert.match(String(refused.error?.hint), /maxUpdate.*5/);
    assert.equal(writes(server).length, 0);
    const dry = await runUpdate(server, { ...options, source: sourceOf(t, SITE), maxUpdate: '50%', dryRun: true });
    assert.deepEqual([dry.error?.code, dry.outcomes.length], ['TooManyUpdates', 5]);
    assert.deepEqual(dry.outcomes[0]?.headerChanges, [{ name: 'cache-control', to: 'no-cache' }]);
    const allowed = await runUpdate(server, { ...options, source: sourceOf(t, SITE), maxUpdate: 5 });
    assert.deepEqual([allowed.error, allowed.keys('metadata').length], [undefined, 5]);
    for (const key of Object.keys(SITE))
      assert.deepEqual(headersOf(server, key), { 'content-type': typeOf(key), 'cache-control': 'no-cache' });
    assert.equal(server.count('PutObject'), 0);
  });

  test(`${what}: a dry run writes nothing, and its outcomes are those of the run`, async (t) => {
    const server = await serverFor(t);
    const { 'b.json': _, ...others } = SITE;
    seedAll(server, { ...others, 'a.txt': 'other' });
    const options = { cacheControl: 'no-cache' };
    const shown = async (dryRun: boolean) => {
      const { error, outcomes, report } = await runUpdate(server, { ...options, source: sourceOf(t, SITE), dryRun });
      assert.equal(error, undefined);
      const lines = outcomes.map(({ key, action, reason, bytes, contentType, cacheControl, headerChanges }) =>
        JSON.stringify({ key, action, reason, bytes, contentType, cacheControl, headerChanges }),
      );
      return { lines: lines.sort(), reasons: report.reasons };
    };
    const dry = await shown(true);
    assert.equal(writes(server).length, 0);
    const real = await shown(false);
    // A dry run knows neither the length of a stream nor its type.
    if (!what.startsWith('streams')) assert.deepEqual(dry.lines, real.lines);
    assert.deepEqual(dry.reasons, real.reasons);
  });

  test(`${what}: where copies are refused the bytes are put again`, async (t) => {
    const server = await serverFor(t, { buckets: { site: { deny: ['CopyObject'] } } });
    seedAll(server, SITE);
    const { error, keys } = await runUpdate(server, { source: sourceOf(t, SITE), cacheControl: 'no-cache' });
    assert.deepEqual([error, keys('put')], [undefined, Object.keys(SITE).sort()]);
    for (const [key, body] of Object.entries(SITE)) {
      assert.equal(server.object('site', key)?.body.toString(), body);
      assert.equal(headersOf(server, key)['cache-control'], 'no-cache');
    }
  });

  test(`${what} in the order of a site: headers are set phase by phase, and a failed phase stops the next`, async (t) => {
    const server = await serverFor(t);
    seedAll(server, SITE);
    const source = () => sourceOf(t, SITE);
    const options = { cacheControl: 'no-cache', order: 'site', concurrency: 1 } as const;
    const { error, report } = await runUpdate(server, { ...options, source: source() });
    assert.equal(error, undefined);
    const copied = writes(server).map(({ key }) => key);
    assert.deepEqual([copied[0], copied.slice(-2).sort()], ['css/x.png', ['index.html', 'z/about.html']]);
    assert.deepEqual(
      report.phases?.map(({ phase, planned, done }) => [phase, planned, done]),
      [
        ['assets', 1, 1],
        ['data', 2, 2],
        ['pages', 2, 2],
      ],
    );
    server.clearRequests();
    server.fault({
      verb: 'CopyObject',
      key: 'b.json',
      occurrences: 'all',
      type: 'status',
      status: 500,
      code: 'InternalError',
    });
    const failed = await runUpdate(server, { ...options, cacheControl: 'no-store', source: source(), maxAttempts: 1 });
    assert.deepEqual([failed.error?.name, failed.keys('fail')], ['PartialFailureError', ['b.json']]);
    assert.equal(headersOf(server, 'index.html')['cache-control'], 'no-cache');
    assert.equal(headersOf(server, 'css/x.png')['cache-control'], 'no-store');
  });
}

test('by default the larger of 256 and 25 % of the files may be changed', async (t) => {
  const server = await serverFor(t);
  const files = Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`f${i}.txt`, `${i}`]));
  seedAll(server, files);
  const source = makeTree(t, files);
  const refused = await runUpdate(server, { source, cacheControl: 'no-cache' });
  assert.equal(refused.error?.code, 'TooManyUpdates');
  assert.match(refused.error?.message ?? '', /and 237 more$/);
  seedSite(server, 'f0.txt', '0', { headers: { 'cache-control': 'no-cache' } });
  const { error, keys } = await runUpdate(server, { source, cacheControl: 'no-cache' });
  assert.deepEqual([error, keys('metadata').length], [undefined, 256]);
  // The first copy shows that this server sets it; the others are not looked at again.
  assert.equal(server.requests.filter(({ verb }) => verb === 'HeadObject').length, 257 * 2 + 1);
});

test('what is deleted, and the tags of what stays, do not depend on headers', async (t) => {
  const server = await serverFor(t);
  seedAll(server, { ...SITE, 'gone.txt': 'x' });
  const source = makeTree(t, SITE);
  const options = { source, cacheControl: 'no-cache', delete: true, prefix: '' };
  const refused = await runUpdate(server, { ...options, maxUpdate: 0 });
  assert.deepEqual([refused.error?.code, server.keys('site').includes('gone.txt')], ['TooManyUpdates', true]);
  const dry = await runUpdate(server, { ...options, maxUpdate: 0, dryRun: true });
  assert.deepEqual(
    [dry.error?.code, dry.keys('delete'), dry.keys('metadata').length],
    ['TooManyUpdates', ['gone.txt'], 5],
  );
  const { error, keys } = await runUpdate(server, options);
  assert.deepEqual([error, keys('delete'), keys('metadata').length], [undefined, ['gone.txt'], 5]);
});

test('an object that a former build had lost loses the tag of its age when its headers are set', async (t) => {
  const server = await serverFor(t);
  const key = 'app.3f2b1c9d8e7a.js';
  const headers = { 'content-type': 'text/javascript; charset=utf-8' };
  seedSite(server, key, 'x', { headers, tags: { 's3pp-stray': '2026-01-01', team: 'docs' } });
  const options = {
    source: makeTree(t, { [key]: 'x' }),
    cacheControl: 'no-cache',
    delete: true,
    prefix: '',
    deleteAfter: '7d',
  };
  const { error, keys } = await runUpdate(server, options);
  assert.deepEqual([error, keys('metadata')], [undefined, [key]]);
  assert.deepEqual(server.object('site', key)?.tags, { team: 'docs' });
});

test('versions that copies make are said once, with their number', async (t) => {
  const server = await serverFor(t, { buckets: { site: { versioning: true } } });
  seedAll(server, SITE);
  const { report } = await runUpdate(server, { source: makeTree(t, SITE), cacheControl: 'no-cache' });
  assert.deepEqual(
    report.warnings.map((text) => /^(\d+) objects have new versions/.exec(text)?.[1]),
    ['5'],
  );
});

test('the callback of an item has the outcome of its headers once', async (t) => {
  const server = await serverFor(t);
  seedAll(server, SITE);
  const seen: string[] = [];
  const source = Object.entries(SITE).map(([key, body]) => ({
    key,
    body,
    onSettled: (outcome: { readonly action: string } | undefined) => void seen.push(`${key} ${outcome?.action}`),
  }));
  const { error } = await runUpdate(server, { source: source as Source, cacheControl: 'no-cache' });
  assert.equal(error, undefined);
  assert.deepEqual(
    seen.sort(),
    Object.keys(SITE)
      .map((key) => `${key} metadata`)
      .sort(),
  );
});
