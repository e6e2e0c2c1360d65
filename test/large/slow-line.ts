import { once } from 'node:events';
import { type ClientRequest, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ByteRate } from 'fake-s3';

/** A line to a server that carries so many bytes a second and tells what was asked for over it. */
export interface SlowLine {
  readonly url: string;
  /** Of bodies towards the server, all of them together. */
  bytesPerSecond: number;
  /** `PUT /bucket/key?partNumber=1&…`, since it was emptied last. */
  readonly asked: string[];
}

/** A line to the server at `url`, which ends with the test. Requests go on as they came, so that their signatures hold. */
export async function slowLineTo(t: TestContext, url: string): Promise<SlowLine> {
  const { hostname: host, port } = new URL(url);
  const rate = new ByteRate();
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    asked.push(`${method} ${path}`);
    const onward = request({ host, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    // Whoever is killed leaves a request that never ends; so does the one onward.
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
  const line: SlowLine = { url: `http://127.0.0.1:${own}`, bytesPerSecond: Number.POSITIVE_INFINITY, asked };
  return line;
}
