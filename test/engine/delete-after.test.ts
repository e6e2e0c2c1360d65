import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { S3Mode, S3Server } from 'fake-s3';
import type { PutOptions } from '../../src/index.js';
import { IMPATIENT, type Ran, run, serverFor } from '../support/engine.js';
import { makeTree, type TreeFiles } from '../support/tree.js';

const OLD = 'assets/app.3f9a1c2b.js';
const NEW = 'assets/app.9b0c4d5e.js';
const DAY = 24 * 3_600_000;
const NOON = Date.parse('2026-11-29T12:00:00Z');

const FIRST: TreeFiles = { 'index.html': 'one', [OLD]: 'let a;', 'old.html': 'old' };
const SECOND: TreeFiles = { 'index.html': 'second', [NEW]: 'let b;' };

/** Deploys a tree, so many days after the first day at noon. */
function deploy(
  t: TestContext,
  server: S3Server,
  files: TreeFiles | PutOptions['source'],
  day = 0,
  options: Partial<PutOptions> = {},
): Promise<Ran> {
  const source = (Array.isArray(files) ? files : makeTree(t, files as TreeFiles)) as PutOptions['source'];
  const settings = { source, prefix: '', delete: true, deleteAfter: '7d', ...options };
  return run(server, settings, { ...IMPATIENT, now: () => NOON + day * DAY });
}

/** A server with the first build. */
async function firstBuild(t: TestContext, mode: Partial<S3Mode> = {}): Promise<S3Server> {
  const server = await serverFor(t, { mode });
  for (const [key, body] of Object.entries(FIRST)) server.seed('site', key, body as string);
  return server;
}

const tagsOf = (server: S3Server, key: string): unknown => server.object('site', key)?.tags;

