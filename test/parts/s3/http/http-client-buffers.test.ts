import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import fc from 'fast-check';
import { buffers } from '../../../../src/run/body-buffers.js';
import { type HttpClient, type HttpResponse, onNewConnection } from '../../../../src/s3/http/http-client.js';
import { socketClient } from '../../../../src/s3/http/socket-client.js';
import { runs } from '../../../support/runs.js';

const PATIENCE = { connectMs: 20_000, sendMs: 20_000, responseMs: 20_000 };
const TLS = join(import.meta.dirname, '../../../support/tls');
const FILLER = 0xee;
/** What becomes of a request: the server refuses it, or resets or closes its connection, or the client aborts it. */
const FATES = ['taken', 'taken', 'taken', 'taken-and-closed', 'refused', 'reset', 'aborted'] as const;
type Fate = (typeof FATES)[number];

interface Server {
  readonly origin: string;
  /** Bytes of bodies that the server got, and those that were not the object's own. */
  readonly seen: { bytes: number; foreign: number };
}

const head = (status: string, more = ''): string => `HTTP/1.1 ${status}\r\n${more}content-length: 0\r\n\r\n`;

/** Reads one request after the other, and compares each byte of a body with the one that its head names. */
async function comparingServer(t: TestContext, secure: boolean): Promise<Server> {
  const seen = { bytes: 0, foreign: 0 };
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {});
    let text = '';
    let left = 0;
    let own = 0;
    let fate: Fate = 'taken';
    socket.on('data', (bytes: Buffer) => {
      let at = 0;
      while (at < bytes.length) {
        if (left === 0) {
          text += String.fromCharCode(bytes[at++] ?? 0);
          if (!text.endsWith('\r\n\r\n')) continue;
          [left, own] = [Number(/content-length: (\d+)/.exec(text)?.[1]), Number(/x-own: (\d+)/.exec(text)?.[1])];
          fate = /x-fate: (\S+)/.exec(text)?.[1] as Fate;
          text = '';
          if (fate === 'refused') socket.write(head('403 Forbidden'));
          if (fate === 'reset') setTimeout(() => socket.destroy(), own % 3);
          continue;
        }
        const body = bytes.subarray(at, at + left);
        seen.bytes += body.length;
        for (const byte of body) if (byte !== own) seen.foreign += 1;
        at += body.length;
        left -= body.length;
        if (left > 0) continue;
        if (fate === 'taken') socket.write(head('200 OK'));
        if (fate === 'taken-and-closed') socket.end(head('200 OK', 'connection: close\r\n'));
      }
    });
  };
  const file = (name: string): Buffer => readFileSync(join(TLS, name));
  const server = secure
    ? createTlsServer({ key: file('key.pem'), cert: file('certificate.pem') }, serve)
    : createServer(serve);
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as { port: number };
  return { origin: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`, seen };
}

/** Overwrites all buffers that are kept for later bodies of this length, as later bodies would. */
function overwriteSpare(length: number): void {
  const taken: Buffer[] = [];
  for (let before = -1; before !== buffers.spareBytes; ) {
    before = buffers.spareBytes;
    taken.push(buffers.take(length).fill(FILLER));
  }
  for (const buffer of taken) {
    buffers.accepted(buffer);
    buffers.end(buffer);
  }
}

async function putOne(client: HttpClient, origin: string, own: number, { fate, bytes }: Request): Promise<string> {
  const body = buffers.take(bytes).fill(own).subarray(0, bytes);
  const controller = new AbortController();
  const headers = { host: 'x', 'x-own': String(own), 'x-fate': fate };
  const signal = own % 5 === 0 ? onNewConnection(controller.signal) : controller.signal;
  const response = client.send({ origin, method: 'PUT', target: `/${own}`, headers, body }, signal);
  if (fate === 'aborted') setTimeout(() => controller.abort(new Error('aborted')), own % 4);
  const result = await response.then(
    ({ status }: HttpResponse) => String(status),
    () => 'failed',
  );
  buffers.end(body);
  overwriteSpare(bytes);
  return result;
}

interface Request {
  readonly fate: Fate;
  readonly bytes: number;
}

for (const secure of [false, true]) {
  test(`no byte of a buffer that is used again is sent for another object, over ${secure ? 'TLS' : 'http'}`, async (t) => {
    // Trusting the certificate needs another process; what is sent does not depend on it.
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    t.after(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    });
    const { origin, seen } = await comparingServer(t, secure);
    const client = socketClient({ patience: PATIENCE });
    t.after(() => client.close());
    const request = fc.record({
      fate: fc.constantFrom(...FATES),
      bytes: fc.constantFrom(9_000, 16_384, 70_000, 131_072, 262_145, 1_500_000, 6_000_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 8, maxLength: 24 }), async (requests) => {
        const results: string[] = [];
        let next = 0;
        const work = async (): Promise<void> => {
          for (let nth = next++; nth < requests.length; nth = next++)
            results[nth] = await putOne(client, origin, nth + 1, requests[nth] as Request);
        };
        await Promise.all(Array.from({ length: 6 }, work));
        for (const [nth, { fate }] of requests.entries())
          if (fate.startsWith('taken')) assert.equal(results[nth], '200');
        assert.equal(seen.foreign, 0);
      }),
      runs(12),
    );
    assert.ok(seen.bytes > 0);
    assert.ok(buffers.spareBytes > 0);
  });
}

test('a server that closes each connection gets every body unchanged', async (t) => {
  const { origin, seen } = await comparingServer(t, false);
  const client = socketClient({ patience: PATIENCE });
  t.after(() => client.close());
  const request: Request = { fate: 'taken-and-closed', bytes: 9_000 };
  for (let own = 1; own <= 200; own += 8)
    await Promise.all(Array.from({ length: 8 }, (_, nth) => putOne(client, origin, own + nth, request)));
  assert.deepEqual(seen, { bytes: 200 * 9_000, foreign: 0 });
});
