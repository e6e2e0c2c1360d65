import { readFile } from 'node:fs/promises';
import { isIP, type Socket } from 'node:net';
import { endianness } from 'node:os';
import { setImmediate } from 'node:timers/promises';

/** Identifies a connection of this machine. */
export type SocketName = Partial<Pick<Socket, 'localPort' | 'remotePort' | 'remoteAddress'>>;

/** Bytes that the system still holds for a connection: accepted from this process, not yet acknowledged by the peer. */
export type SendQueues = (socket: SocketName) => number | undefined;

/**
 * Reads the send queues of all TCP connections, on Linux. The system accepts up to 4 MiB of a body at once, and then nothing more until a third of
 * that has been sent, so a process cannot distinguish a slow line from a dead one by its writes alone.
 *
 * @returns undefined if the system does not provide them: on macOS and Windows, or without `/proc`
 */
export async function readSendQueues(sockets: readonly SocketName[]): Promise<SendQueues | undefined> {
  if (process.platform !== 'linux') return undefined;
  const wanted = new Map<string, number | undefined>();
  let four = false;
  let six = false;
  for (const socket of sockets) {
    const name = lineName(socket);
    if (name === undefined) continue;
    wanted.set(name, undefined);
    if (isIP(socket.remoteAddress ?? '') === 6) six = true;
    else four = true;
  }
  try {
    if (four) findQueues(await readFile('/proc/net/tcp', 'latin1'), wanted);
    if (six) findQueues(await readFile('/proc/net/tcp6', 'latin1'), wanted);
  } catch {
    return undefined;
  }
  // Pending I/O events must be handled before the watchdog judges: bytes may have arrived or been accepted meanwhile.
  await setImmediate();
  return (socket) => wanted.get(lineName(socket) ?? '');
}

/** Fills in the queues of the connections in `wanted` from the text of `/proc/net/tcp` or `tcp6`, see proc_pid_net(5). @internal */
export function findQueues(text: string, wanted: Map<string, number | undefined>): void {
  for (let begin = text.indexOf('\n') + 1; begin > 0 && begin < text.length; ) {
    const end = text.indexOf('\n', begin);
    const line = end < 0 ? text.slice(begin) : text.slice(begin, end);
    // `  51: 0100007F:96B9 0100007F:D32A 01 00391800:00000000 …`: number, local and remote address, state, send queue.
    const local = line.indexOf(':') + 2;
    const remote = line.indexOf(' ', local) + 1;
    const state = line.indexOf(' ', remote) + 1;
    const name = line.slice(remote - 5, state - 1);
    if (wanted.has(name)) wanted.set(name, Number.parseInt(line.slice(state + 3, state + 11), 16));
    begin = end < 0 ? 0 : end + 1;
  }
}

/** How a line of `/proc/net/tcp` identifies a connection: local port, remote address, remote port. @internal */
export function lineName({ localPort, remotePort, remoteAddress }: SocketName): string | undefined {
  if (localPort === undefined || remotePort === undefined || remoteAddress === undefined) return undefined;
  return `${hex(localPort, 4)} ${hexAddress(remoteAddress)}:${hex(remotePort, 4)}`;
}

/** An address as the kernel prints it: words of 32 bits in the machine's own byte order. */
function hexAddress(address: string): string {
  const bytes = isIP(address) === 6 ? bytesOfIPv6(address) : address.split('.').map(Number);
  const hexes = bytes.map((byte) => hex(byte, 2));
  if (endianness() === 'BE') return hexes.join('');
  let text = '';
  for (let at = 0; at < hexes.length; at += 4)
    text += hexes
      .slice(at, at + 4)
      .reverse()
      .join('');
  return text;
}

function bytesOfIPv6(address: string): number[] {
  const [plain = ''] = address.split('%');
  // The last four bytes may be written as an IPv4 address.
  const text = plain.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  );
  const [head = '', tail] = text.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
