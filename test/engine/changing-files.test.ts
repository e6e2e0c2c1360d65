import assert from 'node:assert/strict';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Ran, run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

/** The only failure of a run: it has a hint, and says what happened to which file. */
function onlyFailure({ error, report }: Ran): Ran['report']['failures'][number] {
  assert.equal(error?.name, 'PartialFailureError');
  const [failure, ...more] = report.failures;
  assert.ok(failure !== undefined && more.length === 0);
  assert.ok((failure.hint ?? '').length > 0, `"${failure.message}" has no hint`);
  return failure;
}

test('a file that goes between survey and plan is no candidate any more', async (t) => {
  const server = await serverFor(t);
  const root = makeTree(t, { a: 'a', b: 'b', c: 'c' });
  const { error, report, keys } = await run(server, {
    source: root,
    onEvent: (event) => {
      if (event.type === 'phase' && event.phase === 'transfer') rmSync(join(root, 'b'));
    },
  });
  assert.equal(error, undefined);
  assert.deepEqual([keys('put'), report.complete, report.notAttempted], [['a', 'c'], true, 0]);
});

test('a file that goes between walk and read fails by name, and the others are put', async (t) => {
  const server = await serverFor(t);
  const root = makeTree(t, { a: 'a', b: 'b' });
  const ran = await run(server, {
    source: root,
    onEvent: (event) => {
      if (event.type === 'request' && event.verb === 'ListObjectsV2') rmSync(join(root, 'a'));
    },
  });
  const failure = onlyFailure(ran);
  assert.deepEqual([failure.key, failure.origin, failure.code], ['a', join(root, 'a'), 'ENOENT']);
  assert.ok(failure.message.includes(join(root, 'a')));
  assert.deepEqual([server.keys('site'), server.count('PutObject')], [['b'], 1]);
});

test('a file that grew between walk and read is put as it is now, and its bytes are counted', async (t) => {
  const server = await serverFor(t);
  const root = makeTree(t, { a: 'short' });
  const { error, outcomes, report } = await run(server, {
    source: root,
    onEvent: (event) => {
      if (event.type === 'request' && event.verb === 'ListObjectsV2') writeFileSync(join(root, 'a'), 'much longer');
    },
  });
  assert.equal(error, undefined);
  assert.equal(server.object('site', 'a')?.body.toString(), 'much longer');
  assert.deepEqual([outcomes[0]?.bytes, report.bytes, report.sourceBytes], [11, 11, 11]);
});

test('a file that changes each time it is read fails by name and is never sent', async (t) => {
  const server = await serverFor(t);
  const root = makeTree(t, { a: 'a', log: Buffer.alloc(8 * 1024 * 1024) });
  let writing = true;
  const write = () => {
    if (!writing) return;
    appendFileSync(join(root, 'log'), 'x');
    setImmediate(write);
  };
  write();
  const ran = await run(server, { source: root, mode: 'stupid' });
  writing = false;
  const failure = onlyFailure(ran);
  assert.deepEqual([failure.key, failure.code], ['log', 'SourceChanged']);
  assert.match(failure.message, /log changed while it was read, twice/);
  assert.deepEqual([server.keys('site'), server.count('PutObject')], [['a'], 1]);
});
