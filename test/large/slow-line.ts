import { once } from 'node:events';
import { type ClientRequest, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ByteRate } from 'fake-s3';

/** A proxy to a server, with a limited rate, that records the requests. */
export interface SlowLine {
  readonly url: string;
  /** Rate of all request bodies together. */
  bytesPerSecond: number;
  /** `PUT /bucket/key?partNumber=1&…`; tests may clear it. */
  readonly requests: string[];
}

/** Starts a proxy to the server at `url`, until the end of the test. It forwards requests unchanged, so that their signatures stay valid. */
export async function slowLineTo(t: TestContext, url: string): Promise<SlowLine> {
  const { hostname: host, port } = new URL(url);
  const rate = new ByteRate();
  const requests: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    requests.push(`${method} ${path}`);
    const onward = request({ host, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    // A killed client never ends its request, so the forwarded one is destroyed.
    outgoing.on('close', () => {
      if (!outgoing.writableEnded) onward.destroy();
    });
    carry(incoming, onward).catch(() => onward.destroy());
  });
  async function carry(from: IncomingMessage, to: ClientRequest): Promise<void> {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      if (!to.write(chunk)) await once(to, 'drain');
      const wait = rate.wait(chunk.length, line.bytesPerSecond);
      if (wait > 0) await sleep(wait);
    }
    to.end();
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port: own } = server.address() as AddressInfo;
  const line: SlowLine = { url: `http://127.0.0.1:${own}`, bytesPerSecond: Number.POSITIVE_INFINITY, requests };
  return line;
}
