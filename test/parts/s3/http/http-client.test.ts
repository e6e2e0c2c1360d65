import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AbortedInFlight,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
  onNewConnection,
  type Patience,
} from '../../../../src/s3/http/http-client.js';
import { socketClient } from '../../../../src/s3/http/socket-client.js';
import { undiciClient } from '../../../../src/s3/http/undici-client.js';
import { OK, type ScriptServer, scriptServer } from '../../../support/script-server.js';
import { until } from '../../../support/until.js';

const PATIENT: Patience = { connectMs: 20_000, sendMs: 20_000, responseMs: 20_000 };
const HASTY: Patience = { connectMs: 500, sendMs: 200, responseMs: 300 };
const never = new AbortController().signal;
const inFlightWith =
  (reason: Error) =>
  (error: unknown): boolean =>
    error instanceof AbortedInFlight && error.cause === reason;

type Make = (t: TestContext, patience?: Patience, proxy?: string) => Promise<HttpClient>;
const ended = (t: TestContext, client: HttpClient): HttpClient => {
  t.after(() => client.close());
  return client;
};
const CLIENTS: readonly (readonly [name: 'sockets' | 'undici', make: Make])[] = [
  ['sockets', async (t, patience = PATIENT, proxy) => ended(t, socketClient({ patience, proxy }))],
  ['undici', async (t, patience = PATIENT, proxy) => ended(t, undiciClient({ patience, proxy }))],
];

function put(server: ScriptServer, body: Buffer | undefined, more: Partial<HttpRequest> = {}): HttpRequest {
  const headers = { host: new URL(server.origin).host, 'x-amz-meta-a': 'b' };
  return { origin: server.origin, method: 'PUT', target: '/b/k%20%C3%BC?x=y', headers, body, ...more };
}

const codeOf = (promise: Promise<HttpResponse>): Promise<string> =>
  promise.then(
    () => 'responded',
    (error: { code: string }) => error.code,
  );

const BIG = Buffer.alloc(24 * 1024 * 1024, 'x');

