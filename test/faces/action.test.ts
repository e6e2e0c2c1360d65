import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { type ActionRun, action, inputsFor } from './action-process.js';

const SITE = { 'dist/index.html': '<h1>site</h1>', 'dist/a.css': 'body {}', 'dist/sub/b.txt': 'text' };
const SECRET = 'test-secret-key';

/** No output of a run has the secret, except the command that masks it. */
function assertMasked(ran: ActionRun, secret = SECRET): void {
  assert.ok(ran.masks.includes(secret));
  assert.ok(!ran.log.replaceAll(`::add-mask::${secret}`, '').includes(secret));
  assert.ok(!JSON.stringify([ran.outputs, ran.summary, ran.report]).includes(secret));
}

test('a put writes its outputs, its summary and its report, and masks its credentials', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  const inputs = {
    ...inputsFor(server),
    source: 'dist',
    bucket: 's3://site/docs',
    'site-url': 'https://www.example.com/',
    headers: 'Cache-Control: max-age=60\nContent-Language: en',
    exclude: '*.txt\n',
  };
  const env = {
    GITHUB_REF_NAME: 'main',
    GITHUB_SHA: '7c6e1f2a9b0011223344556677889900aabbccdd',
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_REPOSITORY: 'o/site',
  };
  const ran = await action(t, inputs, { workspace, env });
  assert.equal(ran.code, 0, ran.log);
  assert.deepEqual(server.keys('site'), ['docs/a.css', 'docs/index.html']);
  assert.equal(server.object('site', 'docs/a.css')?.headers['cache-control'], 'max-age=60');
  const {
    'report-path': reportPath,
    'report-html': reportHtml,
    'changed-paths-file': pathsFile = '',
    'duration-ms': duration,
    ...outputs
  } = ran.outputs;
  assert.equal(dirname(pathsFile), dirname(reportPath ?? ''));
  assert.equal(reportHtml, reportPath?.replace(/json$/, 'html'));
  assert.deepEqual(outputs, {
    changed: 'true',
    put: '2',
    copied: '0',
    deleted: '0',
    metadata: '0',
    skipped: '0',
    failed: '0',
    unknown: '0',
    strays: '0',
    conflicts: '0',
    'invalidation-ids': '',
    'live-check': '',
    bytes: '20',
    url: 'https://www.example.com/docs/',
  });
  assert.match(duration ?? '', /^\d+$/);
  assert.ok(reportPath?.endsWith('.json'));
  const outcomes = (ran.report?.outcomes ?? []) as readonly Readonly<Record<string, unknown>>[];
  assert.equal(outcomes.length, 2);
  assert.equal(ran.report?.complete, true);
  assert.match(ran.log, /^s3-parallel-put \S+ on Node \d+/m);
  assert.match(ran.log, /^::group::dist → s3:\/\/site\/docs \(http:\/\/127\.0\.0\.1:\d+\)$/m);
  assert.match(ran.log, /^uploaded docs\/index\.html \(new, 13 B\)$/m);
  assert.match(
    ran.summary,
    /^### ✅ Deployed to \[www\.example\.com\/docs\]\(https:\/\/www\.example\.com\/docs\/\) — 2 files uploaded\n/,
  );
  assert.match(
    ran.summary,
    /^`s3:\/\/site\/docs` · \[`main@7c6e1f2`\]\(https:\/\/github\.example\/o\/site\/commit\/7c6e1f2a/m,
  );
  assert.match(ran.summary, /^\| \*\*Pages\*\* \| 1 \|$/m);
  assert.match(ran.summary, /^\+ a\.css {8}7 B {2}max-age=60 {2}text\/css; charset=utf-8$/m);
  const css = outcomes.find(({ key }) => key === 'docs/a.css');
  assert.deepEqual([css?.contentType, css?.cacheControl], ['text/css; charset=utf-8', 'max-age=60']);
  assertMasked(ran);

  const again = await action(t, inputs, { workspace });
  assert.equal(again.code, 0);
  assert.deepEqual([again.outputs.changed, again.outputs.put, again.outputs.skipped], ['false', '0', '2']);
  assert.equal(server.count('PutObject'), 2);
  assert.match(again.summary, /^### ✅ Nothing changed on \[www\.example\.com\/docs\].*: 2 files are as built\n/);
  assert.match(again.summary, /> \[!NOTE\]\n> <p>2 unchanged files keep the headers they were uploaded with\./);
});

test('a prefix may be written with slashes at both ends', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', prefix: '/docs/' };
  const site = { 'site-url': 'https://www.example.com/?x=1#top' };
  const ran = await action(t, { ...inputs, ...site }, { workspace });
  assert.equal(ran.outputs.url, 'https://www.example.com/docs/?x=1#top');
  assert.match(ran.summary, /^`s3:\/\/site\/docs` · /m);
  assert.match(ran.summary, /^\+ index\.html /m);
  const listed = await action(t, { ...inputsFor(server), command: 'uploads', bucket: 'site', prefix: '/docs/' });
  assert.equal(listed.summary.trim(), '### ✅ No unfinished uploads — `s3://site/docs`');
});

