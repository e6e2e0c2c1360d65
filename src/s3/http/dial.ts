import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { Connection, requestHead } from './connection.js';
import { asFailure, HttpFailure, type HttpRequest, type Patience } from './http-client.js';
import { ResponseReader } from './response.js';
import type { Watchdog } from './watchdog.js';

export interface DialOptions {
  readonly patience: Patience;
  readonly watchdog: Watchdog;
  readonly lookup: LookupFunction;
  /**
   * `http://host:port`, with user and password if it needs them. HTTPS goes through a tunnel (CONNECT); HTTP requests are sent to the proxy itself.
   */
  readonly proxy?: string | undefined;
}

/** Opens a connection to one origin, resuming its TLS session. Rejects with an `HttpFailure`. */
export type Dial = (signal: AbortSignal) => Promise<Connection>;

export function dialer(origin: string, { patience, watchdog, lookup, proxy }: DialOptions): Dial {
  const url = new URL(origin);
  const secure = url.protocol === 'https:';
  const target = { host: hostOf(url), port: portOf(url) };
  const proxyUrl = proxy === undefined ? undefined : new URL(proxy);
  let session: Buffer | undefined;

  const tcp = (to: { host: string; port: number }, onread?: ReadBuffer): Socket =>
    connectTcp({ ...to, lookup, noDelay: true, keepAlive: true, ...(onread !== undefined && { onread }) });

  /** TLS over an existing socket, or over a new one if none is given. */
  function tls(onread: ReadBuffer, overSocket?: Socket): TLSSocket {
    // The types have this option for plain sockets only.
    const options: ConnectionOptions & { readonly onread: ReadBuffer } = {
      ...(overSocket === undefined ? { ...target, lookup, noDelay: true, keepAlive: true } : { socket: overSocket }),
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
      socket = tcp(proxyUrl === undefined ? target : { host: hostOf(proxyUrl), port: portOf(proxyUrl) }, onread);
      await waitForConnect(socket, 'connect', signal, deadline, target.host);
    } else if (proxyUrl === undefined) {
      socket = tls(onread);
      await waitForConnect(socket, 'secureConnect', signal, deadline, target.host);
    } else {
      const tunnel = tcp({ host: hostOf(proxyUrl), port: portOf(proxyUrl) });
      await waitForConnect(tunnel, 'connect', signal, deadline, proxyUrl.host);
      await openTunnel(tunnel, proxyUrl, `${url.hostname}:${target.port}`, signal, deadline);
      socket = tls(onread, tunnel);
      // Node ignores `onread` for TLS over another socket.
      socket.on('data', (bytes: Buffer) => connection?.received(bytes));
      await waitForConnect(socket, 'secureConnect', signal, deadline, target.host);
    }
    connection = new Connection(
      socket,
      watchdog,
      secure || proxyUrl === undefined ? undefined : proxyRequestHead(proxyUrl),
    );
    return connection;
  };
}

/** Request heads for a proxy: they have the whole URL (RFC 9112, 3.2.2) and the proxy's own credentials. */
function proxyRequestHead(proxyUrl: URL): (request: HttpRequest) => string {
  const authorization = proxyAuthorization(proxyUrl);
  return (request) => {
    const credentials = authorization === undefined ? {} : { 'proxy-authorization': authorization };
    return requestHead(
      { ...request, headers: { ...request.headers, ...credentials } },
      request.origin + request.target,
    );
  };
}

/** Waits until a socket is connected. */
function waitForConnect(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  deadline: AbortSignal,
  host: string,
): Promise<void> {
  return socketPromise(socket, signal, deadline, host, (resolve) => {
    socket.once(event, resolve);
    return () => socket.removeListener(event, resolve);
  });
}

