import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { S3Server, Verb } from 'fake-s3';
import type { CopyOptions, Outcome, PutOptions } from '../../src/index.js';
import { copyServer, KIB, runInOrder, seed, twoServers } from '../support/copies.js';
import { IMPATIENT, type Ran, run, serverFor } from '../support/engine.js';
import { noise, PART, runInParts, SMALL_PARTS } from '../support/parts.js';
import { makeTar } from '../support/tar.js';
import { makeTree } from '../support/tree.js';

// What outcomes say of an object's headers is what the server received, and in a dry run what it would receive.

type Shown = Pick<Outcome, 'contentType' | 'cacheControl' | 'contentEncoding'>;

const WRITES: readonly Verb[] = ['PutObject', 'CreateMultipartUpload', 'CopyObject'];
const LANES = ['wire', 'sdk'] as const;
const SMALL = { buckets: { site: { minPartSize: KIB } } };

/** The three headers, without those that are absent. */
function shown(type: string | undefined, control: string | undefined, encoding: string | undefined): Shown {
  return {
    ...(type !== undefined && { contentType: type }),
    ...(control !== undefined && { cacheControl: control }),
    ...(encoding !== undefined && { contentEncoding: encoding }),
  };
}

/** What outcomes show, by key. */
function shownBy({ outcomes }: Ran): Record<string, Shown> {
  return Object.fromEntries(
    outcomes.map(({ key, contentType, cacheControl, contentEncoding }) => [
      key,
      shown(contentType, cacheControl, contentEncoding),
    ]),
  );
}

/** What the requests that made objects had, by key. */
function received(server: S3Server): Record<string, Shown> {
  return Object.fromEntries(
    server.requests
      .filter(({ verb }) => WRITES.includes(verb))
      .map(({ key, headers }) => [
        key,
        shown(headers['content-type'], headers['cache-control'], headers['content-encoding']),
      ]),
  );
}

const CSS = 'p { color: red }\n'.repeat(200);
const LATIN_1 = Buffer.from('<p>caf\xe9</p>', 'latin1');
const FILES = {
  'a.css': CSS,
  'app.0123abcd.js': CSS,
  LICENSE: 'text without an extension',
  'latin.html': LATIN_1,
  'picture.png': noise(100),
  'encoded.svgz': gzipSync('<svg/>'),
  'big.txt': 'line\n'.repeat((6 * PART) / 5),
  'bigger.bin': noise(6 * PART),
};
const OPTIONS: Partial<PutOptions> = {
  gzip: true,
  cacheControl: 'no-cache',
  headers: ({ key }) => (key === 'picture.png' ? { 'content-encoding': 'identity' } : undefined),
  rules: [{ match: '*.js', cacheControl: 'max-age=31536000, immutable', gzip: false }],
};
const EXPECTED: Readonly<Record<string, Shown>> = {
  'a.css': shown('text/css; charset=utf-8', 'no-cache', 'gzip'),
  'app.0123abcd.js': shown('text/javascript; charset=utf-8', 'max-age=31536000, immutable', undefined),
  LICENSE: shown('text/plain; charset=utf-8', 'no-cache', undefined),
  'latin.html': shown('text/html', 'no-cache', undefined),
  'picture.png': shown('image/png', 'no-cache', 'identity'),
  'encoded.svgz': shown('image/svg+xml', 'no-cache', 'gzip'),
  'big.txt': shown('text/plain; charset=utf-8', 'no-cache', 'gzip'),
  'bigger.bin': shown('application/octet-stream', 'no-cache', undefined),
};

