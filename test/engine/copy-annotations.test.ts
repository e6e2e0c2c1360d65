import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { S3Server, StoredObject } from 'fake-s3';
import type { CopyOptions } from '../../src/index.js';
import { prepareCopy } from '../../src/prepare-copy.js';
import { copyServer, KIB, requestsOf, seed, twoServers } from '../support/copies.js';
import { IMPATIENT, type Ran, runCopy } from '../support/engine.js';
import { noise } from '../support/parts.js';

const ANNOTATIONS = { 'ml.sentiment': 'gut ü', b: '{"a": 1}', 'name with +/&=ß': 'x' };
const BODY = noise(10 * KIB);
const PARTS = { partSizes: [4 * KIB, 4 * KIB, 2 * KIB] };

const WAYS = ['in one request', 'in parts', 'relayed', 'relayed in parts'] as const;
type Way = (typeof WAYS)[number];

interface Ready {
  readonly source: S3Server;
  readonly dest: S3Server;
  readonly copy: (options?: Partial<CopyOptions>) => Promise<Ran>;
}

async function ready(t: TestContext, way: Way, lane: 'wire' | 'sdk' = 'wire'): Promise<Ready> {
  const { source, dest, options } = await twoServers(t);
  const relayed = way.startsWith('relayed');
  const to = relayed ? dest : source;
  seed(source, 'a', BODY, { annotations: ANNOTATIONS, ...(way.endsWith('parts') ? PARTS : {}) });
  const copy = (more: Partial<CopyOptions> = {}) =>
    runCopy(to, { ...(relayed ? options : {}), ...more }, { ...IMPATIENT, lane });
  return { source, dest: to, copy };
}

function annotationsOf(object: StoredObject | undefined): Record<string, string> {
  return Object.fromEntries([...(object?.annotations ?? [])].map(([name, text]) => [name, text.toString()]));
}

for (const way of WAYS) {
  for (const lane of ['wire', 'sdk'] as const)
    test(`annotations are kept (${way}, ${lane})`, async (t) => {
      const { source, dest, copy } = await ready(t, way, lane);
      const ran = await copy();
      assert.equal(ran.error, undefined);
      assert.deepEqual(annotationsOf(dest.object('site', 'a')), ANNOTATIONS);
      assert.equal(dest.object('site', 'a')?.etag, source.object('from', 'a')?.etag);
      const [one] = requestsOf(dest, 'PutObjectAnnotation');
      const alone = way === 'in one request';
      assert.equal(source.count('ListObjectAnnotations'), alone ? 0 : 1);
      assert.equal(one?.headers['x-amz-object-if-match'], alone ? undefined : `"${dest.object('site', 'a')?.etag}"`);
      assert.deepEqual((await copy()).keys('skip'), ['a']);
    });

  test(`annotations are left out where the option says so, without a request for them (${way})`, async (t) => {
    const { source, dest, copy } = await ready(t, way);
    assert.equal((await copy({ annotations: 'exclude' })).error, undefined);
    assert.deepEqual(annotationsOf(dest.object('site', 'a')), {});
    assert.deepEqual([source.count('ListObjectAnnotations'), dest.count('PutObjectAnnotation')], [0, 0]);
  });

  test(`an object with annotations fails by name where the option says so (${way})`, async (t) => {
    const { source, dest, copy } = await ready(t, way);
    seed(source, 'plain', BODY, way.endsWith('parts') ? PARTS : {});
    const ran = await copy({ annotations: 'error' });
    assert.deepEqual([ran.keys('fail'), ran.keys('copy')], [['a'], ['plain']]);
    const [failure] = ran.report.failures;
    assert.match(failure?.message ?? '', /^s3:\/\/from\/a has 3 annotations/);
    assert.match(failure?.hint ?? '', /annotations: 'exclude'/);
    assert.deepEqual([dest.keys('site'), dest.uploads('site')], [['plain'], []]);
  });
}

