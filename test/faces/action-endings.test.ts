import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { until } from '../support/until.js';
import { action, inputsFor } from './action-process.js';

const SITE = { 'dist/index.html': '<h1>site</h1>', 'dist/a.css': 'body {}' };

test('names of files and answers of servers are no commands to the runner', async (t) => {
  const server = await serverFor(t);
  const name = '##[error]forged.txt';
  const workspace = makeTree(t, { [`dist/${name}`]: 'x', 'dist/b.txt': 'y' });
  server.fault({ verb: 'PutObject', type: 'status', status: 400, code: '##[add-mask]all', occurrences: [1, 2] });
  const ran = await action(t, { ...inputsFor(server), source: 'dist', bucket: 'site' }, { workspace });
  assert.equal(ran.code, 1);
  for (const line of ran.log.split('\n')) assert.ok(line.startsWith('::error ') || !line.includes('##['), line);
  const again = await action(t, { ...inputsFor(server), source: 'dist', bucket: 'site' }, { workspace });
  assert.equal(again.code, 0);
  assert.ok(!again.log.includes('##['), again.log);
  assert.match(again.log, /^uploaded #\\x23\[error\]forged\.txt/m);
  assert.ok(server.keys('site').includes(name));
});

test('a disk that is full loses the report and nothing else', { skip: process.platform === 'win32' }, async (t) => {
  const server = await serverFor(t);
  const files = Object.fromEntries(Array.from({ length: 800 }, (_, index) => [`dist/${index}.txt`, `${index}`]));
  const workspace = makeTree(t, files);
  const ran = await action(t, { ...inputsFor(server), source: 'dist', bucket: 'site' }, { workspace, fileBlocks: 128 });
  assert.equal(ran.code, 0, ran.log.slice(-2_000));
  assert.equal(server.keys('site').length, 800);
  assert.deepEqual([ran.outputs.put, ran.outputs['report-path']], ['800', '']);
  assert.ok(ran.commands.some(({ name, text }) => name === 'warning' && /report could not be written/.test(text)));
});

test('a refusal that all writes meet is one error, and every object is in the report', async (t) => {
  const server = await serverFor(t, { mode: { deny: ['PutObject'] } });
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`dist/${index}.txt`, `${index}`]));
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site' };
  const ran = await action(t, inputs, { workspace: makeTree(t, files) });
  assert.equal(ran.code, 1);
  const errors = ran.commands.filter(({ name }) => name === 'error');
  assert.deepEqual(
    errors.map(({ properties }) => properties.title),
    ['The run stopped: AccessDenied'],
  );
  assert.equal(ran.log.match(/AccessDenied \(/g)?.length, 1, ran.log);
  const outcomes = ran.report?.outcomes as readonly { readonly action: string; readonly shared?: boolean }[];
  assert.equal(outcomes.length, Number(ran.outputs.failed));
  assert.ok(outcomes.every(({ action: what, shared }) => what === 'fail' && shared === true));
});

test('outputs that cannot be written are a warning', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site' };
  const ran = await action(t, inputs, { workspace, unwritableOutput: true });
  assert.equal(ran.code, 0, ran.log);
  assert.ok(ran.commands.some(({ name, text }) => name === 'warning' && /outputs could not be written/.test(text)));
});

test('without a folder for temporary files the report is in that of the machine', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, SITE);
  const env = { RUNNER_TEMP: '', TMPDIR: workspace, TEMP: workspace };
  const ran = await action(t, { ...inputsFor(server), source: 'dist', bucket: 'site' }, { workspace, env });
  assert.equal(ran.code, 0, ran.log);
  assert.ok(ran.outputs['report-path']?.startsWith(join(workspace, 's3-parallel-put-')));
});

for (const input of ['keys-file', 'prefixes-file', 'files-from'])
  test(`${input} cannot be standard input`, async (t) => {
    const server = await serverFor(t);
    const copies = { command: 'copy', source: 's3://from', destination: 's3://site' };
    const places = input === 'files-from' ? { source: 'dist', bucket: 'site' } : copies;
    const ran = await action(t, { ...inputsFor(server), ...places, [input]: '-' });
    assert.equal(ran.code, 1);
    assert.match(ran.log, new RegExp(`Input "${input}" is "-"`));
    assert.equal(server.requests.length, 0);
  });

const FILES: readonly (readonly [text: string, error: RegExp, line: string])[] = [
  ['mode: add\ncheck: true\n', /"check" is not for an Action.*Use dryRun: true/s, '2'],
  ['ignoreSmallFiles: true\n', /"ignoreSmallFiles" is not for an Action.*minSize/s, '1'],
  ['verbose: true\ns3cfg: cfg\n', /"s3cfg" is not for an Action/, '2'],
];
for (const [text, error, line] of FILES)
  test(`a config file with ${JSON.stringify(text)} is refused at its line`, async (t) => {
    const server = await serverFor(t);
    const workspace = makeTree(t, { ...SITE, 'ci/deploy.yaml': text });
    for (const config of ['./ci/deploy.yaml', join(workspace, 'ci/deploy.yaml')]) {
      const ran = await action(t, { ...inputsFor(server), source: 'dist', bucket: 'site', config }, { workspace });
      assert.equal(ran.code, 1);
      const [annotation] = ran.commands.filter(({ name }) => name === 'error');
      assert.match(annotation?.text ?? '', error);
      assert.deepEqual([annotation?.properties.file, annotation?.properties.line], [join('ci', 'deploy.yaml'), line]);
      assert.equal(server.requests.length, 0);
    }
  });