for (const lane of LANES) {
  test(`a put shows the headers of its requests, after rules, functions, compression and the first bytes (${lane})`, async (t) => {
    const server = await serverFor(t, SMALL);
    const ran = await run(server, { ...OPTIONS, source: makeTree(t, FILES) }, { ...SMALL_PARTS, lane });
    assert.equal(ran.error, undefined);
    assert.deepEqual(shownBy(ran), { ...EXPECTED });
    assert.deepEqual(shownBy(ran), received(server));
    assert.ok(server.count('CreateMultipartUpload') > 0);
  });

  test(`items, streams and members of archives show their headers (${lane})`, async (t) => {
    const server = await serverFor(t, SMALL);
    const folder = makeTree(t, { 'site.tgz': gzipSync(makeTar([{ name: 'page.html', body: '<p>page</p>' }])) });
    const source: PutOptions['source'] = [
      `${folder}/site.tgz`,
      [
        { key: 'own', body: 'text', contentType: 'text/x-own', cacheControl: 'no-store' },
        { key: 'name', body: 'text', headers: { 'Content-Encoding': 'br' }, typeName: 'a.css' },
        { key: 'stream.txt', body: Readable.from([LATIN_1]) },
        { key: 'long.html', body: Readable.from([Buffer.alloc(6 * PART, LATIN_1)]) },
        { key: 'long.css', body: Readable.from([Buffer.alloc(6 * PART, CSS)]), gzip: true },
      ],
    ];
    const ran = await run(server, { source }, { ...SMALL_PARTS, lane });
    assert.equal(ran.error, undefined);
    assert.deepEqual(shownBy(ran), {
      'page.html': shown('text/html; charset=utf-8', undefined, undefined),
      own: shown('text/x-own', 'no-store', undefined),
      name: shown('text/css; charset=utf-8', undefined, 'br'),
      'stream.txt': shown('text/plain', undefined, undefined),
      'long.html': shown('text/html', undefined, undefined),
      'long.css': shown('text/css; charset=utf-8', undefined, 'gzip'),
    });
    assert.deepEqual(shownBy(ran), received(server));
  });
}

for (const mode of ['add', 'update', 'stupid'] as const) {
  test(`a dry run in mode ${mode} shows what would be sent`, async (t) => {
    const server = await serverFor(t);
    const ran = await runInParts(server, { ...OPTIONS, source: makeTree(t, FILES), mode, dryRun: true });
    assert.equal(ran.error, undefined);
    assert.deepEqual(shownBy(ran), { ...EXPECTED });
    assert.deepEqual(ran.report?.warnings.length, 1);
    if (mode === 'stupid') assert.deepEqual(server.requests, []);
  });
}

test('a dry run shows of streams the type that their names give', async (t) => {
  const server = await serverFor(t);
  const body = Readable.from([LATIN_1]);
  const ran = await run(server, { source: [{ key: 'latin.html', body }], dryRun: true });
  assert.deepEqual(shownBy(ran), { 'latin.html': shown('text/html; charset=utf-8', undefined, undefined) });
});

test('a resumed upload shows the headers that the earlier run has sent', async (t) => {
  const server = await serverFor(t, SMALL);
  const options = { source: makeTree(t, { 'big.bin': noise(10 * PART) }), cacheControl: 'no-cache', concurrency: 2 };
  const denied = { type: 'status', status: 403, code: 'AccessDenied' } as const;
  const fault = server.fault({ verb: 'UploadPart', occurrences: [6, 7, 8, 9, 10, 11], ...denied });
  assert.deepEqual((await runInParts(server, options)).keys('fail'), ['big.bin']);
  fault.clear();
  const sent = received(server);
  server.clearRequests();
  const ran = await runInParts(server, options);
  assert.ok((ran.outcomes[0]?.takenOver ?? 0) > 0);
  assert.deepEqual([received(server), shownBy(ran)], [{}, sent]);
});