for (const [name, make] of CLIENTS) {
  for (const size of [0, 1, 65_536, 65_537, 1_000_000]) {
    test(`${name}: a request with a body of ${size} bytes arrives unchanged, and its response is returned`, async (t) => {
      const server = await scriptServer(t, (socket) => socket.write(OK));
      const client = await make(t);
      const body = Buffer.alloc(size, 'ab');
      const response = await client.send(put(server, body), never);
      assert.deepEqual([response.status, response.headers().etag, response.body.toString()], [200, '"abc"', 'hi']);
      const [heard] = server.heard;
      assert.ok(heard?.body.equals(body));
      assert.match(heard?.head ?? '', /^PUT \/b\/k%20%C3%BC\?x=y HTTP\/1\.1\r\n/);
      assert.match(heard?.head ?? '', new RegExp(`^content-length: ${size}$`, 'im'));
      assert.match(heard?.head ?? '', /^x-amz-meta-a: b$/im);
      assert.doesNotMatch(heard?.head ?? '', /expect:/i);
    });
  }

  test(`${name}: a connection serves one request after the other, one at a time`, async (t) => {
    let inFlight = 0;
    const server = await scriptServer(t, (socket) => {
      inFlight += 1;
      setTimeout(() => {
        inFlight -= 1;
        socket.write(OK);
      }, 5);
    });
    const client = await make(t);
    for (let i = 0; i < 5; i++) await client.send(put(server, Buffer.from('x')), never);
    // undici may open a second connection before it knows that the first is free.
    assert.ok(server.connections.length <= (name === 'sockets' ? 1 : 2));
    await Promise.all(Array.from({ length: 8 }, () => client.send(put(server, Buffer.from('x')), never)));
    const open = server.connections.length;
    assert.ok(open === 8 || (name === 'undici' && open === 9));
    for (let i = 0; i < 8; i++) await client.send(put(server, Buffer.from('x')), never);
    assert.equal(server.connections.length, open);
    assert.equal(inFlight, 0);
  });

  test(`${name}: a connection that the response closes is not used again`, async (t) => {
    const server = await scriptServer(t, (socket) => socket.end(OK.replace('\r\n', '\r\nconnection: close\r\n')));
    const client = await make(t);
    for (let i = 0; i < 3; i++) await client.send(put(server, undefined), never);
    assert.equal(server.connections.length, 3);
  });

  test(`${name}: a redirect is a response, and is not followed`, async (t) => {
    const server = await scriptServer(t, (socket) =>
      socket.write('HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'),
    );
    const response = await (await make(t)).send(put(server, Buffer.from('x')), never);
    assert.deepEqual([response.status, server.heard.length], [307, 1]);
  });

  test(`${name}: a refusal that comes before the body has arrived is the response`, async (t) => {
    const refusal = 'HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\nconnection: close\r\n\r\ngone';
    const server = await scriptServer(
      t,
      () => {},
      (socket) => {
        socket.pause();
        socket.write(refusal);
      },
    );
    const response = await (await make(t)).send(put(server, BIG), never);
    assert.deepEqual([response.status, response.body.toString()], [404, 'gone']);
  });

  test(`${name}: a success before the body has arrived, followed by the end of the connection, is a failure`, async (t) => {
    const early = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
    const server = await scriptServer(
      t,
      () => {},
      (socket) => {
        socket.pause();
        socket.end(early);
      },
    );
    const client = await make(t, { connectMs: 2_000, sendMs: 200, responseMs: 200 });
    assert.match(await codeOf(client.send(put(server, BIG), never)), /^(ECONNRESET|EPIPE|StalledSend)$/);
  });

  test(`${name}: a slow line is no stall while it carries the requests in flight`, async (t) => {
    // Each connection reads 64 KiB every 150 ms, so it is silent for longer than the patience on a free line.
    const server = await scriptServer(
      t,
      (socket) => socket.write(OK),
      (socket) => {
        const pace = setInterval(() => {
          socket.resume();
          setTimeout(() => socket.pause(), 1);
        }, 150);
        socket.once('close', () => clearInterval(pace));
      },
    );
    const client = await make(t, { connectMs: 2_000, sendMs: 100, responseMs: 100 });
    const bodies = Array.from({ length: 4 }, () => client.send(put(server, Buffer.alloc(400_000, 'x')), never));
    for (const response of await Promise.all(bodies)) assert.equal(response.status, 200);
  });

  test(`${name}: a slow source is no stall`, async (t) => {
    const server = await scriptServer(t, (socket) => socket.write(OK));
    const client = await make(t, { connectMs: 2_000, sendMs: 100, responseMs: 100 });
    const slices = async function* () {
      for (let i = 0; i < 3; i++) {
        await sleep(400);
        yield Buffer.alloc(1_000, 'x');
      }
    };
    const response = await client.send(put(server, undefined, { body: { length: 3_000, slices } }), never);
    assert.deepEqual([response.status, server.heard[0]?.body.length], [200, 3_000]);
  });

  test(`${name}: a server that stops reading a body from a slow source is a stalled send`, async (t) => {
    const server = await scriptServer(
      t,
      () => {},
      (socket) => socket.pause(),
    );
    const client = await make(t, HASTY);
    const slices = async function* () {
      for (let at = 0; at < BIG.length; at += 131_072) yield BIG.subarray(at, at + 131_072);
    };
    const body = { length: BIG.length, slices };
    assert.equal(await codeOf(client.send(put(server, undefined, { body }), never)), 'StalledSend');
  });

  for (const body of [undefined, Buffer.from('x'), BIG]) {
    const size = body?.length ?? 'no';
    test(`${name}: a request fails if its proxy does not respond to CONNECT, before ${size} bytes of a body are sent`, async (t) => {
      const proxy = await scriptServer(t, () => {});
      const client = await make(t, HASTY, proxy.origin);
      const request = put(proxy, body, { origin: 'https://bucket.example' });
      assert.equal(await codeOf(client.send(request, never)), 'ConnectTimeout');
      assert.match(proxy.heard[0]?.head ?? '', /^CONNECT /);
    });

    test(`${name}: a request fails if its server does not finish the TLS handshake, before ${size} bytes of a body are sent`, async (t) => {
      const server = await scriptServer(t, () => {});
      const client = await make(t, HASTY);
      const request = put(server, body, { origin: server.origin.replace('http:', 'https:') });
      assert.equal(await codeOf(client.send(request, never)), 'ConnectTimeout');
    });
  }

  const FAULTS: readonly (readonly [
    what: string,
    code: RegExp,
    server: (t: TestContext) => Promise<ScriptServer>,
    body?: Buffer,
  ])[] = [
    ['reads and never responds', /^SilentServer$/, (t) => scriptServer(t, () => {})],
    [
      'stops in the middle of its response',
      /^SilentServer$/,
      (t) => scriptServer(t, (socket) => socket.write(OK.slice(0, -1))),
    ],
    [
      'stops reading a large body',
      /^StalledSend$/,
      (t) =>
        scriptServer(
          t,
          () => {},
          (socket) => socket.pause(),
        ),
      BIG,
    ],
    ['resets the connection', /^(ECONNRESET|EPIPE)$/, (t) => scriptServer(t, (socket) => socket.resetAndDestroy())],
    ['closes the connection without a response', /^ECONNRESET$/, (t) => scriptServer(t, (socket) => socket.end())],
    [
      'closes in the middle of the response body',
      /^TruncatedAnswer$|^ECONNRESET$/,
      (t) => scriptServer(t, (socket) => socket.end(OK.slice(0, -1))),
    ],
    [
      'responds with something else than HTTP',
      /^MalformedAnswer$|^ECONNRESET$/,
      (t) => scriptServer(t, (socket) => socket.end('hello, who is there?\r\n\r\n')),
    ],
  ];
  for (const [what, code, serverFor, body = Buffer.from('x')] of FAULTS) {
    test(`${name}: a server that ${what} is a failure with its code, and the next request takes another connection`, async (t) => {
      const server = await serverFor(t);
      const client = await make(t, HASTY);
      assert.match(await codeOf(client.send(put(server, body), never)), code);
      assert.match(await codeOf(client.send(put(server, body), never)), code);
      // undici opens the next connection before it is needed.
      assert.ok(server.connections.length === 2 || name === 'undici');
    });
  }

  test(`${name}: a request without a body fails, too, if the server never responds`, async (t) => {
    const server = await scriptServer(t, () => {});
    const client = await make(t, HASTY);
    assert.equal(await codeOf(client.send(put(server, undefined, { method: 'HEAD' }), never)), 'SilentServer');
  });

  test(`${name}: a response that keeps coming may take any time`, async (t) => {
    const server = await scriptServer(t, async (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n');
      for (let i = 0; i < 10; i++) {
        await sleep(100);
        socket.write(' ');
      }
    });
    const response = await (await make(t, HASTY)).send(put(server, undefined), never);
    assert.equal(response.body.toString(), ' '.repeat(10));
  });

  for (const responseMs of [undefined, 300]) {
    const kind = responseMs === undefined ? 'a response' : 'a response to a slow verb';
    test(`${name}: ${kind} that only drips fails some day, although none of its pauses is long`, async (t) => {
      const server = await scriptServer(t, (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        const drip = setInterval(() => socket.write('1\r\n \r\n'), 50);
        socket.once('close', () => clearInterval(drip));
      });
      const client = await make(t, HASTY);
      assert.equal(await codeOf(client.send(put(server, Buffer.from('x'), { responseMs }), never)), 'SilentServer');
    });
  }

  test(`${name}: a long body that comes slowly but steadily is no drip`, async (t) => {
    const server = await scriptServer(t, async (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n');
      for (let i = 0; i < 20; i++) {
        await sleep(100);
        socket.write(Buffer.alloc(100));
      }
    });
    const response = await (await make(t, HASTY)).send(put(server, undefined, { method: 'GET' }), never);
    assert.equal(response.body.length, 2000);
  });

  test(`${name}: the response to a body may begin long before its end`, async (t) => {
    const server = await scriptServer(
      t,
      (socket) => socket.write(OK),
      (socket) => socket.write('HTTP/1.1 102 Processing\r\n\r\n'),
    );
    const slices = async function* () {
      for (let i = 0; i < 20; i++) {
        await sleep(100);
        yield Buffer.alloc(100, 'x');
      }
    };
    const client = await make(t, HASTY);
    const response = await client.send(put(server, undefined, { body: { length: 2_000, slices } }), never);
    assert.equal(response.status, 200);
  });

  for (const status of [500, 502, 503, 504, 599])
    test(`${name}: a connection that answered ${status} is not used again, although it is kept alive`, async (t) => {
      const server = await scriptServer(t, (socket) =>
        socket.write(`HTTP/1.1 ${status} No\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nhi`),
      );
      const client = await make(t);
      for (const method of ['PUT', 'GET', 'PUT']) {
        const body = method === 'PUT' ? Buffer.from('x') : undefined;
        assert.equal((await client.send(put(server, body, { method }), never)).status, status);
      }
      assert.deepEqual(
        server.heard.map(({ connection }) => connection),
        [0, 1, 2],
      );
    });

  test(`${name}: a retry may ask for a connection that was never used, and only the retry gets one`, async (t) => {
    const server = await scriptServer(t, (socket) => socket.write(OK));
    const client = await make(t);
    const all = Array.from({ length: 3 }, () => client.send(put(server, Buffer.from('x')), never));
    await Promise.all(all);
    const used = server.connections.length;
    const fresh = onNewConnection(never);
    assert.equal(onNewConnection(never), fresh);
    for (let i = 0; i < 3; i++) await client.send(put(server, Buffer.from('x')), fresh);
    const connections = server.heard.slice(3).map(({ connection }) => connection);
    assert.equal(new Set(connections).size, 3);
    assert.ok(connections.every((connection) => connection >= used));
  });

  test(`${name}: a signal for new connections follows its own, and an abort ends its requests with the reason`, async (t) => {
    const server = await scriptServer(t, () => {});
    const client = await make(t);
    const controller = new AbortController();
    const reason = new Error('enough');
    const end = assert.rejects(
      client.send(put(server, undefined), onNewConnection(controller.signal)),
      inFlightWith(reason),
    );
    while (server.heard.length < 1) await sleep(5);
    controller.abort(reason);
    await end;
  });

  for (const [what, response] of [
    ['whose proxy does not respond to CONNECT', undefined],
    ['whose server is silent behind its proxy', 'HTTP/1.1 200 OK\r\n\r\n'],
  ] as const)
    test(`${name}: an abort ends requests ${what}, and closing ends its connections`, async (t) => {
      const proxy = await scriptServer(t, (socket) => response !== undefined && socket.write(response));
      const client = await make(t, { ...PATIENT, connectMs: 600_000 }, proxy.origin);
      const controller = new AbortController();
      const reason = new Error('enough');
      const request = put(proxy, Buffer.from('x'), { origin: 'https://bucket.example' });
      const ends = Promise.allSettled(Array.from({ length: 5 }, () => client.send(request, controller.signal)));
      while (proxy.heard.length < 5) await sleep(5);
      controller.abort(reason);
      for (const end of await ends) assert.ok(end.status === 'rejected' && end.reason === reason);
      client.close();
      await until(() => proxy.connections.every((connection) => connection.closed));
    });

  test(`${name}: a proxy that has not responded to CONNECT is tried again`, async (t) => {
    const proxy = await scriptServer(t, (socket, _heard, nth) => {
      if (nth > 4) socket.end('HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n');
    });
    const client = await make(t, HASTY, proxy.origin);
    const request = put(proxy, Buffer.from('x'), { origin: 'https://bucket.example' });
    const codes = () => Promise.all(Array.from({ length: 4 }, () => codeOf(client.send(request, never))));
    assert.deepEqual(await codes(), Array(4).fill('ConnectTimeout'));
    while ((await codes()).includes('ConnectTimeout'));
    assert.ok(proxy.heard.length >= 8);
  });

  test(`${name}: one request may have more patience than the others`, async (t) => {
    const server = await scriptServer(t, (socket) => setTimeout(() => socket.write(OK), 1_200));
    const client = await make(t, HASTY);
    assert.equal((await client.send(put(server, undefined, { responseMs: 20_000 }), never)).status, 200);
  });

  test(`${name}: an abort ends requests in flight with its reason, and leaves no listener`, async (t) => {
    const server = await scriptServer(t, () => {});
    const client = await make(t);
    const controller = new AbortController();
    const reason = new Error('enough');
    const all = Array.from({ length: 5 }, () => client.send(put(server, Buffer.from('x')), controller.signal));
    const ends = Promise.allSettled(all);
    while (server.heard.length < 5) await sleep(5);
    controller.abort(reason);
    for (const end of await ends) assert.ok(end.status === 'rejected' && inFlightWith(reason)(end.reason));
    await assert.rejects(client.send(put(server, undefined), controller.signal), reason);
    client.close();
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  });

  test(`${name}: a refused connection has the system's code`, async (t) => {
    const server = await scriptServer(t, () => {});
    const client = await make(t);
    const request = put(server, undefined, { origin: 'http://127.0.0.1:1' });
    assert.equal(await codeOf(client.send(request, never)), 'ECONNREFUSED');
  });

  test(`${name}: closing ends requests in flight`, async (t) => {
    const server = await scriptServer(t, () => {});
    const client = await make(t);
    const code = codeOf(client.send(put(server, undefined), never));
    while (server.heard.length < 1) await sleep(5);
    client.close();
    assert.equal(await code, 'ECONNABORTED');
  });
}

