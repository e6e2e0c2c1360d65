import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { FaultKind, S3Server } from 'fake-s3';
import type { PutOptions } from '../../src/index.js';
import { IMPATIENT, type Ran, run, serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';

/** Files of all kinds that the short way takes, or leaves to the general one. */
const FILES: Readonly<Record<string, string | Buffer>> = {
  ...Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`p${index}.html`, `<p>page ${index}</p>`])),
  'a b/ü.css': 'p{}',
  'empty.txt': '',
  'latin1.html': Buffer.from('<p>\xe9</p>', 'latin1'),
  'packed.json': Buffer.from('1f8b0800000000000003ab56504a4c4a56aa050065f3eb1e09000000', 'hex'),
  'packed.png': Buffer.from('1f8b0800000000000003ab56504a4c4a56aa050065f3eb1e09000000', 'hex'),
  'no-ending': 'text',
  'module.ts': 'export {};',
  'photo.jpg': Buffer.alloc(15_000, 'p'),
  'larger.js': Buffer.alloc(40_000, 'j'),
  'large.js': Buffer.alloc(90_000, 'l'),
  'longest.js': Buffer.alloc(256 * 1024, 's'),
  'longer.js': Buffer.alloc(256 * 1024 + 1, 'g'),
};
const KEYS = Object.keys(FILES);

/** Leaves every put to the general way. */
const GENERAL = { ...IMPATIENT, smallestOnThread: Number.POSITIVE_INFINITY };

/** What a run has done, without times, and without what depends on which connection was free. */
function done({ outcomes, events, report, error }: Ran, server: S3Server): Record<string, unknown> {
  const masked = (text: string | undefined): string | undefined =>
    text?.replaceAll(/request [0-9A-F]{16}/g, 'request').replaceAll(/127\.0\.0\.1:\d+/g, 'server');
  const { requests, retries, throttles, counts, warnings, complete } = report;
  return {
    outcomes: outcomes
      .map(({ startedAt: _, durationMs: __, error: failed, etag, reason, ...rest }) => ({
        ...rest,
        failed: masked(failed?.message),
        reason: masked(reason),
        // Under a KMS key they are arbitrary.
        etag: rest.verified === 'md5' ? etag : etag !== undefined,
      }))
      .sort((one, other) => (one.key < other.key ? -1 : 1)),
    objects: server.keys('site').map((key) => {
      const { headers, body } = server.object('site', key) ?? {};
      return [key, headers, body?.length, body && hash('md5', body)];
    }),
    report: { requests, retries, throttles, counts, complete, warnings: warnings.length },
    requests: events.filter(({ type }) => type === 'request').length,
    error: masked(error?.message),
  };
}

const FAULTS: readonly (readonly [string, FaultKind])[] = [
  ['a 500', { type: 'status', status: 500 }],
  ['a 429', { type: 'status', status: 429, code: 'TooManyRequests' }],
  ['a 403', { type: 'status', status: 403, code: 'AccessDenied' }],
  ['a refused checksum', { type: 'status', status: 501, code: 'NotImplemented' }],
  ['a reset', { type: 'reset' }],
  ['a lost response', { type: 'reset', stored: true }],
  ['a truncated response', { type: 'truncate' }],
  ['an error in a 200', { type: 'error-in-200' }],
  ['a wrong checksum', { type: 'wrong-checksum' }],
];

function differing(short: unknown, general: unknown): string {
  if (!Array.isArray(short) || !Array.isArray(general))
    return `${JSON.stringify(short)} instead of ${JSON.stringify(general)}`;
  const only = (these: unknown[], those: unknown[]) => these.filter((line) => !those.includes(line)).slice(0, 3);
  return `${only(short, general).join('\n')}\ninstead of\n${only(general, short).join('\n')}`;
}

/** What stands before a server: it gets each connection with its number, from 1, and resolves with its address. */
type Before = (client: Socket, server: () => Socket, nth: number) => void;