test('skips and failures show no headers; all outcomes show when they began', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { 'a.txt': 'a', 'b.txt': 'b', 'bad\\name/': '', 'c.txt': 'c' });
  server.seed('site', 'a.txt', 'a');
  server.fault({ verb: 'PutObject', key: 'b.txt', occurrences: 'all', type: 'status', status: 400, code: 'Bad' });
  const before = Date.now();
  const { outcomes, report } = await run(server, { source, cacheControl: 'no-cache' });
  const after = Date.now();
  const fields = Object.fromEntries(outcomes.map((outcome) => [outcome.key, Object.keys(outcome).join()]));
  const rest = 'action,reason,origin,key,bytes,sourceBytes,';
  assert.deepEqual(fields, {
    'a.txt': `${rest}etag,verified,attempts,startedAt,durationMs`,
    'b.txt': `${rest}verified,attempts,startedAt,durationMs,error`,
    'c.txt': `${rest}etag,verified,attempts,startedAt,durationMs,contentType,cacheControl`,
  });
  for (const { startedAt } of [...outcomes, report]) {
    assert.ok(startedAt instanceof Date);
    assert.ok(startedAt.getTime() >= before && startedAt.getTime() <= after);
  }
});

test('a key that appears during the run is skipped without headers', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, { 'a.txt': 'a' });
  server.seed('site', 'a.txt', 'other');
  server.fault({ verb: 'ListObjectsV2', occurrences: 'all', type: 'status', status: 403, code: 'AccessDenied' });
  server.fault({ verb: 'HeadObject', occurrences: [1], type: 'status', status: 404, code: 'NoSuchKey' });
  const ran = await run(server, { source, mode: 'add' });
  assert.deepEqual([ran.reasonOf('a.txt'), shownBy(ran)], ['appeared during the run', { 'a.txt': {} }]);
});

/** The replaced bytes by key, for those that have any. */
function replaced({ outcomes }: Ran): Record<string, number> {
  return Object.fromEntries(
    outcomes.flatMap(({ key, replacedBytes }) => (replacedBytes === undefined ? [] : [[key, replacedBytes]])),
  );
}

const OLD = { different: 'other bytes', longer: 'longer bytes', same: 'same' };
const LOCAL = { different: 'these bytes', longer: 'bytes', same: 'same', new: 'new' };

for (const [name, options, denied, expected] of [
  ['by the listing', {}, [], { different: 11, longer: 12 }],
  ['by the listing in a dry run', { dryRun: true }, [], { different: 11, longer: 12 }],
  ['by HEADs', {}, ['ListObjectsV2'], { different: 11, longer: 12 }],
  ['by the listing, for bodies that are compressed', { gzip: 'all' }, [], { different: 11, longer: 12 }],
  ['not where neither is permitted', {}, ['ListObjectsV2', 'HeadObject'], {}],
  ['not in mode add, which replaces nothing', { mode: 'add' }, [], {}],
  ['not in mode stupid, which looks at no object', { mode: 'stupid' }, [], {}],
] as const) {
  test(`the size of a replaced object is known ${name}`, async (t) => {
    const server = await serverFor(t);
    for (const [key, body] of Object.entries(OLD)) server.seed('site', key, body);
    for (const verb of denied)
      server.fault({ verb, occurrences: 'all', type: 'status', status: 403, code: 'AccessDenied' });
    const ran = await run(server, { source: makeTree(t, LOCAL), ...options });
    assert.equal(ran.error, undefined);
    assert.deepEqual(replaced(ran), expected);
  });
}

test('nothing is replaced where a HEAD shows that the listed object was deleted', async (t) => {
  const server = await serverFor(t);
  const text = randomBytes(700_000).toString('hex');
  server.seed('site', 'a.txt', text.toUpperCase());
  server.fault({ verb: 'HeadObject', occurrences: 'all', type: 'status', status: 404, code: 'NoSuchKey' });
  const ran = await run(server, { source: makeTree(t, { 'a.txt': text }), gzip: true });
  assert.deepEqual([ran.reasonOf('a.txt'), replaced(ran)], ['new', {}]);
});

test('what fails replaces nothing, as far as is known', async (t) => {
  const server = await serverFor(t);
  server.seed('site', 'a', 'old');
  server.fault({ verb: 'PutObject', occurrences: 'all', type: 'status', status: 400, code: 'Bad' });
  const ran = await run(server, { source: makeTree(t, { a: 'new bytes' }) });
  assert.deepEqual([ran.keys('fail'), replaced(ran)], [['a'], {}]);
});

