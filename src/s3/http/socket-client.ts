import type { Connection } from './connection.js';
import { type Dial, dialer, spreadingLookup } from './dial.js';
import {
  AbortedInFlight,
  type HttpClient,
  HttpFailure,
  type HttpRequest,
  type HttpResponse,
  IDLE_MS,
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

/** The busy connections under one signal, so that many requests share one listener. */
interface SignalConnections {
  readonly busy: Set<Connection>;
  readonly unwatch: () => void;
}

/**
 * An `HttpClient` on plain sockets: HTTP/1.1 with keep-alive, one request at a time on each connection. A connection is opened when a request finds
 * none idle; the caller limits the number of requests. Node's own client costs about 1,000 µs of CPU per request here and undici 80; this one 30.
 */
export function socketClient({ patience, proxy }: SocketClientOptions): HttpClient {
  const lookup = spreadingLookup();
  const origins = new Map<string, Origin>();
  const signals = new Map<AbortSignal, SignalConnections>();
  const closing = new AbortController();
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

  function connectionsUnder(signal: AbortSignal): SignalConnections {
    let known = signals.get(signal);
    if (known === undefined) {
      const busy = new Set<Connection>();
      const onAbort = () => {
        for (const connection of [...busy]) connection.abandon(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      known = { busy, unwatch: () => signal.removeEventListener('abort', onAbort) };
      signals.set(signal, known);
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

  async function openConnection(origin: Origin, signal: AbortSignal): Promise<Connection> {
    const connection = await origin.dial(AbortSignal.any([signal, closing.signal]));
    if (!connection.usable) throw new HttpFailure('ECONNRESET', 'the server closed the connection immediately');
    return connection;
  }

  return {
    async send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
      signal.throwIfAborted();
      closing.signal.throwIfAborted();
      const origin = originOf(request.origin);
      const idle = needsNewConnection(signal) ? undefined : idleConnection(origin);
      const connection = idle ?? (await openConnection(origin, signal));
      const { busy } = connectionsUnder(signal);
      startChecking();
      busy.add(connection);
      try {
        return await connection.send(request);
      } catch (error) {
        throw signal.aborted && error === signal.reason ? new AbortedInFlight(error) : error;
      } finally {
        busy.delete(connection);
        if (connection.usable) {
          connection.idleSince = performance.now();
          origin.idle.push(connection);
        }
      }
    },

    close() {
      closing.abort(clientClosed());
      for (const { busy, unwatch } of signals.values()) {
        unwatch();
        for (const connection of [...busy]) connection.abandon(clientClosed());
      }
      for (const { idle } of origins.values())
        for (const connection of idle.splice(0)) connection.abandon(clientClosed());
      signals.clear();
      clearInterval(checking);
      checking = undefined;
    },
  };
}

function clientClosed(): HttpFailure {
  return new HttpFailure('ECONNABORTED', 'the client was closed');
}
