import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PutMode } from '../../src/index.js';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

type Remote = 'absent' | 'same' | 'same size' | 'other size';
const REMOTE: Readonly<Record<Remote, string | undefined>> = {
  absent: undefined,
  same: 'body',
  'same size': 'BODY',
  'other size': 'longer body',
};

/** [mode, remote, puts, reason] */
const TABLE: readonly (readonly [PutMode, Remote, 0 | 1, string])[] = [
  ['add', 'absent', 1, 'new'],
  ['add', 'same', 0, 'exists'],
  ['add', 'same size', 0, 'exists'],
  ['add', 'other size', 0, 'exists'],
  ['update', 'absent', 1, 'new'],
  ['update', 'same', 0, 'same content'],
  ['update', 'same size', 1, 'content differs'],
  ['update', 'other size', 1, 'size differs'],
  ['stupid', 'absent', 1, 'forced'],
  ['stupid', 'same', 1, 'forced'],
  ['stupid', 'same size', 1, 'forced'],
  ['stupid', 'other size', 1, 'forced'],
];

describe('put modes', () => {
  for (const [mode, remote, puts, reason] of TABLE) {
    it(`${mode} with the key ${remote} makes ${puts} put: ${reason}`, async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, { key: 'body' });
      const body = REMOTE[remote];
      if (body !== undefined) server.seed('site', 'key', body);
      const ran = await run(server, { source, mode });
      assert.equal(server.count('PutObject'), puts);
      assert.equal(server.count('HeadObject'), 0);
      assert.equal(server.count('ListObjectsV2'), mode === 'stupid' ? 0 : 1);
      assert.equal(ran.reasonOf('key'), reason);
      assert.equal(server.object('site', 'key')?.body.toString(), puts === 1 ? 'body' : body);
      const guard = server.requests.find(({ verb }) => verb === 'PutObject')?.headers['if-none-match'];
      assert.equal(guard, mode === 'add' && puts === 1 ? '*' : undefined);
    });

    it(`${mode} with the key ${remote} says the same in a dry run and writes nothing`, async (t) => {
      const server = await serverFor(t);
      const source = makeTree(t, { key: 'body' });
      const body = REMOTE[remote];
      if (body !== undefined) server.seed('site', 'key', body);
      const ran = await run(server, { source, mode, dryRun: true });
      assert.equal(ran.reasonOf('key'), reason);
      assert.equal(ran.report.counts.put, puts);
      assert.equal(ran.report.dryRun, true);
      assert.equal(server.count('PutObject'), 0);
      if (mode === 'stupid') assert.equal(server.requests.length, 0);
    });
  }

  it('compare size skips an edit of equal length, with a warning', async (t) => {
    const server = await serverFor(t);
    server.seed('site', 'a', 'BODY');
    server.seed('site', 'b', 'longer');
    const ran = await run(server, { source: makeTree(t, { a: 'body', b: 'body' }), compare: 'size' });
    assert.equal(ran.reasonOf('a'), 'same size');
    assert.equal(ran.reasonOf('b'), 'size differs');
    assert.equal(ran.report.warnings.length, 1);
  });

  it('never look at modification times', async (t) => {
    const server = await serverFor(t);
    const files = { a: '1', b: '2' };
    await run(server, { source: makeTree(t, files) });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const ran = await run(server, { source: makeTree(t, files) });
    assert.equal(ran.report.counts.skip, 2);
  });

  it('compare a file over 1 MiB by its content too', async (t) => {
    const server = await serverFor(t);
    const bytes = Buffer.alloc(3 * 1024 * 1024 + 17, 'abc');
    server.seed('site', 'same', bytes);
    server.seed('site', 'differs', Buffer.concat([bytes.subarray(1), Buffer.from('!')]));
    const ran = await run(server, { source: makeTree(t, { same: bytes, differs: bytes }) });
    assert.equal(ran.reasonOf('same'), 'same content');
    assert.equal(ran.reasonOf('differs'), 'content differs');
    assert.deepEqual(server.object('site', 'differs')?.body, bytes);
  });

  it('read a long listing only where the source has keys', async (t) => {
    const server = await serverFor(t, { mode: { pageSize: 10 } });
    for (let index = 0; index < 500; index++) server.seed('site', `other/${String(index).padStart(4, '0')}`, 'x');
    const names = Array.from({ length: 150 }, (_, index) => `z/${String(index).padStart(4, '0')}`);
    for (const name of names) server.seed('site', name, name);
    const ran = await run(server, { source: makeTree(t, Object.fromEntries(names.map((name) => [name, name]))) });
    assert.equal(ran.report.counts.skip, 150);
    assert.ok(server.count('ListObjectsV2') <= 16, `${server.count('ListObjectsV2')} listings`);
    assert.equal(server.count('HeadObject'), 0);
  });
});
