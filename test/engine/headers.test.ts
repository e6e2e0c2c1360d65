import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

describe('headers', () => {
  it('send a literal content type, cache control, ACL, metadata and others verbatim, and no header that was not given', async (t) => {
    const server = await serverFor(t);
    await run(server, {
      source: makeTree(t, { 'a.html': 'x' }),
      contentType: 'text/x-mine; charset=latin1',
      cacheControl: 'public, max-age=60, stale-while-revalidate=5',
      acl: 'public-read',
      metadata: { a: '1', 'long-name': 'b:c, d' },
      headers: {
        'Content-Disposition': 'attachment; filename="x:y.html"',
        Expires: 'Wed, 21 Oct 2026 07:28:00 GMT',
        'Content-Language': 'de',
      },
    });
    const [put] = server.requests.filter(({ verb }) => verb === 'PutObject');
    assert.equal(put?.headers['content-type'], 'text/x-mine; charset=latin1');
    assert.equal(put?.headers['cache-control'], 'public, max-age=60, stale-while-revalidate=5');
    assert.equal(put?.headers['x-amz-acl'], 'public-read');
    assert.equal(put?.headers['x-amz-meta-a'], '1');
    assert.equal(put?.headers['x-amz-meta-long-name'], 'b:c, d');
    assert.equal(put?.headers['content-disposition'], 'attachment; filename="x:y.html"');
    assert.equal(put?.headers.expires, 'Wed, 21 Oct 2026 07:28:00 GMT');
    await run(server, { source: makeTree(t, { plain: 'x' }) });
    const plain = server.requests.find(({ key }) => key === 'plain');
    assert.equal(plain?.headers['x-amz-acl'], undefined);
    assert.equal(plain?.headers['cache-control'], undefined);
    assert.deepEqual(
      Object.keys(plain?.headers ?? {}).filter((name) => /checksum|acl|meta|storage/.test(name)),
      ['x-amz-checksum-crc32'],
    );
  });

  it('of one item that cannot be sent fail that item only', async (t) => {
    const server = await serverFor(t);
    const headers = ({ relativePath }: { relativePath: string }) =>
      relativePath === 'b' ? { 'x-amz-meta-a': 'line\nbreak' } : undefined;
    const ran = await run(server, { source: makeTree(t, { a: '1', b: '2', c: '3' }), headers });
    assert.deepEqual(ran.keys('put'), ['a', 'c']);
    assert.deepEqual(ran.keys('fail'), ['b']);
    const thrown = await run(server, {
      source: makeTree(t, { d: '1' }),
      headers: () => {
        throw new Error('hook broke');
      },
    });
    assert.match(thrown.reasonOf('d') ?? '', /hook broke/);
  });
});