test('with summary: false there is no summary, neither of a run nor of inputs that cannot be used', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', summary: 'false' };
  const ran = await action(t, inputs, { workspace });
  assert.equal(ran.code, 0, ran.log);
  assert.equal(server.keys('site').length, 3);
  const wrong = await action(t, { ...inputs, mode: 'ad' }, { workspace });
  assert.equal(wrong.code, 1);
  assert.deepEqual([ran.summary, wrong.summary], ['', '']);
  const neither = await action(t, { ...inputs, summary: 'no' }, { workspace });
  assert.match(neither.log, /"summary" is "no"; it must be true or false/);
});

test('objects that fail make the step fail, by one annotation a class, with all outputs', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  server.fault({ verb: 'PutObject', type: 'status', status: 400, code: 'InvalidRequest', occurrences: [1, 2] });
  const inputs = { source: 'dist', bucket: 'site', order: 'none' };
  const ran = await action(t, { ...inputsFor(server), ...inputs }, { workspace });
  assert.equal(ran.code, 1);
  assert.deepEqual([ran.outputs.failed, ran.outputs.put, ran.outputs.changed], ['2', '1', 'true']);
  const errors = ran.commands.filter(({ name }) => name === 'error');
  assert.equal(errors.length, 1, ran.log);
  assert.match(errors[0]?.text ?? '', /InvalidRequest/);
  const ended = ran.log.indexOf('::endgroup::');
  assert.equal(
    [...ran.log.slice(ended).matchAll(/^failed \S+: InvalidRequest \(400, /gm)].length,
    2,
    'failures stand outside of the group',
  );
  assert.match(ran.summary, /^### ❌ Upload to `s3:\/\/site` failed — 2 files failed, 1 uploaded\n/);
});

for (const [name, inputs, message] of [
  ['no source', { bucket: 'site' }, /Input "source" is missing/],
  ['no bucket', { source: 'dist' }, /Input "bucket" is missing/],
  [
    'an input that does not exist',
    { source: 'dist', bucket: 'site', sorce: 'x' },
    /no input "sorce".*Did you mean source/s,
  ],
  [
    'a boolean that is none',
    { source: 'dist', bucket: 'site', 'dry-run': 'yes' },
    /"dry-run" is "yes".*true or false/s,
  ],
  ['a value that is no choice', { source: 'dist', bucket: 'site', mode: 'ad' }, /"mode" is "ad".*add, update, stupid/s],
  [
    'an unknown command',
    { command: 'sync', source: 'dist', bucket: 'site' },
    /"command" is "sync".*put, copy, uploads, delete/s,
  ],
  [
    'an option of another command',
    { source: 'dist', bucket: 'site', 'copy-acl': 'true' },
    /"copy-acl" is not for the command "put"/,
  ],
  [
    'half of the credentials',
    { source: 'dist', bucket: 'site', 'aws-access-key-id': 'k' },
    /"aws-secret-access-key" is missing/,
  ],
  [
    'keys beside a role',
    {
      source: 'dist',
      bucket: 'site',
      'aws-access-key-id': 'k',
      'aws-secret-access-key': 's',
      'role-to-assume': 'arn:aws:iam::111122223333:role/x',
    },
    /exclude each other/,
  ],
  ['two regions', { source: 'dist', bucket: 'site', region: 'a', 'aws-region': 'b' }, /mean the same/],
  ['a source that is a URL', { source: 'http://user:Pa/ssW0RD@host/dist', bucket: 'site' }, /http:\/\/\*\*\*@host/],
  ['a source that is a bucket', { source: 's3://a', bucket: 'site' }, /command: copy/],
  ['an option that the engine refuses', { source: 'dist', bucket: 'site', 'part-size': '1MiB' }, /part-size.*5 MiB/s],
] as const) {
  test(`a step with ${name} fails before any request, and names the fix`, async (t) => {
    const server = await serverFor(t);
    const workspace = makeTree(t, SITE);
    const place = { 'endpoint-url': server.url };
    const ran = await action(t, { ...place, ...inputs }, { workspace });
    assert.equal(ran.code, 1);
    const errors = ran.commands.filter(({ name: command }) => command === 'error');
    assert.equal(errors.length, 1, ran.log);
    assert.match(errors[0]?.text ?? '', message);
    assert.equal(server.requests.length, 0);
    assert.deepEqual([ran.outputs.changed, ran.outputs.put, ran.outputs.failed], ['false', '0', '0']);
    assert.doesNotMatch(ran.log, /^\s+at /m, 'no stack');
    assert.doesNotMatch(ran.log + ran.summary, /ssW0RD/, 'no password');
  });
}

test('a wrong rule is shown in its config file', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, {
    ...SITE,
    'deploy.yaml':
      "mode: add\nrules:\n  - match: '*.html'\n    cacheControl: no-cache\n  - match: '*.css'\n    gzip: perhaps\n",
  });
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', config: 'deploy.yaml' };
  const ran = await action(t, inputs, { workspace });
  assert.equal(ran.code, 1);
  const [error] = ran.commands.filter(({ name }) => name === 'error');
  assert.deepEqual([error?.properties.file, error?.properties.line], ['deploy.yaml', '6'], ran.log);
});

