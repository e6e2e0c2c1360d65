import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { describe, it, type TestContext, test } from 'node:test';
import { type PutItem, SourceError } from '../../src/index.js';
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

test('a file that is named twice is said to be one file, with the fix to name it once', async (t) => {
  const server = await serverFor(t);
  const root = makeTree(t, { 'a.html': '1', b: '2' });
  const packed = join(root, 'x.tar');
  execFileSync('tar', ['-cf', packed, '-C', root, 'b']);
  const file = join(root, 'a.html');
  const sources: readonly (readonly string[])[] = [
    [file, root],
    [file, file],
    [root, `${root}/.`],
    [packed, packed],
    [relative('.', file), file],
  ];
  for (const source of sources) {
    const { error } = await run(server, { source });
    assert.equal(error?.name, 'UsageError');
    assert.match(error?.message ?? '', /^Two sources give the key ".+", and both are one file: /, source.join(' '));
    assert.match(error?.hint ?? '', /name it once/);
  }
  assert.equal(server.requests.length, 0);
});

describe('functions that throw', () => {
  const mine = () => {
    throw new RangeError('mine');
  };
  for (const name of ['key', 'filter', 'headers'] as const)
    it(`${name}: fails the object with an error that names the function and keeps what was thrown`, async (t) => {
      const server = await serverFor(t);
      const ran = await run(server, { source: makeTree(t, { a: '1' }), [name]: mine });
      const { error, reason } = ran.outcomes[0] ?? {};
      assert.ok(error instanceof SourceError);
      assert.deepEqual([error.code, reason], ['HookFailed', `the function "${name}" failed: mine`]);
      assert.ok(error.cause instanceof RangeError);
    });

  it('and those that return what they may not are named too', async (t) => {
    const server = await serverFor(t);
    const wrong = async () => {
      throw new Error('later');
    };
    const wants = { key: 'a string or undefined', filter: 'true or false', headers: 'an object or undefined' };
    for (const [name, wanted] of Object.entries(wants)) {
      const ran = await run(server, { source: makeTree(t, { a: '1' }), [name]: wrong as never });
      assert.equal(ran.reasonOf('a'), `the function "${name}" returned a promise; it must return ${wanted}`);
    }
  });
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
