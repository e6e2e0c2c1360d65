import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
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

describe('keys in one Unicode form', () => {
  const NFD = 'cafe\u0301';
  const NFC = 'caf\u00e9';

  it('come from names in another one, while globs, hooks and rules see the path as it is on disk', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { [`${NFD}/a.txt`]: '1', [`${NFD}/b.txt`]: '2', plain: '3' });
    const seen: string[] = [];
    const ran = await run(server, {
      source,
      prefix: `${NFD}/`,
      normalize: 'nfc',
      exclude: [`${NFD}/b.txt`],
      rules: [{ match: `${NFD}/*`, cacheControl: 'no-cache' }],
      filter: ({ relativePath, key }) => {
        seen.push(relativePath, key);
        return true;
      },
    });
    assert.equal(ran.error, undefined);
    // The prefix is as it was given.
    assert.deepEqual(server.keys('site'), [`${NFD}/${NFC}/a.txt`, `${NFD}/plain`]);
    assert.equal(server.object('site', `${NFD}/${NFC}/a.txt`)?.headers['cache-control'], 'no-cache');
    assert.ok(seen.includes(`${NFD}/a.txt`) && seen.includes(`${NFD}/${NFC}/a.txt`), seen.join());
  });

  it('are all unchanged in a second run, and without a warning', async (t) => {
    const server = await serverFor(t);
    // In ascending order the composed names come in between others, the decomposed ones before them.
    const source = makeTree(t, { [`${NFD}1`]: '1', [`${NFD}/x`]: '2', cafz: '3', [`${NFC}2`]: '4', zz: '5' });
    await run(server, { source, normalize: 'nfc' });
    const again = await run(server, { source, normalize: 'nfc' });
    assert.equal(again.report.counts.skip, 5);
    assert.deepEqual(again.report.warnings, []);
    assert.deepEqual(server.keys('site'), ['cafz', `${NFC}/x`, `${NFC}1`, `${NFC}2`, 'zz']);
  });

  it('that come from two names are an error that names both, before anything is sent', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { [`${NFD}.txt`]: '1', [`${NFC}.txt`]: '2' });
    const ran = await run(server, { source, normalize: 'nfc' });
    assert.match(String(ran.error), new RegExp(`Two sources give the key "${NFC}.txt".*${NFD}.txt.*${NFC}.txt`));
    assert.deepEqual(server.requests, []);
  });

  it('come from items and from the function key, too', async (t) => {
    const server = await serverFor(t);
    const items = [{ key: NFD, body: '1' }];
    const ran = await run(server, { source: items, normalize: 'nfc' });
    assert.equal(ran.error, undefined);
    const source = makeTree(t, { plain: '1' });
    await run(server, { source, normalize: 'nfc', key: () => `${NFD}/hook` });
    assert.deepEqual(server.keys('site'), [NFC, `${NFC}/hook`]);
    const twice = await run(server, { source: [...items, { key: NFC, body: '2' }], normalize: 'nfc' });
    assert.equal(twice.report.counts.fail, 1);
    assert.match(twice.report.failures[0]?.message ?? '', /the key was given before/);
  });

  it('are in archives as in folders', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, { [`tree/${NFD}/a`]: '1' });
    execFileSync('tar', ['-cf', `${source}/t.tar`, '-C', `${source}/tree`, '.']);
    execFileSync('tar', ['-czf', `${source}/t.tgz`, '-C', `${source}/tree`, '.']);
    for (const [index, name] of ['t.tar', 't.tgz'].entries()) {
      const ran = await run(server, { source: `${source}/${name}`, prefix: `p${index}`, normalize: 'nfc' });
      assert.equal(ran.error, undefined);
    }
    assert.deepEqual(server.keys('site'), [`p0/${NFC}/a`, `p1/${NFC}/a`]);
  });

  it('are as on disk without the option', async (t) => {
    const server = await serverFor(t);
    const ran = await run(server, { source: makeTree(t, { [NFD]: '1' }) });
    assert.match(ran.report.warnings.join(), /Set normalize: 'nfc'/);
    assert.deepEqual(server.keys('site'), [NFD]);
  });
});

describe('source maps', () => {
  const TREE = { 'app.js': '1', 'app.js.map': '{}', 'app.css.map': '{}' };

  it('are one warning that names the exclude for them', async (t) => {
    const server = await serverFor(t);
    const { report } = await run(server, { source: makeTree(t, TREE) });
    assert.equal(report.warnings.length, 1);
    assert.match(report.warnings[0] ?? '', /^2 source maps are among the files, for example "app\.css\.map"/);
    assert.equal(server.keys('site').length, 3);
  });

  it('are none where they are left out, meant, or the warning is turned off', async (t) => {
    const server = await serverFor(t);
    const source = makeTree(t, TREE);
    for (const options of [
      { exclude: '*.map' },
      { warnSourceMaps: false },
      { rules: [{ match: '*.map', cacheControl: 'private' }] },
      { include: ['*.js', '*.map'] },
    ]) {
      const { report } = await run(server, { source, ...options });
      assert.deepEqual(report.warnings, [], JSON.stringify(options));
    }
  });
});
