import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { copyServer, seed } from '../support/copies.js';
import { run, runCopy, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

describe('names that mean something else elsewhere', () => {
  for (const [serverHeader, warned] of [
    ['AmazonS3', false],
    ['Ceph Object Gateway', false],
    ['MinIO', true],
    ['VERSITYGW', true],
    [undefined, true],
  ] as const)
    it(`a key that is also a folder is a warning where objects are files: ${serverHeader ?? 'unknown server'}`, async (t) => {
      const server = await serverFor(t, { mode: { serverHeader } });
      const root = makeTree(t, { 'one/about': '1', 'one/z': '1', 'two/about/team.html': '2', 'two/about-us': '3' });
      for (const source of [
        [`${root}/one`, `${root}/two`],
        [
          { key: 'p/q', body: '1' },
          { key: 'p', body: '2' },
        ],
      ]) {
        const { report } = await run(server, { source });
        assert.equal(report.warnings.filter((text) => /1 key is also a folder/.test(text)).length, warned ? 1 : 0);
      }
    });

  for (const [serverHeader, warned] of [
    ['AmazonS3', false],
    ['MinIO', true],
  ] as const)
    it(`a copy says so too: ${serverHeader}`, async (t) => {
      const server = await copyServer(t);
      server.mode({ serverHeader });
      for (const key of ['about', 'about-us', 'about/team.html', 'e\u0301']) seed(server, key, key);
      const { report, error } = await runCopy(server);
      assert.equal(error, undefined);
      assert.deepEqual(
        report.warnings.map((text) => /1 key is also a folder.*"about\/team.html"/.test(text)),
        warned ? [true] : [],
      );
    });

  it('decomposed names are one warning with an example and a count', async (t) => {
    const server = await serverFor(t);
    const root = makeTree(t, { 'u\u0308ber.html': '1', 'a/e\u0301': '2', plain: '3' });
    const { report, error } = await run(server, { source: root });
    assert.equal(error, undefined);
    assert.equal(report.warnings.length, 1);
    assert.match(report.warnings[0] ?? '', /2 keys have accents.*NFD/);
    const items = await run(server, {
      source: [
        { key: 'e\u0301', body: '1' },
        { key: '\u00e9', body: '2' },
      ],
    });
    assert.equal(items.report.warnings.length, 2);
  });
});
