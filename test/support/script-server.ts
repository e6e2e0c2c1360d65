import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** One request as it came over a connection. */
export interface Heard {
  readonly head: string;
  readonly body: Buffer;
  /** Which connection, from 0. */
  readonly connection: number;
}

/** What a server does with a connection: handed each whole request, in order. */
export type Script = (socket: Socket, heard: Heard, nth: number) => void;

export interface ScriptServer {
  readonly origin: string;
  readonly port: number;
  readonly heard: readonly Heard[];
  readonly connections: readonly Socket[];
}

/** A TCP server that a test scripts byte by byte, for responses that a real server never gives. */
export async function scriptServer(
  t: TestContext,
  script: Script,
  onHead?: (socket: Socket, head: string) => void,
): Promise<ScriptServer> {
  const heard: Heard[] = [];
  const connections: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = connections.push(socket) - 1;
    socket.on('error', () => {});
    let bytes = Buffer.alloc(0);
    let headSeen = false;
    socket.on('data', (more: Buffer) => {
      bytes = Buffer.concat([bytes, more]);
      for (;;) {
        const end = bytes.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = bytes.toString('latin1', 0, end);
        if (!headSeen) onHead?.(socket, head);
        headSeen = true;
        const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
        if (bytes.length < end + 4 + length) return;
        headSeen = false;
        const request = { head, body: bytes.subarray(end + 4, end + 4 + length), connection };
        bytes = bytes.subarray(end + 4 + length);
        heard.push(request);
        script(socket, request, heard.length);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    for (const socket of connections) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as { port: number };
  return { origin: `http://127.0.0.1:${port}`, port, heard, connections };
}

/** A correct response. */
export const OK = 'HTTP/1.1 200 OK\r\netag: "abc"\r\ncontent-length: 2\r\n\r\nhi';
