import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { type ActionRun, action, inputsFor } from './action-process.js';

const SITE = {
  'dist/index.html': '<script src="assets/app-1a2b3c4d.js"></script>',
  'dist/über uns/index.html': '<p>',
  'dist/assets/app-1a2b3c4d.js': 'app()',
  'dist/data.json': '{}',
};
const LIVE = ['assets/app-1a2b3c4d.js', 'data.json', 'index.html', 'über uns/index.html'];

/** A bucket with an earlier build of the site below `docs/`, and other keys. */
async function earlierSite(t: Parameters<typeof serverFor>[0]): Promise<S3Server> {
  const server = await serverFor(t);
  for (const key of ['docs/old #1?.html', 'docs/uploads/a.png', 'docs-old/index.html', 'top.html'])
    server.seed('site', key, 'old');
  return server;
}

const pathsOf = ({ outputs }: ActionRun): readonly string[] =>
  readFileSync(outputs['changed-paths-file'] ?? '', 'utf8')
    .split('\n')
    .slice(0, -1)
    .sort();
const writesTo = ({ requests }: S3Server): readonly string[] =>
  requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD').map(({ verb, key }) => `${verb} ${key ?? ''}`);
const errorsOf = ({ commands }: ActionRun) => commands.filter(({ name }) => name === 'error');

const DEPLOY = { source: 'dist', bucket: 's3://site/docs', delete: 'true', protect: 'uploads/**' };
const CHANGED_PATHS = [
  '/docs/',
  '/docs/assets/app-1a2b3c4d.js',
  '/docs/data.json',
  '/docs/index.html',
  '/docs/old%20%231%3F.html',
  '/docs/%C3%BCber%20uns/',
  '/docs/%C3%BCber%20uns/index.html',
].sort();

