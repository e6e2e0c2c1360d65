import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultKind, S3Mode } from 'fake-s3';
import type { PutOptions } from '../../src/index.js';
import { IMPATIENT, run, serverFor } from '../support/engine.js';
import { headersOf, runUpdate, seedSite, TEXT, warningsOf } from '../support/headers.js';
import { makeTree } from '../support/tree.js';

const FILES = { 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' };
const KEYS = Object.keys(FILES);

interface Refusal {
  readonly mode?: Partial<S3Mode>;
  readonly fault?: FaultKind;
  /** Copies that are tried before the server is known to refuse them. */
  readonly copies: number;
}

const status = (code: string, of: number): FaultKind => ({ type: 'status', status: of, code });
const REFUSALS: Readonly<Record<string, Refusal>> = {
  'copies that are denied': { mode: { deny: ['CopyObject'] }, copies: 1 },
  'copies that are not implemented': { fault: status('NotImplemented', 501), copies: 1 },
  'copies that are invalid': { fault: status('InvalidRequest', 400), copies: 3 },
  'archived objects': { fault: status('InvalidObjectState', 403), copies: 3 },
  'a bucket that enforces conditions': { mode: { enforcedConditions: true }, copies: 3 },
  'copies that keep the old metadata': { mode: { metadataDirective: 'ignored' }, copies: 1 },
};

for (const [what, { mode = {}, fault, copies }] of Object.entries(REFUSALS))
  test(`${what}: the files are put again, bound to their ETags, with all that the objects have`, async (t) => {
    const server = await serverFor(t, { buckets: { site: { acl: 'allowed', ...mode } } });
    for (const [key, body] of Object.entries(FILES))
      seedSite(server, key, body, { headers: { 'x-amz-meta-a': 'kept' }, tags: { team: 'docs' }, acl: 'public-read' });
    if (fault !== undefined) server.fault({ verb: 'CopyObject', occurrences: 'all', ...fault });
    const etags = new Map(KEYS.map((key) => [key, server.object('site', key)?.etag]));
    const { error, outcomes } = await runUpdate(server, { source: makeTree(t, FILES), cacheControl: 'no-cache' });
    assert.equal(error, undefined);
    for (const { action, reason, bytes, headerChanges, cacheControl } of outcomes)
      assert.deepEqual(
        [action, reason, bytes, headerChanges, cacheControl],
        ['put', 'headers differ', 1, [{ name: 'cache-control', to: 'no-cache' }], 'no-cache'],
      );
    for (const key of KEYS) {
      const object = server.object('site', key);
      assert.deepEqual(object?.headers, { 'content-type': TEXT, 'cache-control': 'no-cache', 'x-amz-meta-a': 'kept' });
      assert.deepEqual(object?.tags, { team: 'docs' });
      assert.match(object?.grants['x-amz-grant-read'] ?? '', /AllUsers/);
    }
    for (const { key = '', headers, verb } of server.requests)
      if (verb === 'PutObject') assert.equal(headers['if-match'], `"${etags.get(key)}"`);
    if (mode.deny === undefined) assert.equal(server.count('CopyObject'), copies);
    const again = await runUpdate(server, { source: makeTree(t, FILES), cacheControl: 'no-cache' });
    assert.deepEqual(again.report.reasons, { 'same content': 3 });
  });

for (const metadataDirective of ['supported', 'ignored'] as const)
  test(`a header that the server does not keep is tried once in a run, and said so (directive ${metadataDirective})`, async (t) => {
    const name = 'x-amz-website-redirect-location';
    const server = await serverFor(t, { buckets: { site: { unkeptHeaders: [name], metadataDirective } } });
    for (const [key, body] of Object.entries(FILES)) seedSite(server, key, body);
    // A copy that ignores the directive takes the redirect of the request, so that only the put loses it.
    const options: Partial<PutOptions> =
      metadataDirective === 'supported'
        ? { websiteRedirect: '/x' }
        : { websiteRedirect: '/x', cacheControl: 'no-cache' };
    const ran = await runUpdate(server, { source: makeTree(t, FILES), ...options });
    assert.equal(ran.error, undefined);
    const warned = warningsOf(ran).filter(({ code }) => code === `header-not-kept-${name}`);
    if (metadataDirective === 'supported') {
      assert.equal(warned.length, 1);
      assert.deepEqual([server.count('CopyObject'), server.count('PutObject')], [1, 1]);
      assert.deepEqual(ran.report.reasons, { 'headers differ': 1, 'same content': 2 });
    }
    for (const key of KEYS) assert.equal(headersOf(server, key)['cache-control'], options.cacheControl);
  });

test('a server that sets headers but removes none gets no further requests to remove one, and others are set', async (t) => {
  const server = await serverFor(t, { buckets: { site: { oldHeaders: 'kept' } } });
  for (const [key, body] of Object.entries(FILES))
    seedSite(server, key, body, { headers: { expires: '0', 'x-amz-meta-a': 'b' } });
  seedSite(server, 'd.txt', 'd');
  const source = makeTree(t, { ...FILES, 'd.txt': 'd' });
  const rules = [{ match: 'd.txt', expires: '-1' }];
  const ran = await runUpdate(server, { source, expires: '', metadata: { a: '' }, rules });
  assert.deepEqual([ran.error, ran.keys('put').length, ran.keys('metadata').length], [undefined, 1, 3]);
  for (const key of KEYS) assert.deepEqual(headersOf(server, key), { 'content-type': TEXT, expires: '0' });
  assert.equal(headersOf(server, 'd.txt').expires, '-1');
  const warned = warningsOf(ran).map(({ message }) => message);
  assert.ok(warned.some((message) => /does not remove the header "expires"/.test(message)));
});

test('a header that copies set is not put because a file with another encoding was put', async (t) => {
  const server = await serverFor(t);
  for (const [key, body] of Object.entries(FILES)) seedSite(server, key, body);
  seedSite(server, 'a.txt', 'a', { headers: { 'content-encoding': 'br' } });
  const source = makeTree(t, FILES);
  const { keys } = await runUpdate(server, { source, cacheControl: 'no-cache', concurrency: 1 });
  assert.deepEqual([keys('put'), keys('metadata')], [['a.txt'], ['b.txt', 'c.txt']]);
});

test('what the object has and no request may read is not lost by another put', async (t) => {
  const server = await serverFor(t, { buckets: { site: { deny: ['CopyObject', 'GetObjectTagging'] } } });
  seedSite(server, 'a.txt', 'a', { tags: { team: 'docs' } });
  const ran = await runUpdate(server, { source: makeTree(t, { 'a.txt': 'a' }), cacheControl: 'no-cache' });
  assert.deepEqual([ran.error, ran.report.reasons], [undefined, { 'headers differ, not repaired': 1 }]);
  assert.ok(ran.report.warnings.some((text) => text.includes('s3:GetObjectTagging')));
  assert.equal(server.count('PutObject'), 0);
});

/** Calls `write` once the run has the response to its nth request of a verb. */
function after(verb: string, write: () => void, nth = 1): NonNullable<PutOptions['onEvent']> {
  let seen = 0;
  return (event) => {
    if (event.type !== 'request' || event.verb !== verb) return;
    seen += 1;
    if (seen === nth) write();
  };
}

interface Meanwhile {
  readonly write: (server: Awaited<ReturnType<typeof serverFor>>) => void;
  readonly reason: string;
  readonly conflicts: number;
  readonly action?: string;
}

const MEANWHILE: Readonly<Record<string, Meanwhile>> = {
  'the same content with other headers': {
    write: (server) =>
      seedSite(server, 'a.txt', 'aa', {
        headers: { 'cache-control': 'max-age=9' },
        etag: '4124bc0a9335c27f086f24ba207a4912-1',
      }),
    reason: 'headers differ',
    conflicts: 1,
    action: 'metadata',
  },
  'the same content with the right headers': {
    write: (server) =>
      seedSite(server, 'a.txt', 'aa', {
        headers: { 'cache-control': 'no-cache' },
        etag: '4124bc0a9335c27f086f24ba207a4912-1',
      }),
    reason: 'same content',
    conflicts: 0,
  },
  'other content': {
    write: (server) => seedSite(server, 'a.txt', 'bb'),
    reason: 'content differs, changed during the run',
    conflicts: 1,
    action: 'put',
  },
};

for (const [what, { write, reason, conflicts, action = 'skip' }] of Object.entries(MEANWHILE))
  for (const verb of ['CopyObject', 'HeadObject'] as const)
    test(`another writer stores ${what} before the ${verb}: it is decided about again`, async (t) => {
      const server = await serverFor(t);
      seedSite(server, 'a.txt', 'aa');
      const source = makeTree(t, { 'a.txt': 'aa' });
      const compare = what === 'other content' ? 'content' : 'size';
      const onEvent = after(verb === 'CopyObject' ? 'GetObjectAcl' : 'ListObjectsV2', () => write(server));
      const { error, outcomes, report } = await runUpdate(server, {
        source,
        cacheControl: 'no-cache',
        compare,
        onEvent,
      });
      const wanted = reason === 'same content' ? 'same size' : reason;
      assert.equal(error, undefined);
      const [outcome] = outcomes;
      assert.deepEqual([outcome?.reason, outcome?.action], [wanted, action]);
      // Before the HEAD nothing was decided about other headers alone.
      assert.equal(report.conflicts, verb === 'HeadObject' && action !== 'put' ? 0 : conflicts);
      assert.equal(server.object('site', 'a.txt')?.body.toString(), 'aa');
      assert.equal(headersOf(server, 'a.txt')['cache-control'], 'no-cache');
    });

test('an object that is deleted before its headers are set is put as new', async (t) => {
  for (const verb of ['GetObjectAcl', 'ListObjectsV2']) {
    const server = await serverFor(t);
    seedSite(server, 'a.txt', 'a');
    const onEvent = after(verb, () => server.createBucket('site'));
    const ran = await runUpdate(server, { source: makeTree(t, { 'a.txt': 'a' }), cacheControl: 'no-cache', onEvent });
    assert.deepEqual([ran.error, ran.reasonOf('a.txt'), ran.keys('put')], [undefined, 'new', ['a.txt']]);
    assert.deepEqual(headersOf(server, 'a.txt'), { 'content-type': TEXT, 'cache-control': 'no-cache' });
  }
});

for (const code of ['AccessDenied', 'InvalidObjectState'])
  test(`a copy that is refused by ${code} inside of a 200 is a put`, async (t) => {
    const server = await serverFor(t);
    seedSite(server, 'a.txt', 'a');
    server.fault({ verb: 'CopyObject', occurrences: 'all', type: 'error-in-200', code });
    const ran = await runUpdate(server, { source: makeTree(t, { 'a.txt': 'a' }), cacheControl: 'no-cache' });
    assert.deepEqual([ran.error, ran.keys('put'), ran.reasonOf('a.txt')], [undefined, ['a.txt'], 'headers differ']);
  });

test('a response to the copy that is lost is no failure', async (t) => {
  const server = await serverFor(t);
  seedSite(server, 'a.txt', 'a');
  server.fault({ verb: 'CopyObject', occurrences: 1, type: 'reset', stored: true });
  const ran = await runUpdate(server, { source: makeTree(t, { 'a.txt': 'a' }), cacheControl: 'no-cache' });
  assert.deepEqual([ran.error, ran.keys('metadata')], [undefined, ['a.txt']]);
  assert.equal(headersOf(server, 'a.txt')['cache-control'], 'no-cache');
});

test('a copy that fails for good is a failed object', async (t) => {
  const server = await serverFor(t);
  seedSite(server, 'a.txt', 'a');
  server.fault({ verb: 'CopyObject', occurrences: 'all', type: 'status', status: 500, code: 'InternalError' });
  const ran = await runUpdate(
    server,
    { source: makeTree(t, { 'a.txt': 'a' }), cacheControl: 'no-cache', maxAttempts: 2 },
    IMPATIENT,
  );
  assert.deepEqual([ran.error?.name, ran.keys('fail')], ['PartialFailureError', ['a.txt']]);
});

test('keys that are not listed are compared by the HEAD that finds them', async (t) => {
  const server = await serverFor(t, { buckets: { site: { deny: ['ListObjectsV2'] } } });
  const source = makeTree(t, { 'a.txt': 'a' });
  await run(server, { source, mode: 'stupid' });
  server.clearRequests();
  const { error, keys } = await runUpdate(server, { source, cacheControl: 'no-cache' });
  assert.deepEqual([error, keys('metadata')], [undefined, ['a.txt']]);
  assert.equal(server.count('HeadObject'), 2);
  server.clearRequests();
  const again = await runUpdate(server, { source, cacheControl: 'no-cache' });
  assert.deepEqual([again.report.reasons, server.count('HeadObject')], [{ 'same content': 1 }, 1]);
});
