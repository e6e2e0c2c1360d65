import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { startPut } from '../../src/put.js';
import { connection, IMPATIENT, run, serverFor } from '../support/engine.js';
import { runs } from '../support/runs.js';

const LANES = ['wire', 'sdk'] as const;

test('whatever its key, an object put on either lane is found there by both and not put again', async (t) => {
  const grapheme = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
  const ascii = fc.string({
    unit: fc.constantFrom(...' !"#$%&\'()*+,-:;<=>?@[\\]^_`{|}~a0'),
    minLength: 1,
    maxLength: 8,
  });
  const segment = fc
    .oneof(grapheme, ascii)
    .filter((text) => !/[/\p{Cc}\p{Cs}]/u.test(text) && text !== '.' && text !== '..');
  const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(key, { minLength: 1, maxLength: 12 }), async (keys) => {
      for (const lane of LANES) {
        const server = await serverFor(t);
        const source = () => keys.map((each) => ({ key: each, body: `bytes of ${each}` }));
        const first = await run(server, { source: source() }, { ...IMPATIENT, lane });
        assert.equal(first.error, undefined);
        for (const each of keys) assert.equal(server.object('site', each)?.body.toString(), `bytes of ${each}`);
        for (const second of LANES) {
          const again = await run(server, { source: source() }, { ...IMPATIENT, lane: second });
          assert.deepEqual([again.error, again.report.counts.skip], [undefined, keys.length]);
        }
        // Where listing is denied, HEAD has to find them.
        server.mode({ deny: ['ListObjectsV2'] }, 'site');
        const again = await run(server, { source: source() }, { ...IMPATIENT, lane });
        assert.equal(again.report.counts.skip, keys.length);
        await server.close();
      }
    }),
    runs(8),
  );
});

test('both lanes put with the same headers, except those that name the client', async (t) => {
  const seen = await Promise.all(
    LANES.map(async (lane) => {
      const server = await serverFor(t);
      const options = { acl: 'bucket-owner-full-control', tagging: { a: 'b' }, metadata: { x: 'y' } } as const;
      const more = {
        requestPayer: true,
        cacheControl: 'no-cache',
        mode: 'stupid',
        contentType: 'text/x; charset=a',
      } as const;
      await run(server, { source: [{ key: 'k', body: 'b' }], ...options, ...more }, { ...IMPATIENT, lane });
      const headers = server.requests[0]?.headers ?? {};
      const own = /^(authorization|x-amz-date|user-agent|amz-sdk-.*|x-amz-user-agent|connection|host)$/;
      return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.test(name)));
    }),
  );
  assert.deepEqual(seen[0], seen[1]);
});

test('every request says what sends it', async (t) => {
  for (const lane of LANES) {
    const server = await serverFor(t);
    await run(server, { source: [{ key: 'k', body: 'b' }] }, { ...IMPATIENT, lane });
    for (const { headers } of server.requests) assert.match(headers['user-agent'] ?? '', /s3-parallel-put\/\d/);
  }
});

test('over http the body is signed, and a body that was changed on its way is refused', async (t) => {
  const server = await serverFor(t);
  await run(server, { source: [{ key: 'k', body: 'b' }] });
  const put = server.requests.find(({ verb }) => verb === 'PutObject');
  assert.match(put?.headers['x-amz-content-sha256'] ?? '', /^[0-9a-f]{64}$/);
});

test('a bucket that wants more than plain signatures uses the SDK, without an option', async (t) => {
  const server = await serverFor(t);
  const { credentials } = connection(server);
  // An Express bucket begins with a session, which only the SDK knows to ask for.
  const job = startPut(
    {
      source: [{ key: 'k', body: 'b' }],
      bucket: 'site--use1-az4--x-s3',
      endpointUrl: server.url,
      region: 'us-east-1',
      mode: 'stupid',
      credentials,
    },
    IMPATIENT,
  );
  await assert.rejects(async () => await job);
  assert.ok(server.requests.some(({ query }) => 'session' in query));
  assert.equal(server.count('PutObject'), 0);
});