test('a step with delete removes what the build no longer has, and says so in outputs, summary and log', async (t) => {
  const server = await earlierSite(t);
  const workspace = makeTree(t, SITE);
  const run = (more = {}) => action(t, { ...inputsFor(server), ...DEPLOY, ...more }, { workspace });

  const dry = await run({ 'dry-run': 'true' });
  assert.equal(dry.code, 0, dry.log);
  assert.deepEqual(writesTo(server), []);
  assert.deepEqual([dry.outputs.put, dry.outputs.deleted, dry.outputs.changed], ['4', '1', 'false']);
  assert.deepEqual(pathsOf(dry), CHANGED_PATHS);
  assert.match(dry.log, /^would delete docs\/old #1\?\.html/m);
  assert.match(dry.summary, /^### ✅ Dry run: 4 files would be uploaded to .* — 1 would be deleted\n/);
  assert.match(
    dry.summary,
    /\*\*No longer in the build \(1 file would be deleted\)\*\*\n\n```diff\n- old #1\?\.html\n```/,
  );

  const ran = await run();
  assert.equal(ran.code, 0, ran.log);
  assert.deepEqual(
    server.keys('site'),
    [...LIVE.map((key) => `docs/${key}`), 'docs/uploads/a.png', 'docs-old/index.html', 'top.html'].sort(),
  );
  const { put, deleted, strays, conflicts, changed } = ran.outputs;
  assert.deepEqual(
    { put, deleted, strays, conflicts, changed },
    { put: '4', deleted: '1', strays: '2', conflicts: '0', changed: 'true' },
  );
  assert.deepEqual(pathsOf(ran), CHANGED_PATHS);
  assert.match(ran.log, /^deleted docs\/old #1\?\.html/m);
  assert.match(ran.summary, /^### ✅ Uploaded to .* — 4 files uploaded, 1 deleted\n/);
  assert.match(ran.summary, /<p>1 key below the prefix is not in the build, and stays\.<\/p>/);

  const again = await run();
  assert.deepEqual([again.outputs.deleted, again.outputs.changed], ['0', 'false'], again.log);
  assert.deepEqual(pathsOf(again), []);
});

test('a step without delete counts strays as far as it sees them, and list-strays counts all', async (t) => {
  const server = await earlierSite(t);
  const workspace = makeTree(t, SITE);
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 's3://site/docs' };
  const ran = await action(t, { ...inputs, 'list-strays': 'true' }, { workspace });
  assert.deepEqual([ran.code, ran.outputs.strays, ran.outputs.deleted], [0, '2', '0'], ran.log);
  assert.match(ran.summary, /2 keys below the prefix are not in the build\. <code>delete: true<\/code> deletes them\./);
  const unknown = await action(t, { ...inputs, mode: 'stupid' }, { workspace });
  assert.deepEqual([unknown.code, unknown.outputs.strays], [0, ''], unknown.log);
});

test('a failed asset holds back data, pages and deletes; the paths of what did change are listed', async (t) => {
  const server = await earlierSite(t);
  const workspace = makeTree(t, { ...SITE, 'dist/logo.png': 'PNG' });
  server.fault({
    verb: 'PutObject',
    key: 'docs/logo.png',
    type: 'status',
    status: 400,
    code: 'InvalidRequest',
    occurrences: 'all',
  });
  const ran = await action(t, { ...inputsFor(server), ...DEPLOY }, { workspace });
  assert.equal(ran.code, 1);
  assert.deepEqual(pathsOf(ran), ['/docs/assets/app-1a2b3c4d.js']);
  assert.deepEqual([ran.outputs.put, ran.outputs.failed, ran.outputs.deleted], ['1', '1', '0']);
  assert.match(ran.summary, /<p>assets: 1 of 2 failed; data and pages were not uploaded; nothing was deleted\.<\/p>/);
  assert.match(ran.log, /Done by phase: assets 1 of 2 \(1 failed\), data 0 of 1, pages 0 of 2, deletes 0 of 1\./);
});

for (const [code, inputs, server, text] of [
  [
    'TooManyDeletes',
    { 'max-delete': '50%', bucket: 's3://site/docs' },
    {},
    /2 of 2 keys would be deleted.*old (?:<span>)?#(?:<\/span>)?1\?\.html.*max-delete: 2/s,
  ],
  [
    'TooManyDeletes',
    { 'max-delete': '0', bucket: 's3://site/', 'dry-run': 'true' },
    {},
    /4 of 4 keys.*top\.html.*max-delete/s,
  ],
  [
    'ListingIncomplete',
    { bucket: 's3://site/docs' },
    { denied: 'ListObjectsV2' },
    /may not be listed.*s3:ListBucket, or leave delete out/s,
  ],
] as const)
  test(`${JSON.stringify(inputs)}: a step is refused by ${code} before its first write, with title, reason and fix`, async (t) => {
    const bucket = await earlierSite(t);
    if ('denied' in server)
      bucket.fault({ verb: 'ListObjectsV2', type: 'status', status: 403, code: 'AccessDenied', occurrences: 'all' });
    const workspace = makeTree(t, SITE);
    const ran = await action(t, { ...inputsFor(bucket), source: 'dist', delete: 'true', ...inputs }, { workspace });
    assert.equal(ran.code, 1);
    assert.deepEqual(
      errorsOf(ran).map(({ properties }) => properties.title),
      [`Refused: ${code}`],
      ran.log,
    );
    for (const shown of [errorsOf(ran)[0]?.text, ran.summary]) {
      assert.match(shown ?? '', text);
      assert.doesNotMatch(shown ?? '', /\\n/);
    }
    assert.deepEqual(writesTo(bucket), []);
    // A dry run lists what it would do, and then is refused.
    if (!('dry-run' in inputs)) assert.deepEqual(pathsOf(ran), []);
  });

test('delete without a prefix is refused before any request, and the error names the way', async (t) => {
  const server = await earlierSite(t);
  const workspace = makeTree(t, SITE);
  for (const prefix of [undefined, '']) {
    const inputs = { source: 'dist', bucket: 'site', delete: 'true', ...(prefix !== undefined && { prefix }) };
    const ran = await action(t, { ...inputsFor(server), ...inputs }, { workspace });
    assert.equal(ran.code, 1);
    assert.match(errorsOf(ran)[0]?.text ?? '', /delete needs a prefix.*s3:\/\/bucket\/ with the slash at its end\./s);
  }
  assert.deepEqual(server.requests, []);

  const root = { source: 'dist', bucket: 'site', prefix: '/', delete: 'true' };
  const ran = await action(t, { ...inputsFor(server), ...root }, { workspace });
  assert.equal(ran.code, 0, ran.log);
  assert.deepEqual(server.keys('site'), LIVE);
});

const PREVIEW = { command: 'delete', bucket: 's3://site/docs' };

test('the command delete removes all keys below a prefix, once yes is true', async (t) => {
  const server = await earlierSite(t);
  const run = (more = {}) => action(t, { ...inputsFor(server), ...PREVIEW, ...more });

  const unconfirmed = await run();
  assert.equal(unconfirmed.code, 1);
  assert.match(errorsOf(unconfirmed)[0]?.text ?? '', /"yes" is not true.*s3:\/\/site\/docs\/.*yes: true/s);
  assert.deepEqual(server.requests, []);

  const dry = await run({ 'dry-run': 'true' });
  assert.deepEqual([dry.code, dry.outputs.deleted, dry.outputs.changed], [0, '2', 'false'], dry.log);
  assert.deepEqual(pathsOf(dry), ['/docs/old%20%231%3F.html', '/docs/uploads/a.png']);
  assert.match(dry.summary, /^### ✅ Dry run: 2 objects would be deleted from `s3:\/\/site\/docs`\n/);
  assert.deepEqual(writesTo(server), []);

  const ran = await run({ yes: 'true', protect: 'uploads/**' });
  assert.deepEqual([ran.code, ran.outputs.deleted, ran.outputs.changed], [0, '1', 'true'], ran.log);
  assert.match(ran.summary, /^### ✅ Deleted from `s3:\/\/site\/docs` — 1 object deleted\n/);
  assert.match(ran.log, /^Deleted 1 object/m);
  assert.deepEqual(pathsOf(ran), ['/docs/old%20%231%3F.html']);
  assert.deepEqual(server.keys('site'), ['docs-old/index.html', 'docs/uploads/a.png', 'top.html']);
});

for (const [name, inputs, text] of [
  ['a whole bucket', { bucket: 's3://site/' }, /All objects of the bucket "site" would be deleted/],
  ['an empty prefix', { bucket: 'site', prefix: '' }, /All objects of the bucket "site" would be deleted/],
  ['a source', { source: 'dist' }, /"source" is not for the command "delete"/],
  ['an order', { order: 'site' }, /"order" is not for the command "delete"/],
  ['a site-url', { 'site-url': 'https://example.com' }, /"site-url" is not for the command "delete"/],
  ['yes in other words', { yes: 'on' }, /"yes" is "on"; it must be true or false/],
] as const)
  test(`the command delete refuses ${name} before any request`, async (t) => {
    const server = await earlierSite(t);
    const ran = await action(t, { ...inputsFor(server), ...PREVIEW, yes: 'true', ...inputs });
    assert.equal(ran.code, 1);
    assert.match(errorsOf(ran)[0]?.text ?? '', text);
    assert.deepEqual(server.requests, []);
    assert.equal(ran.outputs['changed-paths-file'], '');
  });

test('a config file names no place for the command delete', async (t) => {
  const server = await earlierSite(t);
  const workspace = makeTree(t, { 'options.yaml': 'source: dist\nbucket: s3://site/docs\n' });
  const inputs = { command: 'delete', config: 'options.yaml', yes: 'true' };
  const ran = await action(t, { ...inputsFor(server), ...inputs }, { workspace });
  assert.equal(ran.code, 1);
  assert.match(errorsOf(ran)[0]?.text ?? '', /"bucket" is missing/);
  assert.deepEqual(server.requests, []);
});
