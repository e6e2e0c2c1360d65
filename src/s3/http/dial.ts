import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  connect as connectTls,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { Connection, requestHead } from './connection.js';
import { asFailure, HttpFailure, type HttpRequest, type Patience } from './http-client.js';
import { ResponseReader } from './response.js';
import { type ReadBuffer, readBuffer } from './socket-buffers.js';
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

/** Something that an abort fails. */
export interface Abandonable {
  abandon(error: Error): void;
}

/** What ends under one signal. A set costs a tenth of a listener on the signal, and a server that closes each connection needs one per request. */
export interface Scope {
  /** All that is failed when the signal is aborted, or the client closed. */
  readonly busy: Set<Abandonable>;
  /** Why nothing may begin any more; undefined while it may. */
  ended(): Error | undefined;
}

/** A copy may take minutes in which nothing is sent; NAT gateways forget connections that are silent for about that long. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Opens a connection to one origin, resuming its TLS session. Calls `opened`, or `failed` with an `HttpFailure` or what ended the scope. Not a
 * promise, because a server that closes each connection needs one per request.
 */
export type Dial = (scope: Scope, opened: (connection: Connection) => void, failed: (error: Error) => void) => void;

export function dialer(origin: string, { patience, watchdog, lookup, proxy }: DialOptions): Dial {
  const url = new URL(origin);
  const secure = url.protocol === 'https:';
  const target = { host: hostOf(url), port: portOf(url) };
  const proxyUrl = proxy === undefined ? undefined : new URL(proxy);
  let session: Buffer | undefined;
  let context: SecureContext | undefined;

  // A literal with all of its fields: one is made per connection, and spreading costs more than all else here.
  const tcp = ({ host, port }: typeof target, onread?: ReadBuffer): Socket =>
    connectTcp(
      onread === undefined
        ? { host, port, lookup, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }
        : { host, port, lookup, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, onread },
    );

  /** TLS over an existing socket, or over a new one if none is given. */
  function tls(onread: ReadBuffer | undefined, overSocket?: Socket): TLSSocket {
    // A context reads all trusted certificates and takes longer than a resumed handshake, so the connections share one.
    context ??= createSecureContext();
    // The types have this option for plain sockets only.
    const options: ConnectionOptions & { readonly onread?: ReadBuffer } = {
      secureContext: context,
      ...(overSocket === undefined
        ? { ...target, lookup, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }
        : { socket: overSocket }),
      ...(isIP(target.host) === 0 && { servername: target.host }),
      ...(session !== undefined && { session }),
      ALPNProtocols: ['http/1.1'],
      ...(onread !== undefined && { onread }),
    };
    const socket = connectTls(options);
    socket.on('session', (ticket) => {
      session = ticket;
    });
    return socket;
  }

  const viaHttpProxy = secure || proxyUrl === undefined ? undefined : proxyRequestHead(proxyUrl);
  const first = proxyUrl === undefined ? target : { host: hostOf(proxyUrl), port: portOf(proxyUrl) };

  if (!secure || proxyUrl === undefined)
    return (scope, opened, failed) => {
      let connection: Connection | undefined;
      const onread = readBuffer((bytes) => connection?.received(bytes));
      const socket = secure ? tls(onread) : tcp(first, onread);
      const onConnect = () => {
        connection = new Connection(socket, watchdog, viaHttpProxy);
        opened(connection);
      };
      awaitConnect(
        socket,
        secure,
        { scope, at: performance.now() + patience.connectMs, host: first.host },
        onConnect,
        failed,
      );
    };

  async function throughTunnel(scope: Scope, proxyUrl: URL): Promise<Connection> {
    const at = performance.now() + patience.connectMs;
    const tunnel = tcp(first);
    const toProxy = { scope, at, host: proxyUrl.host };
    await new Promise<void>((resolve, reject) => awaitConnect(tunnel, false, toProxy, resolve, reject));
    await openTunnel(tunnel, proxyUrl, `${url.hostname}:${target.port}`, toProxy);
    // Node ignores `onread` for TLS over another socket.
    const socket = tls(undefined, tunnel);
    let connection: Connection | undefined;
    socket.on('data', (bytes: Buffer) => connection?.received(bytes));
    await new Promise<void>((resolve, reject) =>
      awaitConnect(socket, true, { scope, at, host: target.host }, resolve, reject),
    );
    connection = new Connection(socket, watchdog);
    return connection;
  }

  return (scope, opened, failed) => void throughTunnel(scope, proxyUrl).then(opened, failed);
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

/** Calls `connected` once the socket is connected, and secure where it is to be, or `failed`. */
function awaitConnect(
  socket: Socket,
  secure: boolean,
  until: Until,
  connected: () => void,
  failed: (error: Error) => void,
): void {
  const event = secure ? 'secureConnect' : 'connect';
  const start = (done: () => void) => {
    socket.once(event, done);
    return () => socket.removeListener(event, done);
  };
  awaitSocket(socket, until, start, connected, failed);
}

/** Asks a proxy to connect the socket to `authority` (RFC 9110, 9.3.6). */
function openTunnel(socket: Socket, proxyUrl: URL, authority: string, until: Until): Promise<void> {
  const reader = new ResponseReader('HEAD');
  const start = (resolve: () => void, reject: (error: Error) => void) => {
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
  };
  return new Promise((resolve, reject) => awaitSocket(socket, until, start, resolve, reject));
}

/** The `proxy-authorization` header for a proxy's user and password. */
function proxyAuthorization(proxyUrl: URL): string | undefined {
  if (proxyUrl.username === '') return undefined;
  const plain = `${decodeURIComponent(proxyUrl.username)}:${decodeURIComponent(proxyUrl.password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}

/** What ends an attempt to connect to `host`: its scope, and a time on the clock of `performance.now()`. */
interface Until {
  readonly scope: Scope;
  readonly at: number;
  readonly host: string;
}

function ignore(): void {}

/**
 * Waits for something that a socket does. A failure of the socket, an abort or the deadline destroys the socket and calls `failed`.
 * @param start begins to wait; returns what ends it
 */
function awaitSocket(
  socket: Socket,
  { scope, at, host }: Until,
  start: (done: () => void, fail: (error: Error) => void) => () => void,
  done: () => void,
  failed: (error: Error) => void,
): void {
  // An error between two listeners, or after the last one, must not end the process.
  socket.on('error', ignore);
  const end = () => {
    clean();
    socket.removeListener('error', onError);
    socket.removeListener('close', onClose);
    scope.busy.delete(dialing);
    clearTimeout(timer);
  };
  const fail = (error: Error) => {
    end();
    socket.destroy();
    failed(error);
  };
  const onError = (error: Error) => fail(asFailure(error));
  const onClose = () => fail(new HttpFailure('ECONNRESET', `${host} closed the connection before it was established`));
  const onTimeout = () => fail(new HttpFailure('ConnectTimeout', `${host} did not accept a connection in time`));
  const dialing: Abandonable = { abandon: fail };
  // Whole milliseconds: Node keeps a list of timers for each different duration.
  const timer = setTimeout(onTimeout, Math.max(0, Math.ceil(at - performance.now())));
  socket.on('error', onError);
  socket.on('close', onClose);
  scope.busy.add(dialing);
  const clean = start(() => {
    end();
    done();
  }, fail);
  const ended = scope.ended();
  if (ended !== undefined) fail(ended);
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
