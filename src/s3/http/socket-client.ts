import type { Connection } from './connection.js';
import { type Abandonable, type Dial, dialer, type Scope, spreadingLookup } from './dial.js';
import {
  AbortedInFlight,
  type HttpClient,
  HttpFailure,
  type HttpRequest,
  type HttpResponse,
  IDLE_MS,
  type IdleConnections,
  needsNewConnection,
  type Patience,
} from './http-client.js';
import { readSendQueues } from './send-queues.js';
import { Watchdog } from './watchdog.js';

export interface SocketClientOptions {
  readonly patience: Patience;
  /** URL of the proxy that all requests go through. */
  readonly proxy?: string | undefined;
}

/** The connections to one origin. */
interface Origin {
  readonly dial: Dial;
  /** A stack: the connection used last is reused first, so that surplus ones grow old and are closed. */
  readonly idle: Connection[];
}

/** What is busy under one signal, so that many requests share one listener. */
interface SignalScope extends Scope {
  readonly unwatch: () => void;
}

/** The connection that a request goes over, with what it belongs to. */
interface Over {
  readonly origin: Origin;
  readonly scope: Scope;
  readonly connection: Connection;
}

/**
 * An `HttpClient` on plain sockets: HTTP/1.1 with keep-alive, one request at a time on each connection. A connection is opened when a request finds
 * none idle; the caller limits the number of requests. Node's own client costs about 1,000 µs of CPU per request here and undici 80; this one 30.
 */
export function socketClient({ patience, proxy }: SocketClientOptions): HttpClient {
  const lookup = spreadingLookup();
  const origins = new Map<string, Origin>();
  const scopes = new Map<AbortSignal, SignalScope>();
  let closed: HttpFailure | undefined;
  const watchdog = new Watchdog({ patience, now: () => performance.now(), sendQueues: readSendQueues });
  let checking: NodeJS.Timeout | undefined;

  function originOf(origin: string): Origin {
    let known = origins.get(origin);
    if (known === undefined) {
      known = { dial: dialer(origin, { patience, watchdog, lookup, proxy }), idle: [] };
      origins.set(origin, known);
    }
    return known;
  }

  function scopeOf(signal: AbortSignal): SignalScope {
    let known = scopes.get(signal);
    if (known === undefined) {
      const busy = new Set<Abandonable>();
      const onAbort = () => {
        for (const each of [...busy]) each.abandon(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      known = {
        busy,
        ended: () => (signal.aborted ? signal.reason : closed),
        unwatch: () => signal.removeEventListener('abort', onAbort),
      };
      scopes.set(signal, known);
    }
    return known;
  }

  function idleConnection({ idle }: Origin): Connection | undefined {
    const oldest = performance.now() - IDLE_MS;
    for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
      if (last.usable && last.idleSince > oldest) return last;
      last.abandon(clientClosed());
    }
    return undefined;
  }

  /** Checks the patience of every request and the age of idle connections, by one timer. */
  function check(): void {
    // Timers run before I/O: after the event loop was busy, bytes that have arrived must be read first.
    setImmediate(() => void watchdog.check());
    const now = performance.now();
    let open = watchdog.size;
    for (const { idle } of origins.values()) {
      const young = idle.filter((connection) => {
        const keep = connection.usable && now - connection.idleSince < IDLE_MS;
        if (!keep) connection.abandon(clientClosed());
        return keep;
      });
      idle.splice(0, idle.length, ...young);
      open += young.length;
    }
    if (open > 0) return;
    clearInterval(checking);
    checking = undefined;
  }

  function startChecking(): void {
    checking ??= setInterval(check, Math.min(watchdog.intervalMs, IDLE_MS / 8)).unref();
  }

  /** Sends a request over a connection, and keeps the connection for the next one where it can. */
  function exchange(
    request: HttpRequest,
    signal: AbortSignal,
    { origin, scope, connection }: Over,
    resolve: (response: HttpResponse) => void,
    reject: (error: unknown) => void,
  ): void {
    const leave = () => {
      scope.busy.delete(connection);
      keep(origin, connection);
    };
    startChecking();
    scope.busy.add(connection);
    try {
      connection.send(
        request,
        (response) => {
          leave();
          resolve(response);
        },
        (error) => {
          leave();
          reject(signal.aborted && error === signal.reason ? new AbortedInFlight(error) : error);
        },
      );
    } catch (error) {
      leave();
      reject(error);
    }
  }

  /** Keeps a connection for a later request, where it can take one. */
  function keep({ idle }: Origin, connection: Connection): void {
    if (!connection.usable) return;
    connection.idleSince = performance.now();
    idle.push(connection);
  }

  function open(
    origin: Origin,
    scope: SignalScope,
    opened: (connection: Connection) => void,
    failed: (error: unknown) => void,
  ): void {
    const onOpen = (connection: Connection) => {
      const ended = scope.ended();
      if (ended !== undefined) {
        connection.abandon(ended);
        failed(ended);
      } else if (connection.usable) {
        opened(connection);
      } else {
        failed(new HttpFailure('ECONNRESET', 'the server closed the connection immediately'));
      }
    };
    origin.dial(scope, onOpen, failed);
  }

  const idle: IdleConnections = {
    take: (origin, signal) => (closed !== undefined || signal.aborted ? undefined : idleConnection(originOf(origin))),
    open(origin, signal, opened, failed) {
      if (closed === undefined) open(originOf(origin), scopeOf(signal), opened, failed);
      else failed(closed);
    },
    giveBack: (origin, connection) => keep(originOf(origin), connection as Connection),
    send(connection, request, signal, resolve, reject) {
      const over = { origin: originOf(request.origin), scope: scopeOf(signal), connection: connection as Connection };
      exchange(request, signal, over, resolve, reject);
    },
  };

  return {
    idle,

    // One promise for all of it, because there is one per object.
    send: (request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        if (closed !== undefined) throw closed;
        const origin = originOf(request.origin);
        const scope = scopeOf(signal);
        const idle = needsNewConnection(signal) ? undefined : idleConnection(origin);
        if (idle !== undefined) {
          exchange(request, signal, { origin, scope, connection: idle }, resolve, reject);
          return;
        }
        open(
          origin,
          scope,
          (connection) => exchange(request, signal, { origin, scope, connection }, resolve, reject),
          reject,
        );
      }),

    close() {
      closed = clientClosed();
      for (const { busy, unwatch } of scopes.values()) {
        unwatch();
        for (const each of [...busy]) each.abandon(closed);
      }
      for (const { idle } of origins.values()) for (const connection of idle.splice(0)) connection.abandon(closed);
      scopes.clear();
      clearInterval(checking);
      checking = undefined;
    },
  };
}

function clientClosed(): HttpFailure {
  return new HttpFailure('ECONNABORTED', 'the client was closed');
}