async function front(t: TestContext, { url }: S3Server, before: Before): Promise<string> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => {}));
    return socket;
  };
  let nth = 0;
  const listener = createServer((client) => {
    nth += 1;
    before(keep(client), () => keep(connect(Number(new URL(url).port), '127.0.0.1')), nth);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  const address = listener.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

const pass: Before = (client, server) => {
  const backend = server();
  client.pipe(backend).pipe(client);
};

/** Lets the server close each connection after its response. */
const closing: Before = (client, server) => {
  const backend = server();
  client.pipe(backend);
  backend.on('data', (bytes: Buffer) =>
    client.end(bytes.toString('latin1').replace('\r\n', '\r\nconnection: close\r\n'), 'latin1'),
  );
};

/** Closes some connections, in no simple order, before anything is sent. */
const closingSome: Before = (client, server, nth) => {
  if ((nth * 7_919) % 11 < 4) client.resetAndDestroy();
  else closing(client, server, nth);
};

/** Compares the two ways, on a server of its own for each. */
async function assertSame(
  t: TestContext,
  prepare: (server: S3Server) => void,
  options: Partial<PutOptions> = {},
  before?: Before | 'down',
): Promise<void> {
  const source = makeTree(t, FILES);
  const ways = await Promise.all(
    [IMPATIENT, GENERAL].map(async (internals) => {
      const server = await serverFor(t, { buckets: { site: {} } });
      prepare(server);
      if (before === 'down') await server.close();
      const at = before === undefined || before === 'down' ? {} : { endpointUrl: await front(t, server, before) };
      return done(await run(server, { source, concurrency: 1, ...at, ...options }, internals), server);
    }),
  );
  // The assertion would take minutes to print all of a long difference.
  const [short = {}, general = {}] = ways;
  for (const [name, value] of Object.entries(general)) {
    const texts = [short[name], value].map((one) =>
      Array.isArray(one) ? one.map((line) => JSON.stringify(line)) : one,
    );
    if (!isDeepStrictEqual(texts[0], texts[1])) assert.fail(differing(texts[0], texts[1]));
  }
}

describe('small files are put by the short way as by the general one', () => {
  // One after the other: how a put is checked depends on whether a response has shown what the server is.
  for (const mode of ['stupid', 'add', 'update'] as const)
    test(`in mode ${mode}`, (t) => assertSame(t, () => {}, { mode }));
  test('with headers for all', (t) =>
    assertSame(t, () => {}, { cacheControl: 'no-cache', metadata: { note: 'a  b' }, storageClass: 'STANDARD_IA' }));
  test('with rules', (t) =>
    assertSame(t, () => {}, { rules: [{ match: '*.html', cacheControl: 'no-cache' }], order: 'site' }));
  test('in the order of a site', (t) =>
    assertSame(t, () => {}, { order: 'site', delete: true, mode: 'update', prefix: 'docs' }));
  test('with Content-MD5, and unchecked', async (t) => {
    await assertSame(t, () => {}, { checksum: 'md5' });
    await assertSame(t, () => {}, { checksum: 'off' });
  });
  test('on a server that ignores checksums, and one that refuses them', async (t) => {
    await assertSame(t, (server) => server.mode({ checksums: 'ignored', serverHeader: undefined }));
    await assertSame(t, (server) => server.mode({ checksums: 'refused', serverHeader: undefined }));
  });
  test('where many connections wait for responses that only an ETag proves', (t) =>
    assertSame(
      t,
      (server) => {
        server.mode({ checksums: 'ignored' });
        server.fault({ verb: 'PutObject', occurrences: 'all', type: 'delay', ms: 20 });
      },
      { concurrency: 16, checksum: 'crc32' },
    ));
  test('on a server whose clock is wrong, and one that encrypts', async (t) => {
    await assertSame(t, (server) => server.mode({ clockOffset: 3_600_000 }));
    await assertSame(t, (server) => server.mode({ kms: true }));
  });
  test('through what passes all on, and over connections that are closed after each response', async (t) => {
    await assertSame(t, () => {}, {}, pass);
    await assertSame(t, () => {}, {}, closing);
  });
  test('where no connection can be opened', (t) => assertSame(t, () => {}, { maxAttempts: 2, mode: 'stupid' }, 'down'));
  for (const [name, fault] of FAULTS)
    test(`after ${name} to some, once or always`, async (t) => {
      const strike = (occurrences: 1 | 'all') => (server: S3Server) => {
        for (const key of KEYS.filter((_, index) => index % 3 === 1))
          server.fault({ verb: 'PutObject', key, occurrences, ...fault });
      };
      await assertSame(t, strike(1));
      // A server that refuses for now is waited for longer than a test lasts.
      if (fault.type !== 'status' || fault.status !== 429) await assertSame(t, strike('all'), { maxAttempts: 2 });
    });
});

test('small files are put where some connections are closed at once', async (t) => {
  const server = await serverFor(t);
  const source = makeTree(t, FILES);
  const endpointUrl = await front(t, server, closingSome);
  const { error, report, outcomes } = await run(server, { source, endpointUrl, concurrency: 3, maxAttempts: 20 });
  assert.equal(error, undefined);
  assert.equal(report.counts.put, KEYS.length);
  // A connection that fails is a failed attempt of the object that waited for it.
  assert.ok(outcomes.some(({ attempts }) => (attempts ?? 1) > 1));
  assert.deepEqual(server.keys('site').sort(), [...KEYS].sort());
});

test('a run that stops at the first failure lets every object end, by the short way too', async (t) => {
  const source = makeTree(t, FILES);
  const server = await serverFor(t);
  server.fault({ verb: 'PutObject', key: 'p3.html', occurrences: 'all', type: 'status', status: 403, code: 'Odd' });
  const { report, outcomes } = await run(server, { source, concurrency: 2, failFast: true });
  assert.deepEqual([report.counts.fail, report.complete], [1, false]);
  assert.equal(report.counts.put, server.keys('site').length);
  assert.equal(outcomes.length + (report.notAttempted ?? 0), KEYS.length);
});

test('an abort leaves nothing unsaid, by the short way too', async (t) => {
  const source = makeTree(t, FILES);
  const server = await serverFor(t);
  const held = server.fault({ verb: 'PutObject', key: /^p[5-9]/, occurrences: 'all', type: 'hold' });
  const controller = new AbortController();
  const timer = setInterval(() => held.hits > 0 && controller.abort(new Error('enough')), 5);
  t.after(() => clearInterval(timer));
  const { error, report, outcomes } = await run(server, { source, concurrency: 2, signal: controller.signal });
  held.clear();
  assert.equal(error?.name, 'AbortError');
  assert.ok(report.counts.unknown > 0);
  assert.equal(outcomes.length + (report.notAttempted ?? 0), KEYS.length);
  for (const { action, key } of outcomes)
    if (action === 'put') assert.deepEqual(server.object('site', key)?.body, Buffer.from(FILES[key] ?? ''));
});
