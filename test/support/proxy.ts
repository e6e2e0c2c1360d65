import { createServer, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface TestProxy {
  /** `http://user:secret@127.0.0.1:PORT` */
  readonly url: string;
  /** The requests that it received: `CONNECT host:443`, `PUT http://host/path`. */
  readonly requests: readonly string[];
}

/** An HTTP proxy that requires a password and connects every host to one port of this machine, so that requests to S3's own hosts are served here. */
export async function proxyTo(t: TestContext, port: number, password = 'secret'): Promise<TestProxy> {
  const requests: string[] = [];
  const allowed = (authorization: string | undefined) =>
    authorization === `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;
  const sockets = new Set<Socket>();

  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    if (!allowed(incoming.headers['proxy-authorization'])) {
      outgoing.writeHead(407).end();
      return;
    }
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const target = new URL(incoming.url ?? '');
    // As written, because the signature covers it.
    const path = (incoming.url ?? '').slice(target.origin.length);
    const onward = request({ port, host: '127.0.0.1', method: incoming.method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket: Socket) => {
    requests.push(`CONNECT ${incoming.url}`);
    sockets.add(socket);
    socket.on('error', () => {});
    if (!allowed(incoming.headers['proxy-authorization'])) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    sockets.add(onward);
    onward.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port: own } = server.address() as { port: number };
  return { url: `http://user:${password}@127.0.0.1:${own}`, requests };
}
