import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { Connection, requestHead } from './connection.js';
import { asFailure, HttpFailure, type HttpRequest, type Patience } from './http-client.js';
import { AnswerReader } from './response.js';
import type { Watchdog } from './watchdog.js';

export interface DialOptions {
  readonly patience: Patience;
  readonly watchdog: Watchdog;
  readonly lookup: LookupFunction;
  /** `http://host:port`, with user and password where it asks for them: https goes through a tunnel (CONNECT), http is asked of it. */
  readonly proxy?: string | undefined;
}

/** Opens connections to one origin, TLS sessions resumed. Rejects with an `HttpFailure`. */
export type Dial = (signal: AbortSignal) => Promise<Connection>;

export function dialer(origin: string, { patience, watchdog, lookup, proxy }: DialOptions): Dial {
  const url = new URL(origin);
  const secure = url.protocol === 'https:';
  const target = { host: hostOf(url), port: portOf(url) };
  const via = proxy === undefined ? undefined : new URL(proxy);
  let session: Buffer | undefined;

  const tcp = (to: { host: string; port: number }, onread?: ReadBuffer): Socket =>
    connectTcp({ ...to, lookup, noDelay: true, keepAlive: true, ...(onread !== undefined && { onread }) });

  /** TLS on top of a socket, or from the start where there is none. */
  function tls(onread: ReadBuffer, below?: Socket): TLSSocket {
    // The types know this option of plain sockets only.
    const options: ConnectionOptions & { readonly onread: ReadBuffer } = {
      ...(below === undefined ? { ...target, lookup, noDelay: true, keepAlive: true } : { socket: below }),
      ...(isIP(target.host) === 0 && { servername: target.host }),
      ...(session !== undefined && { session }),
      ALPNProtocols: ['http/1.1'],
      onread,
    };
    const socket = connectTls(options);
    socket.on('session', (ticket) => {
      session = ticket;
    });
    return socket;
  }

  return async (signal) => {
    let connection: Connection | undefined;
    const onread = readBuffer(() => connection);
    const deadline = AbortSignal.timeout(patience.connectMs);
    let socket: Socket;
    if (!secure) {
      socket = tcp(via === undefined ? target : { host: hostOf(via), port: portOf(via) }, onread);
      await standing(socket, 'connect', signal, deadline, target.host);
    } else if (via === undefined) {
      socket = tls(onread);
      await standing(socket, 'secureConnect', signal, deadline, target.host);
    } else {
      const below = tcp({ host: hostOf(via), port: portOf(via) });
      await standing(below, 'connect', signal, deadline, via.host);
      await tunnelled(below, via, `${url.hostname}:${target.port}`, signal, deadline);
      socket = tls(onread, below);
      // On top of another socket Node knows no `onread`.
      socket.on('data', (bytes: Buffer) => connection?.received(bytes));
      await standing(socket, 'secureConnect', signal, deadline, target.host);
    }
    connection = new Connection(socket, watchdog, secure || via === undefined ? undefined : throughProxy(via));
    return connection;
  };
}

/** A proxy is asked for the whole URL (RFC 9112, 3.2.2), with its own credentials. */
function throughProxy(via: URL): (request: HttpRequest) => string {
  const authorization = proxyAuthorization(via);
  return (request) => {
    const own = authorization === undefined ? {} : { 'proxy-authorization': authorization };
    return requestHead({ ...request, headers: { ...request.headers, ...own } }, request.origin + request.target);
  };
}

/** Waits for a socket to stand. */
function standing(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  deadline: AbortSignal,
  host: string,
): Promise<void> {
  return settledOnce(socket, signal, deadline, host, (resolve) => {
    socket.once(event, resolve);
    return () => socket.removeListener(event, resolve);
  });
}

