import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { PutItem } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

async function* nothing(): AsyncGenerator<PutItem, void> {}

for (const mode of ['update', 'stupid'] as const) {
  test(`a source that does not exist is reported before any request of mode ${mode}`, async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { a: 'a' });
    const { error } = await run(server, { source: [root, join(root, 'missing')], mode });
    assert.equal(error?.name, 'UsageError');
    assert.match(error?.message ?? '', /missing" does not exist/);
    assert.ok(error?.hint !== undefined);
    assert.equal(server.requests.length, 0);
  });

  test(`two sources for one key are both named before any request of mode ${mode}`, async (t) => {
    const server = await serverFor(t);
    const [one, two] = [makeTree(t, { a: '1', 'd/x': '1' }), makeTree(t, { b: '2', 'd/x': '2' })];
    const { error } = await run(server, { source: [one, two], mode });
    assert.equal(error?.name, 'UsageError');
    for (const named of ['"d/x"', join(one, 'd/x'), join(two, 'd/x')]) assert.ok(error?.message.includes(named), named);
    assert.ok(error?.hint !== undefined);
    assert.equal(server.requests.length, 0);
  });
}

test('two files that the key hook gives one key are both named before any request', async (t) => {
  const server = await serverFor(t);
  const root = makeTree(t, { a: '1', b: '2', c: '3' });
  const { error } = await run(server, { source: root, key: ({ key }) => (key === 'c' ? 'a' : key) });
  assert.equal(error?.name, 'UsageError');
  assert.ok(error?.message.includes(join(root, 'a')) && error.message.includes(join(root, 'c')), error?.message);
  assert.equal(server.requests.length, 0);
});

const EMPTY: Readonly<
  Record<
    string,
    (t: TestContext) => {
      readonly source: string | readonly PutItem[] | AsyncIterable<PutItem>;
      readonly exclude?: string;
    }
  >
> = {
  'an empty directory': (t) => ({ source: makeTree(t, { 'empty/': '' }) }),
  'a directory that exclude leaves nothing of': (t) => ({ source: makeTree(t, { 'a.map': 'a' }), exclude: '*.map' }),
  'an empty list': () => ({ source: [] }),
  'an empty iterable': () => ({ source: nothing() }),
};

for (const [name, source] of Object.entries(EMPTY)) {
  test(`${name} is refused, warned about or accepted as ifNoFilesFound says, without a request`, async (t) => {
    const server = await serverFor(t);
    const refused = await run(server, source(t));
    assert.deepEqual([refused.error?.name, refused.error?.code], ['RefusedError', 'NoFilesFound']);
    assert.match(refused.error?.hint ?? '', /ifNoFilesFound/);
    assert.equal(refused.report.complete, false);
    for (const rule of ['warn', 'ignore'] as const) {
      const { error, report } = await run(server, { ...source(t), ifNoFilesFound: rule });
      assert.equal(error, undefined);
      assert.equal(report.complete, true);
      assert.deepEqual(report.warnings, rule === 'warn' ? ['The source holds no files to upload.'] : []);
    }
    assert.equal(server.requests.length, 0);
  });
}

test('what there is but cannot be put is named where a source holds nothing else', {
  skip: process.platform === 'win32' && 'it has no FIFOs',
}, async (t) => {
  const server = await serverFor(t);
  const root = makeTree(t, { 'd/': '' });
  const pipes = ['a', 'b', 'd/c', 'd/e'].map((name) => join(root, name));
  execFileSync('mkfifo', pipes);
  const one = await run(server, { source: pipes[0] ?? '' });
  assert.equal(one.error?.code, 'NoFilesFound');
  assert.equal(
    one.error?.message,
    `The source holds no files to upload. Skipped: ${pipes[0]} (not a regular file (FIFO)).`,
  );
  const four = await run(server, { source: root });
  assert.match(four.error?.message ?? '', /Skipped: .*a \(.*b \(.*c \(.*\) and 1 more\.$/);
  assert.equal(server.requests.length, 0);
});

test('a key over 1,024 bytes fails alone, before it is sent', async (t) => {
  const server = await serverFor(t);
  const long = `${'d'.repeat(250)}/`.repeat(4) + 'é'.repeat(11);
  const { error, report } = await run(server, { source: makeTree(t, { a: 'a', [long]: 'x', z: 'z' }) });
  assert.equal(error?.name, 'PartialFailureError');
  assert.deepEqual(
    report.failures.map(({ key, code }) => [key, code]),
    [[long, 'KeyTooLong']],
  );
  assert.match(report.failures[0]?.message ?? '', /1,026 bytes.*1,024/);
  assert.ok(report.failures[0]?.hint !== undefined, 'it has a hint');
  assert.deepEqual(server.keys('site'), ['a', 'z']);
  assert.equal(server.count('PutObject'), 2);
});