describe('old hashed files', () => {
  test('stay with a tag for the time given, and go in a run after it; other files go at once', async (t) => {
    const server = await firstBuild(t);
    const before = server.object('site', OLD);
    const first = await deploy(t, server, SECOND);
    assert.equal(first.error, undefined);
    assert.deepEqual(first.keys('delete'), ['old.html']);
    assert.deepEqual(first.keys('skip'), [OLD]);
    assert.equal(first.reasonOf(OLD), 'kept until 2026-12-07');
    assert.deepEqual(tagsOf(server, OLD), { 's3pp-stray': '2026-11-29' });
    const after = server.object('site', OLD);
    assert.deepEqual([after?.etag, after?.lastModified], [before?.etag, before?.lastModified]);
    assert.deepEqual([first.report.strays, first.report.straysComplete], [2, true]);
    assert.deepEqual(first.report.phases, [
      { phase: 'transfer', planned: 2, done: 2, failed: 0, unknown: 0, notAttempted: 0 },
      { phase: 'deletes', planned: 1, done: 1, failed: 0, unknown: 0, notAttempted: 0 },
    ]);
    assert.equal(first.report.requests.PutObjectTagging, 1);

    const second = await deploy(t, server, SECOND, 7);
    assert.equal(second.reasonOf(OLD), 'kept until 2026-12-07');
    assert.equal(second.report.counts.delete, 0);
    // One for the stray, and one for the hashed file that the source has.
    assert.deepEqual(second.report.requests, { ListObjectsV2: 1, GetObjectTagging: 2 });

    const third = await deploy(t, server, SECOND, 7.5);
    assert.deepEqual(third.keys('delete'), [OLD]);
    assert.deepEqual(server.keys('site'), [NEW, 'index.html']);
  });

  test('are kept for hours to the second', async (t) => {
    const server = await firstBuild(t);
    await deploy(t, server, SECOND, 0, { deleteAfter: '12h' });
    assert.deepEqual(tagsOf(server, OLD), { 's3pp-stray': '2026-11-29T12:00:00Z' });
    const early = await deploy(t, server, SECOND, 0.5 - 1 / 86_400, { deleteAfter: '12h' });
    assert.equal(early.reasonOf(OLD), 'kept until 2026-11-30');
    const late = await deploy(t, server, SECOND, 0.5, { deleteAfter: '12h' });
    assert.deepEqual(late.keys('delete'), [OLD]);
  });

  test('keep their other tags, and lose only ours once the source has them again', async (t) => {
    const server = await firstBuild(t);
    server.seed('site', OLD, 'let a;', { tags: { team: 'web', x: '+' } });
    await deploy(t, server, SECOND);
    assert.deepEqual(tagsOf(server, OLD), { team: 'web', x: '+', 's3pp-stray': '2026-11-29' });
    const back = await deploy(t, server, FIRST, 3);
    assert.equal(back.error, undefined);
    assert.deepEqual(tagsOf(server, OLD), { team: 'web', x: '+' });
    assert.equal(back.reasonOf(OLD), 'same content');
    assert.deepEqual(tagsOf(server, NEW), { 's3pp-stray': '2026-12-02' });
    // It is missed anew, so that its time begins anew.
    const gone = await deploy(t, server, SECOND, 20);
    assert.equal(gone.reasonOf(OLD), 'kept until 2026-12-27');
  });

  test('that are put again have no tag, and no request for it', async (t) => {
    const server = await firstBuild(t);
    await deploy(t, server, SECOND);
    const back = await deploy(t, server, { ...FIRST, [OLD]: 'let other;' }, 3);
    assert.equal(back.reasonOf(OLD), 'size differs');
    assert.deepEqual(tagsOf(server, OLD), {});
  });

  test('with ten tags stay, with one warning', async (t) => {
    const server = await firstBuild(t);
    const tags = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`t${i}`, 'v']));
    server.seed('site', OLD, 'let a;', { tags });
    const { error, report, reasonOf } = await deploy(t, server, SECOND);
    assert.equal(error, undefined);
    assert.equal(reasonOf(OLD), 'kept, no room for a tag');
    assert.equal(report.warnings.filter((text) => /carry 10 tags/.test(text)).length, 1);
    assert.equal(server.count('PutObjectTagging'), 0);
    assert.ok(server.keys('site').includes(OLD));
  });

  test('are judged by their path below the prefix', async (t) => {
    const server = await serverFor(t);
    // The prefix looks like a hash; the file does not.
    for (const key of ['v.3f9a1c2b/page.html', `v.3f9a1c2b/${OLD}`]) server.seed('site', key, 'x');
    const { keys } = await deploy(t, server, SECOND, 0, { prefix: 'v.3f9a1c2b/' });
    assert.deepEqual(keys('delete'), ['v.3f9a1c2b/page.html']);
    assert.deepEqual(keys('skip'), [`v.3f9a1c2b/${OLD}`]);
  });

  test('that are protected are not looked at', async (t) => {
    const server = await firstBuild(t);
    const { keys } = await deploy(t, server, SECOND, 0, { protect: 'assets' });
    assert.deepEqual([keys('skip'), keys('delete')], [[], ['old.html']]);
    assert.equal(server.count('GetObjectTagging'), 0);
  });

  test('count against the most deletes only once they are due', async (t) => {
    const server = await firstBuild(t);
    const first = await deploy(t, server, SECOND, 0, { maxDelete: 1 });
    assert.equal(first.error, undefined);
    const later = await deploy(t, server, SECOND, 30, { maxDelete: 0 });
    assert.equal(later.error?.code, 'TooManyDeletes');
    assert.ok(later.error?.message.includes(OLD));
    assert.ok(server.keys('site').includes(OLD));
  });

  test('a dry run reads tags and writes none', async (t) => {
    const server = await firstBuild(t);
    const dry = await deploy(t, server, SECOND, 0, { dryRun: true });
    assert.equal(dry.reasonOf(OLD), 'kept until 2026-12-07');
    assert.deepEqual(dry.keys('delete'), ['old.html']);
    assert.deepEqual(dry.report.requests, { ListObjectsV2: 1, GetObjectTagging: 1 });
    assert.deepEqual(tagsOf(server, OLD), {});
    await deploy(t, server, SECOND);
    const back = await deploy(t, server, FIRST, 3, { dryRun: true });
    assert.equal(back.error, undefined);
    assert.deepEqual(tagsOf(server, OLD), { 's3pp-stray': '2026-11-29' });
  });

  test('nothing is tagged or deleted where an object fails', async (t) => {
    const server = await firstBuild(t);
    server.fault({
      verb: 'PutObject',
      key: NEW,
      type: 'status',
      status: 403,
      code: 'AccessDenied',
      occurrences: 'all',
    });
    const { error } = await deploy(t, server, SECOND);
    assert.ok(error !== undefined);
    assert.deepEqual(tagsOf(server, OLD), {});
    assert.ok(server.keys('site').includes('old.html'));
  });

  test('many are read and tagged, each once', async (t) => {
    const server = await serverFor(t);
    const keys = Array.from({ length: 600 }, (_, i) => `a/x.${(0x3f9a1c2b + i * 7919).toString(16)}.js`);
    for (const key of keys) server.seed('site', key, 'x');
    const { report, error } = await deploy(t, server, SECOND, 0, { maxDelete: 0 });
    assert.equal(error, undefined);
    assert.equal(server.count('GetObjectTagging'), 600);
    assert.equal(server.count('PutObjectTagging'), 600);
    assert.equal(report.reasons['kept until 2026-12-07'], 600);
    assert.equal(report.notAttempted, 0);
  });
});

