import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { findQueues, lineName, readSendQueues } from '../../../../src/s3/http/send-queues.js';

const linux = process.platform === 'linux' ? false : 'only Linux provides its send queues';

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
  51: 0100007F:96B9 0100007F:D32A 01 00000000:0001FBE5 00:00000000 00000000     0        0 22433 1 0 20 8 0 10 -1
 516: 0100007F:D32A 0100007F:96B9 01 00391800:00000000 04:00000034 00000000     0        1 22432 2 0 20 0 0 18 -1
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue
10000: 0000000000000000FFFF00000100007F:A000 0000000000000000FFFF00000100007F:01BB 01 0000000A:00000000 01:00000014
   1: B80D01200000000000000000020000FE:A001 B80D0120000000000000000001000000:01BB 01 00000014:00000000 01:00000014
`;

test('a queue is read from the line of its own connection', { skip: linux }, () => {
  const near = lineName({ localPort: 0xd32a, remotePort: 0x96b9, remoteAddress: '127.0.0.1' }) ?? '';
  const far = lineName({ localPort: 0x96b9, remotePort: 0xd32a, remoteAddress: '127.0.0.1' }) ?? '';
  const other = lineName({ localPort: 0xd32a, remotePort: 0x96b9, remoteAddress: '127.0.0.2' }) ?? '';
  const wanted = new Map<string, number | undefined>([near, far, other].map((name) => [name, undefined]));
  findQueues(TCP, wanted);
  assert.deepEqual([wanted.get(near), wanted.get(far), wanted.get(other)], [0x391800, 0, undefined]);
});

test('IPv6 addresses are found however they are written', { skip: linux }, () => {
  const mapped = lineName({ localPort: 0xa000, remotePort: 443, remoteAddress: '::ffff:127.0.0.1' }) ?? '';
  const short = lineName({ localPort: 0xa001, remotePort: 443, remoteAddress: '2001:db8::1' }) ?? '';
  assert.equal(lineName({ localPort: 0xa001, remotePort: 443, remoteAddress: '2001:db8:0:0:0:0:0:1%eth0' }), short);
  const wanted = new Map<string, number | undefined>([
    [mapped, undefined],
    [short, undefined],
  ]);
  findQueues(TCP6, wanted);
  assert.deepEqual([wanted.get(mapped), wanted.get(short)], [10, 20]);
});

test('a truncated or empty text is no error', () => {
  const wanted = new Map<string, number | undefined>([['a', undefined]]);
  for (const text of ['', '\n', 'head', 'head\n', TCP.slice(0, 150)]) findQueues(text, wanted);
  assert.equal(wanted.get('a'), undefined);
});

test('a connection without an address has no line', () => {
  assert.equal(lineName({}), undefined);
});

/** A connection to a server that never reads. */
async function connectToNonReader(t: TestContext, host: string): Promise<Socket> {
  const server = createServer((socket) => {
    socket.pause();
    socket.on('error', () => {});
    t.after(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const client = connect((server.address() as { port: number }).port, host);
  client.on('error', () => {});
  t.after(() => {
    client.destroy();
    server.close();
  });
  await new Promise((resolve) => client.once('connect', resolve));
  return client;
}

test('the system reports the queue of a body that the server does not read, and none for a closed connection', {
  skip: linux,
}, async (t) => {
  const [idle, full] = [await connectToNonReader(t, '127.0.0.1'), await connectToNonReader(t, '127.0.0.1')];
  full.write(Buffer.alloc(32 * 1024 * 1024));
  let queues = await readSendQueues([idle, full]);
  for (; (queues?.(full) ?? 0) === 0; queues = await readSendQueues([idle, full])) await sleep(10);
  assert.equal(queues?.(idle), 0);
  assert.ok((queues?.(full) ?? 0) > 0);
  full.destroy();
  assert.equal(queues?.(full), undefined);
});
