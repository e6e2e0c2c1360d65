import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

describe('put modes', () => {
  it('compare size skips an edit of equal length, with a warning', async (t) => {
    const server = await serverFor(t);
    server.seed('site', 'a', 'BODY');
    server.seed('site', 'b', 'longer');
    const ran = await run(server, { source: makeTree(t, { a: 'body', b: 'body' }), compare: 'size' });
    assert.equal(ran.reasonOf('a'), 'same size');
    assert.equal(ran.reasonOf('b'), 'size differs');
    assert.equal(ran.report.warnings.length, 1);
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