test('output options of the command line in a config file change nothing', async (t) => {
  const server = await serverFor(t);
  const workspace = makeTree(t, { ...SITE, 'deploy.yaml': 'quiet: true\njson: true\ncheck: false\n' });
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', config: 'deploy.yaml' };
  const ran = await action(t, inputs, { workspace });
  assert.equal(ran.code, 0, ran.log);
  assert.match(ran.log, /^uploaded index\.html \(new, /m);
});

const WRONG: readonly (readonly [inputs: Readonly<Record<string, string>>, error: RegExp])[] = [
  [{ rules: "- match: '*.css'\n  gzip: perhaps" }, /^Input "rules":2:9: /],
  [{ headers: 'Cache-Control no-cache' }, /Write for example Cache-Control: no-cache\./],
  [{ 'dry-run': 'constructor' }, /"dry-run" is "constructor"; it must be true or false/],
  [{ 'site-url': 'www.example.com' }, /"site-url" is "www\.example\.com", which is not a web address/],
];
for (const [own, error] of WRONG)
  test(`${JSON.stringify(own)} is reported by the names of the inputs, and in the summary`, async (t) => {
    const server = await serverFor(t);
    const workspace = makeTree(t, SITE);
    const ran = await action(t, { ...inputsFor(server), source: 'dist', bucket: 'site', ...own }, { workspace });
    assert.equal(ran.code, 1);
    const [annotation] = ran.commands.filter(({ name }) => name === 'error');
    assert.match(annotation?.text ?? '', error);
    assert.equal(annotation?.properties.file, undefined);
    assert.match(
      ran.summary,
      /^### ❌ Failed: The inputs cannot be used\n\n> \[!CAUTION\]\n> <p><strong>The inputs cannot be used/,
    );
    assert.equal(server.requests.length, 0);
  });

test('unfinished uploads are listed in the summary, and an error with its code', async (t) => {
  const server = await serverFor(t);
  server.seedUpload('site', 'big|<b>', {}, { initiated: new Date(Date.now() - 10 * 86_400_000) });
  const inputs = { ...inputsFor(server), command: 'uploads', bucket: 'site' };
  const listed = await action(t, inputs);
  assert.equal(listed.code, 0, listed.log);
  assert.match(listed.summary, /^### ✅ 1 unfinished upload: 1 kept — `s3:\/\/site`/);
  assert.match(listed.summary, /big\|&lt;b&gt;/);
  const refused = await action(t, { ...inputs, bucket: 'nowhere' });
  assert.equal(refused.code, 1);
  const [error] = refused.commands.filter(({ name }) => name === 'error');
  assert.equal(error?.properties.title, 'The request failed: NoSuchBucket');
  assert.match(refused.summary, /NoSuchBucket/);
  const sited = await action(t, { ...inputs, 'site-url': 'https://example.com' });
  assert.match(sited.log, /"site-url" is not for the command "uploads"/);
});

test('where there are no unfinished uploads, the log and the summary say so', async (t) => {
  const server = await serverFor(t);
  const ran = await action(t, { ...inputsFor(server), command: 'uploads', bucket: 'site' });
  assert.match(ran.log, /^No unfinished uploads\.$/m);
  assert.match(ran.summary, /^### ✅ No unfinished uploads — /);
});

test('the log shows a hint once for all failures that have the same', async (t) => {
  const server = await serverFor(t);
  const denied = { type: 'status', status: 403, code: 'AccessDenied' } as const;
  server.fault({ verb: 'PutObject', key: /html$/, occurrences: 'all', ...denied });
  const workspace = makeTree(t, { 'dist/a.css': 'a', 'dist/b.html': 'b', 'dist/c.html': 'c' });
  // One after the other: a run ends where no write is allowed before the first failure.
  const inputs = { ...inputsFor(server), source: 'dist', bucket: 'site', concurrency: '1' };
  const ran = await action(t, inputs, { workspace });
  assert.equal(ran.code, 1);
  assert.equal([...ran.log.matchAll(/^ {2}The credentials lack s3:PutObject/gm)].length, 1, ran.log);
});

test('uploads that are looked for can be cancelled', async (t) => {
  const server = await serverFor(t);
  server.fault({ verb: 'ListMultipartUploads', type: 'hold', occurrences: [1] });
  let cancelled = false;
  const onLog = (text: string, child: ChildProcess): void => {
    if (cancelled || !text.includes('::add-mask')) return;
    cancelled = true;
    void until(() => server.count('ListMultipartUploads') === 1).then(() => child.kill('SIGINT'));
  };
  const ran = await action(t, { ...inputsFor(server), command: 'uploads', bucket: 'site' }, { onLog });
  assert.equal(ran.code, 1, ran.log);
  const [error] = ran.commands.filter(({ name }) => name === 'error');
  assert.equal(error?.properties.title, 'The run was aborted', ran.log);
});
