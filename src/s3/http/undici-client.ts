import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { asFailure, type HttpAnswer, type HttpClient, HttpFailure, IDLE_MS, MAX_ANSWER_BYTES } from './http-client.js';
import { readSendQueues } from './send-queues.js';
import type { SocketClientOptions } from './socket-client.js';
import { UndiciInFlight } from './undici-in-flight.js';
import { Watchdog } from './watchdog.js';

/** More than any concurrency: the limiter decides, nothing queues here. */
const MAX_SOCKETS = 4_096;

/**
 * An `HttpClient` on undici, for whoever trusts an HTTP client that many use more than one of our own. It costs two to four times the CPU.
 * undici's own time limits are off: the watchdog here is the same as the other client's.
 */
export function undiciClient({ patience, proxy }: SocketClientOptions): HttpClient {
  const options: Agent.Options = {
    connections: MAX_SOCKETS,
    pipelining: 1,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: patience.connectMs },
  };
  const dispatcher: Dispatcher = proxy === undefined ? new Agent(options) : proxied(proxy, options);
  const ended = new AbortController();
  const watchdog = new Watchdog({ patience, now: () => performance.now(), sendQueues: readSendQueues });
  const inFlight = new Set<UndiciInFlight>();
  let checking: NodeJS.Timeout | undefined;

  /** Every request's patience, by one timer. */
  function check(): void {
    // Timers come before I/O: after a busy event loop, what has arrived meanwhile counts first.
    setImmediate(() => {
      for (const request of inFlight) request.update();
      void watchdog.check();
    });
    if (inFlight.size > 0) return;
    clearInterval(checking);
    checking = undefined;
  }

  return {
    async send(request, signal) {
      signal.throwIfAborted();
      const going = new UndiciInFlight(request, watchdog);
      inFlight.add(going);
      watchdog.began(going);
      checking ??= setInterval(check, watchdog.intervalMs).unref();
      let answered = false;
      try {
        const any = AbortSignal.any([signal, ended.signal, going.signal]);
        const answer = await Promise.race([exchange(dispatcher, going, any), aborted(any)]);
        answered = true;
        return answer;
      } catch (error) {
        signal.throwIfAborted();
        going.signal.throwIfAborted();
        throw failureOf(error);
      } finally {
        watchdog.ended(going, answered);
        inFlight.delete(going);
      }
    },
    close() {
      ended.abort(new HttpFailure('ECONNABORTED', 'the client was closed'));
      clearInterval(checking);
      checking = undefined;
      void dispatcher.destroy();
    },
  };
}

/** undici sees an abort only once it has a connection, and a proxy may never let it have one. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function proxied(proxy: string, options: Agent.Options): Dispatcher {
  const { username, password, origin } = new URL(proxy);
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const token = username === '' ? {} : { token: `Basic ${Buffer.from(plain).toString('base64')}` };
  return new ProxyAgent({ ...options, uri: origin, ...token, proxyTunnel: false });
}

async function exchange(dispatcher: Dispatcher, going: UndiciInFlight, signal: AbortSignal): Promise<HttpAnswer> {
  const { origin, method, target, headers, body } = going.request;
  const length = body === undefined ? {} : { 'content-length': String(body.length) };
  const answer = await going.findSocket(() =>
    dispatcher.request({
      origin,
      path: target,
      method: method as Dispatcher.HttpMethod,
      headers: { ...headers, ...length },
      body: going.body ?? null,
      signal,
    }),
  );
  going.answered();
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer.body as AsyncIterable<Buffer>) {
    going.answered();
    size += piece.length;
    if (size > MAX_ANSWER_BYTES)
      throw new HttpFailure('MalformedAnswer', 'the answer is longer than any that was asked for');
    pieces.push(piece);
  }
  // A success without all of the body is none.
  if (answer.statusCode < 300 && !going.whole)
    throw new HttpFailure('ECONNRESET', 'the server answered before it had the whole body');
  const all = joined(answer.headers);
  return { status: answer.statusCode, header: (name) => all[name], headers: () => all, body: Buffer.concat(pieces) };
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  return flat;
}

/** undici's own codes by what they mean here. */
const CODES: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'ConnectTimeout',
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'TruncatedAnswer',
};

function failureOf(error: unknown): HttpFailure {
  if (!(error instanceof Error)) return new HttpFailure('ECONNRESET', String(error));
  const code = 'code' in error ? String(error.code) : '';
  if (code.startsWith('HPE_')) return new HttpFailure('MalformedAnswer', error.message, { cause: error });
  const known = CODES[code];
  return known === undefined ? asFailure(error) : new HttpFailure(known, error.message, { cause: error });
}