const HEADERS = { 'content-type': 'text/x-own', 'cache-control': 'no-store', 'content-encoding': 'br' };

for (const way of ['in one request', 'in parts', 'relayed', 'relayed in parts'] as const) {
  for (const lane of LANES) {
    test(`a copy ${way} shows the headers that are sent, not those that S3 carries over (${lane})`, async (t) => {
      const relayed = way.startsWith('relayed');
      const pair = relayed ? await twoServers(t) : undefined;
      const dest = pair?.dest ?? (await copyServer(t));
      const partSizes = way.endsWith('parts') ? { partSizes: [2 * KIB, KIB] } : {};
      seed(pair?.source ?? dest, 'a.html', noise(3 * KIB), { headers: HEADERS, ...partSizes });
      const copied = async (options: Partial<CopyOptions>, folder: string): Promise<Shown> => {
        dest.clearRequests();
        const destination = `s3://site/${folder}`;
        const internals = { ...SMALL_PARTS, lane };
        const ran = await runInOrder(dest, { ...pair?.options, ...options, destination }, internals);
        assert.equal(ran.error, undefined);
        assert.deepEqual(shownBy(ran), received(dest));
        return shownBy(ran)[`${folder}/a.html`] ?? {};
      };
      const carried = way === 'in one request';
      assert.deepEqual(await copied({}, 'kept'), carried ? {} : shown('text/x-own', 'no-store', 'br'));
      assert.deepEqual(
        await copied({ cacheControl: 'no-cache', contentType: 'guess' }, 'replaced'),
        shown('text/html; charset=utf-8', 'no-cache', 'br'),
      );
    });
  }

  test(`a dry run of a copy ${way} shows what the options give`, async (t) => {
    const pair = way.startsWith('relayed') ? await twoServers(t) : undefined;
    const dest = pair?.dest ?? (await copyServer(t));
    const partSizes = way.endsWith('parts') ? { partSizes: [2 * KIB, KIB] } : {};
    seed(pair?.source ?? dest, 'a.html', noise(3 * KIB), { headers: HEADERS, ...partSizes });
    dest.seed('site', 'a.html', 'old');
    const dry = (options: Partial<CopyOptions>) => runInOrder(dest, { ...pair?.options, ...options, dryRun: true });
    assert.deepEqual(shownBy(await dry({})), { 'a.html': {} });
    const ran = await dry({ cacheControl: 'no-cache', contentType: 'guess' });
    assert.deepEqual(shownBy(ran), { 'a.html': shown('text/html; charset=utf-8', 'no-cache', undefined) });
    assert.deepEqual(replaced(ran), { 'a.html': 3 });
  });
}

test('a copy knows the size of the object that it replaces', async (t) => {
  const server = await copyServer(t);
  for (const key of ['a', 'b', 'c']) seed(server, key, `new ${key}`);
  server.seed('site', 'a', 'old');
  server.seed('site', 'b', 'new b');
  const ran = await runInOrder(server, {}, IMPATIENT);
  assert.deepEqual([ran.keys('copy'), replaced(ran)], [['a', 'c'], { a: 3 }]);
});

test('a caller that takes the outcomes of items gets the same facts', async (t) => {
  const server = await serverFor(t);
  server.seed('site', 'a.css', 'old');
  const seen: unknown[] = [];
  const onSettled = (outcome?: Outcome): void => {
    seen.push([outcome?.contentType, outcome?.cacheControl, outcome?.contentEncoding, outcome?.replacedBytes]);
  };
  await run(server, { source: [{ key: 'a.css', body: CSS, cacheControl: 'no-cache', gzip: true, onSettled }] });
  assert.deepEqual(seen, [['text/css; charset=utf-8', 'no-cache', 'gzip', 3]]);
});
