import type { Connection } from './connection.js';
import { type Dial, dialer, spreadingLookup } from './dial.js';
import {
  type HttpAnswer,
  type HttpClient,
  HttpFailure,
  type HttpRequest,
  IDLE_MS,
  type Patience,
} from './http-client.js';
import { readSendQueues } from './send-queues.js';
import { Watchdog } from './watchdog.js';

export interface SocketClientOptions {
  readonly patience: Patience;
  /** URL of a proxy for all requests. */
  readonly proxy?: string | undefined;
}

/** What is open to one origin. */
interface Origin {
  readonly dial: Dial;
  /** The one used last is used first, so that the others grow old and close. */
  readonly idle: Connection[];
}

/** What runs under one signal, so that many requests share one listener. */
interface Watched {
  readonly busy: Set<Connection>;
  readonly unwatch: () => void;
}

/**
 * An `HttpClient` on plain sockets: HTTP/1.1, connections kept, one request at a time on each, opened when one is wanted and none is idle; how many
 * requests there are is for the caller to limit. Node's own client costs about 1,000 µs of CPU a request here and undici 80; this one 30.
 */
export function socketClient({ patience, proxy }: SocketClientOptions): HttpClient {
  const lookup = spreadingLookup();
  const origins = new Map<string, Origin>();
  const signals = new Map<AbortSignal, Watched>();
  const ended = new AbortController();
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

  function watched(signal: AbortSignal): Watched {
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
      last.abandon(closed());
    }
    return undefined;
  }

  /** Every connection's patience, and the age of the idle ones, by one timer. */
  function check(): void {
    // Timers come before I/O: after a busy event loop, what has arrived meanwhile counts first.
    setImmediate(() => void watchdog.check());
    const now = performance.now();
    let open = watchdog.size;
    for (const { idle } of origins.values()) {
      const young = idle.filter((connection) => {
        const keep = connection.usable && now - connection.idleSince < IDLE_MS;
        if (!keep) connection.abandon(closed());
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

  async function opened(origin: Origin, signal: AbortSignal): Promise<Connection> {
    const connection = await origin.dial(AbortSignal.any([signal, ended.signal]));
    if (!connection.usable) throw new HttpFailure('ECONNRESET', 'the server closed the connection at once');
    return connection;
  }

  return {
    async send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
      signal.throwIfAborted();
      ended.signal.throwIfAborted();
      const origin = originOf(request.origin);
      const connection = idleConnection(origin) ?? (await opened(origin, signal));
      const { busy } = watched(signal);
      startChecking();
      busy.add(connection);
      try {
        return await connection.send(request);
      } finally {
        busy.delete(connection);
        if (connection.usable) {
          connection.idleSince = performance.now();
          origin.idle.push(connection);
        }
      }
    },

    close() {
      ended.abort(closed());
      for (const { busy, unwatch } of signals.values()) {
        unwatch();
        for (const connection of [...busy]) connection.abandon(closed());
      }
      for (const { idle } of origins.values()) for (const connection of idle.splice(0)) connection.abandon(closed());
      signals.clear();
      clearInterval(checking);
      checking = undefined;
    },
  };
}

function closed(): HttpFailure {
  return new HttpFailure('ECONNABORTED', 'the client was closed');
}