for (const way of ['in parts', 'relayed', 'relayed in parts'] as const) {
  test(`a source whose annotations may not be listed is copied with one warning (${way})`, async (t) => {
    const { source, dest, copy } = await ready(t, way);
    source.mode({ deny: ['ListObjectAnnotations'] }, 'from');
    seed(source, 'b', BODY, way.endsWith('parts') ? PARTS : {});
    const ran = await copy({ concurrency: 1 });
    assert.equal(ran.error, undefined);
    assert.deepEqual(dest.keys('site'), ['a', 'b']);
    const warnings = ran.report.warnings.filter((text) => text.includes('nnotations'));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /s3:ListObjectAnnotations.*annotations: 'exclude'/);
    const strict = await copy({ annotations: 'error', mode: 'stupid' });
    assert.deepEqual(strict.keys('fail'), ['a', 'b'], 'what cannot be proven is an error then');
  });

  test(`a source that has no annotations is asked once (${way})`, async (t) => {
    const { source, copy } = await ready(t, way);
    source.mode({ annotations: 'refused' }, 'from');
    seed(source, 'b', BODY, way.endsWith('parts') ? PARTS : {});
    const ran = await copy({ concurrency: 1 });
    assert.equal(ran.error, undefined);
    assert.deepEqual(ran.report.warnings, []);
    assert.ok(source.count('ListObjectAnnotations') <= 2);
  });

  test(`annotations that cannot be written make the object fail, and the hint says that it is stored (${way})`, async (t) => {
    const { dest, copy } = await ready(t, way);
    dest.mode({ deny: ['PutObjectAnnotation'] }, 'site');
    const [failure] = (await copy()).report.failures;
    assert.equal(failure?.code, 'AccessDenied');
    assert.match(failure?.hint ?? '', /stored, but 3 of its 3 annotations.*mode: 'stupid'.*annotations: 'exclude'/);
    assert.ok(dest.object('site', 'a')?.body.equals(BODY));
  });
}

test('many annotations are listed page by page', async (t) => {
  const server = await copyServer(t, { from: { pageSize: 7 } });
  const annotations = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`n${n}`, `${n}`]));
  seed(server, 'a', BODY, { annotations, ...PARTS });
  assert.equal((await runCopy(server)).error, undefined);
  assert.deepEqual(annotationsOf(server.object('site', 'a')), annotations);
  assert.equal(server.count('ListObjectAnnotations'), 5);
});

test('a version is copied with its own annotations', async (t) => {
  const server = await copyServer(t, { from: { versioning: true } });
  seed(server, 'a', BODY, { annotations: { of: 'old' }, ...PARTS });
  const versionId = server.object('from', 'a')?.versionId ?? '';
  seed(server, 'a', noise(KIB), { annotations: { of: 'new' } });
  assert.equal((await runCopy(server, { key: { key: 'a', versionId } })).error, undefined);
  assert.deepEqual(annotationsOf(server.object('site', 'a')), { of: 'old' });
});

test('an object with annotations that goes to a server without fails by name', async (t) => {
  const { source, dest, copy } = await ready(t, 'relayed');
  dest.mode({ serverHeader: undefined }, 'site');
  seed(source, 'plain', 'x');
  const ran = await copy();
  assert.deepEqual([ran.keys('fail'), ran.keys('copy')], [['a'], ['plain']]);
  assert.match(ran.report.failures[0]?.message ?? '', /which the destination cannot hold/);
});

test('a source that is not S3 is never asked for annotations', async (t) => {
  const { source, copy } = await ready(t, 'relayed in parts');
  source.mode({ serverHeader: 'MinIO' }, 'from');
  assert.equal((await copy()).error, undefined);
  assert.equal(source.count('ListObjectAnnotations'), 0);
});

test('a copy in one request that may not read annotations names the permissions', async (t) => {
  const { source, copy } = await ready(t, 'in one request');
  source.mode({ deny: ['GetObjectAnnotation'] }, 'from');
  const ran = await copy();
  assert.match(ran.report.failures[0]?.hint ?? '', /s3:PutObjectAnnotation and s3:GetObjectAnnotation/);
});

test('annotations are left out of directory buckets, and an option that cannot work is refused', () => {
  const choiceFor = (destination: string, annotations?: CopyOptions['annotations']) =>
    prepareCopy({ source: 's3://from', destination, annotations }).annotations;
  assert.equal(choiceFor('s3://site'), 'copy');
  assert.equal(choiceFor('s3://site--use1-az4--x-s3'), 'exclude');
  assert.equal(choiceFor('s3://site--use1-az4--x-s3/docs', 'error'), 'error');
  assert.throws(() => choiceFor('s3://site--use1-az4--x-s3', 'copy'), /directory bucket/);
  assert.throws(() => choiceFor('s3://site', 'drop' as never), /annotations "drop" is unknown/);
});
