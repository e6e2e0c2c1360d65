import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { s3Put } from '../../gulp-plugin/src/index.js';
import { serverFor } from '../support/engine.js';
import { passed, putTo, textFile } from './streams.js';

describe('the reporter', () => {
  it('prints a line for each file, and the totals', async (t) => {
    const server = await serverFor(t);
    server.seed('site', 'same', 'same');
    server.seed('site', 'different', 'before');
    const report = async (options: Parameters<typeof s3Put.reporter>[0]): Promise<string[]> => {
      const lines: string[] = [];
      const put = putTo(server, { dryRun: true });
      const all = passed(put.pipe(s3Put.reporter({ write: (line) => lines.push(line), ...options })));
      for (const name of ['new', 'same', 'different', 'bad\nname']) put.write(textFile(name));
      put.end();
      assert.equal((await all).files.length, 4);
      return lines;
    };
    const total = '\\(dry run\\) 2 created, 1 updated, 1 unchanged; \\d+ bytes to send\\.$';
    const lines = await report({});
    assert.match(lines.pop() ?? '', new RegExp(`^${total}`));
    assert.deepEqual(lines.sort(), [
      '[create] bad\\x0aname (new)',
      '[create] new (new)',
      '[skip]   same (same content)',
      '[update] different (size differs)',
    ]);
    assert.equal((await report({ states: ['update'] })).length, 2);
    for (const name of ['new', 'different', 'bad\nname']) server.seed('site', name, name);
    server.seed('site', 'different', 'different');
    assert.match((await report({})).at(-1) ?? '', /^\(dry run\) 0 created, 0 updated, 4 unchanged; 0 bytes to send\.$/);
  });

  it('counts files apart that may have been put, and escapes what would act on a terminal', async () => {
    const lines: string[] = [];
    const reporter = s3Put.reporter({ write: (line) => lines.push(line) });
    const states = [
      { state: 'unknown', path: 'a\u0085b\u2028', reason: 'x\u009b\u007f was on its way' },
      { state: 'create', path: 'c', reason: 'new', bytes: 3 },
    ] as const;
    for (const s3 of states) reporter.write(Object.assign(textFile('x'), { s3 }));
    reporter.end();
    await passed(reporter);
    assert.deepEqual(lines, [
      '[unknown] a\\x85b\\u2028 (x\\x9b\\x7f was on its way)',
      '[create] c (new)',
      '1 created, 0 updated, 0 unchanged, 1 unknown (may have been stored); 3 bytes sent.',
    ]);
  });

  it('rejects wrong options', () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [{ states: ['nope'] }, /states is \["nope"\]; it must be a list of create, update, skip/],
      [{ states: [undefined] }, /states is \[null\]/],
      [{ states: 'skip' }, /states is "skip"/],
      [{ foo: 1 }, /the option "foo" is unknown/],
      [{ write: 'x' }, /write must be a function/],
      [null, /must be an object/],
    ];
    for (const [options, message] of wrong)
      assert.throws(() => s3Put.reporter(options as object), {
        name: 'Error',
        plugin: 'gulp-s3-parallel-put',
        message,
      });
  });
});