/** Has a proxy connect the socket to `authority` (RFC 9110, 9.3.6). */
function tunnelled(
  socket: Socket,
  via: URL,
  authority: string,
  signal: AbortSignal,
  deadline: AbortSignal,
): Promise<void> {
  const reader = new AnswerReader('HEAD');
  return settledOnce(socket, signal, deadline, via.host, (resolve, reject) => {
    const onData = (bytes: Buffer) => {
      try {
        reader.read(bytes);
      } catch (error) {
        return reject(asFailure(error as Error));
      }
      if (!reader.done) return;
      if (reader.status === 200) resolve();
      else
        reject(
          new HttpFailure('ProxyRefused', `the proxy ${via.host} answered ${reader.status} to CONNECT ${authority}`),
        );
    };
    socket.on('data', onData);
    const authorization = proxyAuthorization(via);
    const credentials = authorization === undefined ? '' : `proxy-authorization: ${authorization}\r\n`;
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentials}\r\n`, 'latin1');
    return () => {
      socket.removeListener('data', onData);
      socket.pause();
    };
  });
}

/** What a proxy's user and password are sent as. */
function proxyAuthorization(via: URL): string | undefined {
  if (via.username === '') return undefined;
  const plain = `${decodeURIComponent(via.username)}:${decodeURIComponent(via.password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}

/** A promise of something that a socket does, which its failure, an abort and the deadline end; then the socket is destroyed. */
function settledOnce(
  socket: Socket,
  signal: AbortSignal,
  deadline: AbortSignal,
  host: string,
  start: (resolve: () => void, reject: (error: Error) => void) => () => void,
): Promise<void> {
  // Between two listeners, and after the last, an error must not end the process.
  socket.on('error', () => {});
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clean();
      socket.removeListener('error', onError);
      socket.removeListener('close', onClose);
      signal.removeEventListener('abort', onAbort);
      deadline.removeEventListener('abort', onTimeout);
      settle();
    };
    const fail = (error: Error) =>
      end(() => {
        socket.destroy();
        reject(error);
      });
    const onError = (error: Error) => fail(asFailure(error));
    const onClose = () => fail(new HttpFailure('ECONNRESET', `${host} closed the connection before it stood`));
    const onAbort = () => fail(signal.reason);
    const onTimeout = () => fail(new HttpFailure('ConnectTimeout', `${host} could not be connected to in time`));
    socket.once('error', onError);
    socket.once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    deadline.addEventListener('abort', onTimeout, { once: true });
    const clean = start(() => end(resolve), fail);
    if (signal.aborted) onAbort();
  });
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** How long an answer of the name service is used: S3 changes its addresses within seconds. */
const FRESH_MS = 30_000;

interface Known {
  readonly addresses: readonly LookupAddress[];
  readonly at: number;
  turn: number;
}

/**
 * Looks host names up, once in a while instead of once a connection, and gives every connection another of the addresses first, so that many
 * connections are spread over all of a host's servers and a retry meets another one.
 */
export function spreadingLookup(): LookupFunction {
  const known = new Map<string, Known>();
  const asking = new Map<string, ((error: NodeJS.ErrnoException | null, known?: Known) => void)[]>();

  function addressesOf(host: string, done: (error: NodeJS.ErrnoException | null, known?: Known) => void): void {
    const found = known.get(host);
    if (found !== undefined && performance.now() - found.at < FRESH_MS) {
      done(null, found);
      return;
    }
    const waiting = asking.get(host);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    const all = [done];
    asking.set(host, all);
    systemLookup(host, { all: true }, (error, addresses) => {
      asking.delete(host);
      const fresh = error === null ? { addresses, at: performance.now(), turn: 0 } : undefined;
      if (fresh !== undefined) known.set(host, fresh);
      for (const each of all) each(error, fresh);
    });
  }

  return (host, options: LookupOptions, callback) => {
    addressesOf(host, (error, found) => {
      if (error !== null || found === undefined) {
        callback(error, '', 0);
        return;
      }
      const { family } = options;
      const fitting = found.addresses.filter((address) =>
        family !== 4 && family !== 6 ? true : address.family === family,
      );
      const usable = fitting.length > 0 ? fitting : found.addresses;
      const first = found.turn++ % usable.length;
      const turned = [...usable.slice(first), ...usable.slice(0, first)];
      if (options.all === true) callback(null, turned);
      else callback(null, turned[0]?.address ?? '', turned[0]?.family);
    });
  };
}

/** Bytes that one read of a socket takes; answers to puts fit many times. */
const READ_BYTES = 16 * 1024;

/** What a socket needs from the start so that its bytes are read without a copy and an event for each. */
export interface ReadBuffer {
  readonly buffer: Buffer;
  readonly callback: (bytes: number, buffer: Uint8Array) => boolean;
}

/** The way a socket hands its bytes to the connection that will be made of it. */
export function readBuffer(connection: () => Connection | undefined): ReadBuffer {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  return {
    buffer,
    callback(bytes) {
      connection()?.received(buffer.subarray(0, bytes));
      return true;
    },
  };
}