/** Asks a proxy to connect the socket to `authority` (RFC 9110, 9.3.6). */
function openTunnel(
  socket: Socket,
  proxyUrl: URL,
  authority: string,
  signal: AbortSignal,
  deadline: AbortSignal,
): Promise<void> {
  const reader = new ResponseReader('HEAD');
  return socketPromise(socket, signal, deadline, proxyUrl.host, (resolve, reject) => {
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
          new HttpFailure(
            'ProxyRefused',
            `the proxy ${proxyUrl.host} responded with ${reader.status} to CONNECT ${authority}`,
          ),
        );
    };
    socket.on('data', onData);
    const authorization = proxyAuthorization(proxyUrl);
    const credentials = authorization === undefined ? '' : `proxy-authorization: ${authorization}\r\n`;
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentials}\r\n`, 'latin1');
    return () => {
      socket.removeListener('data', onData);
      socket.pause();
    };
  });
}

/** The `proxy-authorization` header for a proxy's user and password. */
function proxyAuthorization(proxyUrl: URL): string | undefined {
  if (proxyUrl.username === '') return undefined;
  const plain = `${decodeURIComponent(proxyUrl.username)}:${decodeURIComponent(proxyUrl.password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}

/** Waits for something that a socket does. A failure of the socket, an abort or the deadline destroys the socket and rejects. */
function socketPromise(
  socket: Socket,
  signal: AbortSignal,
  deadline: AbortSignal,
  host: string,
  start: (resolve: () => void, reject: (error: Error) => void) => () => void,
): Promise<void> {
  // An error between two listeners, or after the last one, must not end the process.
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
    const onClose = () =>
      fail(new HttpFailure('ECONNRESET', `${host} closed the connection before it was established`));
    const onAbort = () => fail(signal.reason);
    const onTimeout = () => fail(new HttpFailure('ConnectTimeout', `${host} did not accept a connection in time`));
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

/** How long addresses from DNS are used, in ms: S3 changes its addresses within seconds. */
const DNS_CACHE_MS = 30_000;

interface CachedAddresses {
  readonly addresses: readonly LookupAddress[];
  readonly at: number;
  turn: number;
}

/**
 * Looks host names up with a short cache instead of once per connection, and starts each connection at the next of the addresses, so that many
 * connections are spread over all servers of a host and a retry reaches another one.
 */
export function spreadingLookup(): LookupFunction {
  const cache = new Map<string, CachedAddresses>();
  const pending = new Map<string, ((error: NodeJS.ErrnoException | null, addresses?: CachedAddresses) => void)[]>();

  function addressesOf(
    host: string,
    done: (error: NodeJS.ErrnoException | null, addresses?: CachedAddresses) => void,
  ): void {
    const found = cache.get(host);
    if (found !== undefined && performance.now() - found.at < DNS_CACHE_MS) {
      done(null, found);
      return;
    }
    const waiting = pending.get(host);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    const all = [done];
    pending.set(host, all);
    systemLookup(host, { all: true }, (error, addresses) => {
      pending.delete(host);
      const fresh = error === null ? { addresses, at: performance.now(), turn: 0 } : undefined;
      if (fresh !== undefined) cache.set(host, fresh);
      // Where the name server is away for a while, the host is most likely still at its last addresses.
      const known = fresh ?? found;
      for (const each of all) each(known === undefined ? error : null, known);
    });
  }

  return (host, options: LookupOptions, callback) => {
    addressesOf(host, (error, found) => {
      if (error !== null || found === undefined) {
        callback(error, '', 0);
        return;
      }
      const { family } = options;
      const matching = found.addresses.filter((address) =>
        family !== 4 && family !== 6 ? true : address.family === family,
      );
      const usable = matching.length > 0 ? matching : found.addresses;
      const first = found.turn++ % usable.length;
      const rotated = [...usable.slice(first), ...usable.slice(0, first)];
      if (options.all === true) callback(null, rotated);
      else callback(null, rotated[0]?.address ?? '', rotated[0]?.family);
    });
  };
}

/** Bytes per read of a socket; many responses to puts fit. */
const READ_BYTES = 16 * 1024;

/** A socket's `onread` option: it is read into one buffer, without an allocation and an event per read. */
export interface ReadBuffer {
  readonly buffer: Buffer;
  readonly callback: (bytes: number, buffer: Uint8Array) => boolean;
}

/** The read buffer of a socket, which passes bytes to the connection that is made from the socket later. */
function readBuffer(connection: () => Connection | undefined): ReadBuffer {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  return {
    buffer,
    callback(bytes) {
      connection()?.received(buffer.subarray(0, bytes));
      return true;
    },
  };
}