test('rules are given as YAML, and a config file below the inputs', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, { ...SITE, 'deploy.json': '{"mode": "add", "cacheControl": "max-age=1"}' });
  server.seed('site', 'a.css', 'other');
  const rules = "- match: '*.html'\n  cacheControl: no-cache\n- match: sub/**\n  skip: true\n";
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', config: 'deploy.json', rules };
  const ran = await action(t, inputs, { workspace });
  assert.equal(ran.code, 0, ran.log);
  assert.deepEqual(server.keys('site'), ['a.css', 'index.html']);
  assert.equal(server.object('site', 'index.html')?.headers['cache-control'], 'no-cache');
  assert.equal(server.object('site', 'a.css')?.body.toString(), 'other', 'mode add is of the file');
});

test('a config file that no input names is not read', async (t) => {
  const [server, other] = [await serverFor(t), await serverFor(t)];
  const hostile = `endpointUrl: ${other.url}\nbucket: other\nprefix: p\ncacheControl: no-store\nsymlinks: [\n`;
  const names = ['yaml', 'yml', 'json'].map((ending) => `s3-parallel-put.config.${ending}`);
  const workspace = makeTree(t, { ...SITE, ...Object.fromEntries(names.map((name) => [name, hostile])) });
  const env = { S3PP_CONFIG: 's3-parallel-put.config.yaml' };
  const ran = await action(t, { ...inputsFor(server), source: 'dist', bucket: 'site' }, { workspace, env });
  assert.equal(ran.code, 0, ran.log);
  assert.equal(server.object('site', 'index.html')?.headers['cache-control'], undefined);
  assert.equal(other.requests.length, 0);
});