/** Waits until both ends of a connection are closed. */
const closed = ({ connections }: ScriptServer, index: number): Promise<void> =>
  until(() => connections[index]?.closed === true);

const [[, sockets]] = CLIENTS as readonly [(typeof CLIENTS)[number]];

test('sockets: bytes that a server sends without a request end the connection and are no response', async (t) => {
  const server = await scriptServer(t, (socket, { body }) => {
    socket.write(OK);
    if (body.toString() === 'first') setTimeout(() => socket.write(OK.replace('hi', 'no')), 20);
  });
  const client = await sockets(t);
  await client.send(put(server, Buffer.from('first')), never);
  await closed(server, 0);
  const second = await client.send(put(server, Buffer.from('second')), never);
  assert.deepEqual([second.body.toString(), server.connections.length], ['hi', 2]);
});

test('sockets: an idle connection is closed by the client, and the next request opens another', async (t) => {
  const server = await scriptServer(t, (socket) => socket.write(OK));
  const client = await sockets(t);
  await client.send(put(server, undefined), never);
  await closed(server, 0);
  await client.send(put(server, undefined), never);
  assert.equal(server.connections.length, 2);
});

test('sockets: a connection that the server has closed meanwhile is not used', async (t) => {
  const server = await scriptServer(t, (socket) => {
    socket.write(OK);
    setTimeout(() => socket.end(), 10);
  });
  const client = await sockets(t);
  for (let i = 0; i < 3; i++) {
    await client.send(put(server, undefined), never);
    await closed(server, i);
  }
  assert.equal(server.connections.length, 3);
});

test('sockets: a header outside of Latin-1 is refused, not cut', async (t) => {
  const server = await scriptServer(t, (socket) => socket.write(OK));
  const client = await sockets(t);
  const token = { headers: { host: 'x', 'x-amz-security-token': 'tok\u010d\u010ax-evil: 1' } };
  await assert.rejects(client.send(put(server, undefined, token), never), TypeError);
  assert.equal(server.heard.length, 0);
});

test('sockets: a header or target that would break out of its line is refused', async (t) => {
  const server = await scriptServer(t, (socket) => socket.write(OK));
  const client = await sockets(t);
  for (const more of [
    { headers: { host: 'x', a: 'b\r\nc: d' } },
    { headers: { host: 'x', a: 'b\nc: d' } },
    { headers: { host: 'x', a: 'b\r\n\r\nc' } },
    { target: '/a b' },
    { target: '/a\r\nb' },
  ])
    await assert.rejects(client.send(put(server, undefined, more), never), TypeError);
  assert.equal(server.heard.length, 0);
});