describe('a source that is read once', () => {
  const items = (files: TreeFiles): PutOptions['source'] =>
    Object.entries(files).map(([key, body]) => ({ key, body: body as string }));

  test('has its hashed files kept and untagged, too', async (t) => {
    const server = await firstBuild(t);
    const first = await deploy(t, server, items(SECOND));
    assert.equal(first.error, undefined);
    assert.deepEqual([first.keys('delete'), first.reasonOf(OLD)], [['old.html'], 'kept until 2026-12-07']);
    await deploy(t, server, items(FIRST), 3);
    assert.deepEqual([tagsOf(server, OLD), tagsOf(server, NEW)], [{}, { 's3pp-stray': '2026-12-02' }]);
    const last = await deploy(t, server, items(FIRST), 30);
    assert.deepEqual(last.keys('delete'), [NEW]);
  });

  test('is refused before the first write where the server has no tags', async (t) => {
    const server = await firstBuild(t, { tags: 'refused', serverHeader: 'x' });
    const { error } = await deploy(t, server, items(SECOND));
    assert.equal(error?.name, 'UsageError');
    assert.equal(server.count('PutObject'), 0);
  });
});

describe('tags that cannot be', () => {
  for (const serverHeader of ['x', undefined])
    test(`a server (${serverHeader}) without tags is a usage error, before anything is written`, async (t) => {
      const server = await firstBuild(t, { tags: 'refused', serverHeader });
      const { error, outcomes } = await deploy(t, server, SECOND);
      assert.equal(error?.name, 'UsageError');
      assert.match(error?.message ?? '', /deleteAfter needs object tags, which the server of "site" does not have/);
      assert.match(error?.hint ?? '', /Leave deleteAfter out/);
      assert.deepEqual(outcomes, []);
      assert.deepEqual([server.count('PutObject'), server.count('DeleteObjects')], [0, 0]);
    });

  test('tags that may not be read end the run with both permissions, before anything is written', async (t) => {
    const server = await firstBuild(t, { deny: ['GetObjectTagging'] });
    const { error } = await deploy(t, server, SECOND);
    assert.match(error?.message ?? '', /GetObjectTagging .*AccessDenied/);
    assert.match(error?.hint ?? '', /s3:GetObjectTagging and s3:PutObjectTagging/);
    assert.deepEqual([server.count('PutObject'), server.count('DeleteObjects')], [0, 0]);
  });

  test('tags that may not be written end the run with both permissions, and nothing is deleted', async (t) => {
    const server = await firstBuild(t, { deny: ['PutObjectTagging'] });
    const { error, keys } = await deploy(t, server, SECOND);
    assert.match(error?.message ?? '', /PutObjectTagging .*AccessDenied/);
    assert.match(error?.hint ?? '', /s3:GetObjectTagging and s3:PutObjectTagging/);
    assert.deepEqual(keys('put'), [NEW, 'index.html']);
    assert.deepEqual(server.keys('site'), [OLD, NEW, 'index.html', 'old.html'].sort());
  });

  test('a tag that fails otherwise fails its key, and nothing is deleted', async (t) => {
    const server = await firstBuild(t);
    server.fault({ verb: 'PutObjectTagging', type: 'status', status: 400, code: 'InvalidTag', occurrences: 'all' });
    const { error, keys, report } = await deploy(t, server, SECOND);
    assert.equal(error?.name, 'PartialFailureError');
    assert.deepEqual(keys('fail'), [OLD]);
    assert.ok(server.keys('site').includes('old.html'));
    assert.deepEqual(report.phases?.at(-1), {
      phase: 'deletes',
      planned: 2,
      done: 0,
      failed: 1,
      unknown: 0,
      notAttempted: 1,
    });
  });

  test('an object that is gone meanwhile is none to tag or delete', async (t) => {
    const server = await firstBuild(t);
    server.fault({ verb: 'GetObjectTagging', type: 'status', status: 404, code: 'NoSuchKey', occurrences: 'all' });
    const { error, keys } = await deploy(t, server, SECOND);
    assert.equal(error, undefined);
    assert.deepEqual(keys('delete'), ['old.html']);
    assert.equal(server.count('PutObjectTagging'), 0);
  });
});