test('a dry run shows the plan as a diff and writes nothing', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  server.seed('site', 'a.css', 'body { }');
  server.seed('site', 'index.html', SITE['dist/index.html']);
  const rules = '- match: "*.txt"\n  cacheControl: no-cache';
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', 'dry-run': 'true', rules };
  const ran = await action(t, inputs, { workspace });
  assert.equal(ran.code, 0);
  assert.deepEqual([ran.outputs.changed, ran.outputs.put, ran.outputs.skipped], ['false', '2', '1']);
  assert.equal(server.count('PutObject'), 0);
  assert.match(ran.summary, /^### ✅ Dry run: 2 files would be uploaded to `s3:\/\/site` — 1 unchanged\n/);
  assert.match(ran.summary, /^ {2}sub\/\n\+ {3}b\.txt +4 B {2}no-cache {2}text\/plain; charset=utf-8$/m);
  assert.match(ran.summary, /^! a\.css +8 B → 7 B {2}– {9}text\/css; charset=utf-8$/m);
  assert.doesNotMatch(ran.summary, /<details>/);
});

test('missing credentials are reported once, with the fix', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  const ran = await action(t, { 'endpoint-url': server.url, source: 'dist', bucket: 'site' }, { workspace });
  assert.equal(ran.code, 1);
  const errors = ran.commands.filter(({ name }) => name === 'error');
  assert.equal(errors.length, 1);
  assert.match(errors[0]?.text ?? '', /credentials/i);
  assert.match(errors[0]?.text ?? '', /aws-actions\/configure-aws-credentials/);
  assert.match(ran.outputs['report-path'] ?? '', /json$/);
});

test('a summary that cannot be written fails nothing', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site' };
  const ran = await action(t, inputs, { workspace, unwritableSummary: true });
  assert.equal(ran.code, 0);
  assert.ok(ran.commands.some(({ name, text }) => name === 'warning' && /summary/.test(text)));
});

test('a copy goes from bucket to bucket, and unfinished uploads are aborted only where that is confirmed', async (t) => {
  const server = await serverFor(t);
  server.seed('from', 'a/one', '1');
  server.seed('from', 'a/two', '2');
  const copied = await action(t, {
    ...inputsFor(server),
    command: 'copy',
    source: 's3://from/a/*',
    destination: 's3://site/b',
  });
  assert.equal(copied.code, 0, copied.log);
  assert.deepEqual(server.keys('site'), ['b/one', 'b/two']);
  assert.deepEqual([copied.outputs.copied, copied.outputs.put, copied.outputs.changed], ['2', '0', 'true']);

  server.seedUpload('site', 'big', {}, { initiated: new Date(Date.now() - 10 * 86_400_000) });
  const inputs = { ...inputsFor(server), command: 'uploads', bucket: 'site', 'abort-older-than': '7d', any: 'true' };
  const unconfirmed = await action(t, inputs);
  assert.equal(unconfirmed.code, 1);
  assert.match(unconfirmed.log, /Set yes: true/);
  assert.equal(server.count('AbortMultipartUpload'), 0);
  const confirmed = await action(t, { ...inputs, yes: 'true' });
  assert.equal(confirmed.code, 0, confirmed.log);
  assert.equal(server.count('AbortMultipartUpload'), 1);
});

test('requests are logged with their ids if debugging is on', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site' };
  const ran = await action(t, inputs, { workspace, env: { RUNNER_DEBUG: '1' } });
  const lines = ran.commands.filter(
    ({ name, text }) => name === 'debug' && /PutObject .*: 200 in \d+ ms, request \S+/.test(text),
  );
  assert.equal(lines.length, 3, ran.log);
});

test('the bundle holds no path of a machine and nothing of the tests', () => {
  const text = readFileSync(join(import.meta.dirname, '../../dist/action/index.cjs'), 'utf8');
  assert.doesNotMatch(text, /\/home\/|\/root\/|\/Users\/|\/tmp\/|[A-Z]:\\/);
  assert.doesNotMatch(text, /^\/\/ test\//m);
  const ROOT = join(import.meta.dirname, '../..');
  assert.ok(!text.includes(ROOT));
});
