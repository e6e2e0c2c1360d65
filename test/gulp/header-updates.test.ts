import assert from 'node:assert/strict';
import { test } from 'node:test';
import { s3Put } from '../../gulp-plugin/src/index.js';
import { serverFor } from '../support/engine.js';
import { passed, putTo, textFile } from './streams.js';

const TEXT = 'text/plain; charset=utf-8';

test('a file whose object has other headers gets the state metadata, and the reporter says which', async (t) => {
  const server = await serverFor(t);
  for (const [key, cache] of [
    ['wrong', 'max-age=60'],
    ['right', 'no-cache'],
  ] as const)
    server.seed('site', key, key, { headers: { 'content-type': TEXT, 'cache-control': cache } });
  const run = async (dryRun: boolean) => {
    const lines: string[] = [];
    const put = putTo(server, { updateHeaders: true, cacheControl: 'no-cache', dryRun });
    const all = passed(put.pipe(s3Put.reporter({ write: (line) => lines.push(line) })));
    for (const name of ['wrong', 'right', 'new']) put.write(textFile(name));
    put.end();
    const { files, error } = await all;
    assert.equal(error, undefined);
    const states = files.map(({ s3 }) => [s3?.path, s3?.state]);
    const changes = files.flatMap(({ s3 }) => s3?.headerChanges ?? []);
    return { states: states.sort(), changes, last: lines.pop(), lines: lines.sort() };
  };
  const expected = [
    ['new', 'create'],
    ['right', 'skip'],
    ['wrong', 'metadata'],
  ];
  const changes = [{ name: 'cache-control', from: 'max-age=60', to: 'no-cache' }];

  const dry = await run(true);
  assert.deepEqual([dry.states, dry.changes], [expected, changes]);
  assert.ok(dry.lines.includes('would change the headers of wrong (cache-control: max-age=60 → no-cache)'));
  assert.equal(dry.last, 'Would upload 1 file, 3 B; headers of 1 to change, 1 unchanged.');
  assert.equal(server.object('site', 'wrong')?.headers['cache-control'], 'max-age=60');

  const ran = await run(false);
  assert.deepEqual([ran.states, ran.changes], [expected, changes]);
  assert.ok(ran.lines.includes('changed the headers of wrong (cache-control: max-age=60 → no-cache)'));
  assert.match(ran.last ?? '', /^Uploaded 1 file, 3 B, in .*; headers of 1 changed, 1 unchanged\.$/);
  assert.equal(server.object('site', 'wrong')?.headers['cache-control'], 'no-cache');
  assert.equal((await run(false)).last, 'Nothing to upload; 3 unchanged.');
});
