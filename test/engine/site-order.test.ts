import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { run, serverFor } from '../support/engine.js';
import { whileLocked } from '../support/rights.js';
import { makeTree } from '../support/tree.js';

const SITE = {
  'index.html': '<!doctype html>',
  'about/index.html': '<!doctype html>',
  'assets/app.3f9a1c2b.js': 'let a;',
  'logo.png': 'png',
  'data.json': '{}',
  'feed.xml': '<rss/>',
};

describe('the order of a site', () => {
  test('assets are stored before data, and data before pages', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    const { report, error } = await run(server, { source, order: 'site' });
    assert.equal(error, undefined);
    const puts = server.requests.filter(({ verb }) => verb === 'PutObject').map(({ key }) => key);
    assert.deepEqual(puts.slice(0, 2).sort(), ['assets/app.3f9a1c2b.js', 'logo.png']);
    assert.deepEqual(puts.slice(2, 3), ['data.json']);
    assert.deepEqual(puts.slice(3).sort(), ['about/index.html', 'feed.xml', 'index.html']);
    assert.deepEqual(report.phases, [
      { phase: 'assets', planned: 2, done: 2, failed: 0, unknown: 0, notAttempted: 0 },
      { phase: 'data', planned: 1, done: 1, failed: 0, unknown: 0, notAttempted: 0 },
      { phase: 'pages', planned: 3, done: 3, failed: 0, unknown: 0, notAttempted: 0 },
    ]);
    const again = await run(server, { source, order: 'site' });
    assert.equal(again.report.counts.skip, 6);
    assert.deepEqual(again.report.requests, { ListObjectsV2: 1 });
    assert.deepEqual(again.report.phases, []);
  });

  test('a failed asset holds data and pages, and the report counts both', async (t) => {
    const server = await serverFor(t);
    server.fault({
      verb: 'PutObject',
      key: 'logo.png',
      type: 'status',
      status: 403,
      code: 'AccessDenied',
      occurrences: 'all',
    });
    const { report, error, keys } = await run(server, { source: makeTree(t, SITE), order: 'site' });
    assert.equal(error?.name, 'PartialFailureError');
    assert.deepEqual(keys('fail'), ['logo.png']);
    assert.deepEqual(keys('put'), ['assets/app.3f9a1c2b.js']);
    assert.equal(report.complete, false);
    assert.equal(report.notAttempted, 4);
    assert.deepEqual(
      report.phases?.map(({ phase, failed, notAttempted }) => [phase, failed, notAttempted]),
      [
        ['assets', 1, 0],
        ['data', 0, 1],
        ['pages', 0, 3],
      ],
    );
  });

  test('a file that cannot be read fails in its own phase: what comes before is stored', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    const put = () => run(server, { source, order: 'site', httpClient: 'sockets' });
    const { keys, report } = await whileLocked([path.join(source, 'data.json')], put);
    assert.deepEqual(keys('fail'), ['data.json']);
    assert.deepEqual(keys('put'), ['assets/app.3f9a1c2b.js', 'logo.png']);
    assert.deepEqual(report.phases?.at(-1), {
      phase: 'pages',
      planned: 3,
      done: 0,
      failed: 0,
      unknown: 0,
      notAttempted: 3,
    });
  });

  test('a broken link among the pages holds no assets; one among the assets holds the pages', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    symlinkSync('nowhere', path.join(source, 'gone.html'));
    const first = await run(server, { source, order: 'site' });
    assert.deepEqual(first.keys('fail'), ['gone.html']);
    assert.deepEqual(first.keys('put').length, 6);
    symlinkSync('nowhere', path.join(source, 'gone.png'));
    server.createBucket('other');
    const second = await run(server, { source, order: 'site', bucket: 'other' });
    assert.deepEqual(second.keys('put'), ['assets/app.3f9a1c2b.js', 'logo.png']);
    server.createBucket('third');
    const third = await run(server, { source, order: 'site', bucket: 'third', symlinks: 'skip' });
    assert.equal(third.error, undefined);
    assert.equal(third.keys('put').length, 6);
  });

  test('a link out of the source fails the run and holds the deletes, but no phase', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    server.seed('site', 'old.html', 'old');
    symlinkSync(makeTree(t, { 'x.woff2': 'font' }), path.join(source, 'fonts.woff2'));
    const { error, keys } = await run(server, { source, order: 'site', delete: true, prefix: '' });
    assert.equal(error?.name, 'PartialFailureError');
    assert.equal(keys('put').length, 6);
    assert.deepEqual(keys('fail'), ['fonts.woff2']);
    assert.ok(server.keys('site').includes('old.html'));
  });

  test('a rule can move a file to another phase', async (t) => {
    const server = await serverFor(t);
    const rules = [{ match: 'data.json', phase: 'pages' as const }];
    await run(server, { source: makeTree(t, SITE), order: 'site', rules });
    const puts = server.requests.filter(({ verb }) => verb === 'PutObject').map(({ key }) => key);
    assert.ok(puts.slice(2).includes('data.json'));
  });

  test('an iterable is put as it comes, but for its pages, which come last', async (t) => {
    const server = await serverFor(t);
    const settled: string[] = [];
    const items = Object.entries(SITE).map(([key, body]) => ({ key, body, onSettled: () => settled.push(key) }));
    const { report } = await run(server, { source: items, order: 'site' });
    assert.equal(report.counts.put, 6);
    const puts = server.requests.filter(({ verb }) => verb === 'PutObject').map(({ key }) => key);
    assert.deepEqual(puts.slice(3).sort(), ['about/index.html', 'feed.xml', 'index.html']);
    assert.equal(settled.length, 6);
  });

  test('a dry run names what a real run then writes, in the same phases', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, SITE);
    const dry = await run(server, { source, order: 'site', dryRun: true });
    assert.deepEqual(Object.keys(dry.report.requests), ['ListObjectsV2']);
    const real = await run(server, { source, order: 'site' });
    assert.deepEqual(dry.keys('put'), real.keys('put'));
  });
});
