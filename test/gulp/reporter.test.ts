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
