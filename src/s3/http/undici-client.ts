import { setMaxListeners } from 'node:events';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { spreadingLookup } from './dial.js';
import {
  AbortedInFlight,
  asFailure,
  type HttpClient,
  HttpFailure,
  type HttpResponse,
  IDLE_MS,
  joinedValue,
  MAX_HEAD_BYTES,
  MAX_REFUSAL_BYTES,
  MAX_RESPONSE_BYTES,
  needsNewConnection,
  tooLarge,
} from './http-client.js';
import { readSendQueues } from './send-queues.js';
import type { SocketClientOptions } from './socket-client.js';
import { UndiciInFlight } from './undici-in-flight.js';
import { Watchdog } from './watchdog.js';

/** More than any concurrency: the limiter decides, and nothing is queued here. */
const MAX_SOCKETS = 4_096;

/**
 * An `HttpClient` on undici, for users who trust a widely used HTTP client more than our own one. It costs two to four times the CPU.
 * undici's own time limits are off: both clients use the same watchdog.
 */
export function undiciClient({ patience, proxy }: SocketClientOptions): HttpClient {
  // undici lets go of a connection that is being established only once it is, or after `connectMs`; until then it would keep the process alive.
  const sockets = new AbortController();
  // Each connection listens to it.
  setMaxListeners(0, sockets.signal);
  const options: Agent.Options = {
    connections: MAX_SOCKETS,
    pipelining: 1,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEAD_BYTES,
    connect: { timeout: patience.connectMs, lookup: spreadingLookup(), signal: sockets.signal },
  };
  const newDispatcher = (): Dispatcher =>
    proxy === undefined ? new Agent(options) : proxyDispatcher(proxy, options, patience.connectMs);
  const dispatcher = newDispatcher();
  // Its connections are closed after their first request, so that each request gets a new one.
  let oneRequestEach: Dispatcher | undefined;
  const closing = new AbortController();
  const watchdog = new Watchdog({ patience, now: () => performance.now(), sendQueues: readSendQueues });
  const requests = new Set<UndiciInFlight>();
  let checking: NodeJS.Timeout | undefined;

  /** Checks the patience of every request, by one timer. */
  function check(): void {
    // Timers run before I/O: after the event loop was busy, bytes that have arrived must be read first.
    setImmediate(() => {
      for (const request of requests) request.update();
      void watchdog.check();
    });
    if (requests.size > 0) return;
    clearInterval(checking);
    checking = undefined;
  }

  return {
    async send(request, signal) {
      signal.throwIfAborted();
      const inFlight = new UndiciInFlight(request, watchdog);
      requests.add(inFlight);
      watchdog.add(inFlight);
      checking ??= setInterval(check, watchdog.intervalMs).unref();
      let responded = false;
      try {
        const any = AbortSignal.any([signal, closing.signal, inFlight.signal]);
        const onNew = needsNewConnection(signal);
        if (onNew) oneRequestEach ??= newDispatcher();
        const sending = sendRequest((onNew ? oneRequestEach : undefined) ?? dispatcher, inFlight, any, onNew);
        const response = await Promise.race([sending, aborted(any)]);
        responded = true;
        return response;
      } catch (error) {
        if (signal.aborted && inFlight.begun) throw new AbortedInFlight(signal.reason);
        signal.throwIfAborted();
        inFlight.signal.throwIfAborted();
        throw failureOf(error, inFlight);
      } finally {
        watchdog.remove(inFlight, responded);
        requests.delete(inFlight);
      }
    },
    close() {
      closing.abort(new HttpFailure('ECONNABORTED', 'the client was closed'));
      clearInterval(checking);
      checking = undefined;
      void dispatcher.destroy();
      void oneRequestEach?.destroy();
      sockets.abort();
    },
  };
}

/** Rejects when the signal is aborted: undici handles an abort only once it has a connection, and a proxy may never open one. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function proxyDispatcher(proxy: string, options: Agent.Options, connectMs: number): Dispatcher {
  const { username, password, origin } = new URL(proxy);
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const token = username === '' ? {} : { token: `Basic ${Buffer.from(plain).toString('base64')}` };
  const { connect, ...rest } = options;
  return new ProxyAgent({
    ...rest,
    uri: origin,
    ...token,
    proxyTunnel: false,
    // The proxy's own options replace `connect`, and its connections for plain http get no other options.
    ...(typeof connect === 'object' && { proxyTls: connect, requestTls: connect }),
    factory: (to, own) => new Pool(to, { ...rest, ...own }),
    // Its requests open tunnels. One that the proxy never answers would keep its place in the pool of tunnels for ever.
    clientFactory: (to, own) => new Pool(to, { ...own, headersTimeout: connectMs }),
  });
}

async function sendRequest(
  dispatcher: Dispatcher,
  inFlight: UndiciInFlight,
  signal: AbortSignal,
  reset: boolean,
): Promise<HttpResponse> {
  const { origin, method, target, headers, body } = inFlight.request;
  const length = body === undefined ? {} : { 'content-length': String(body.length) };
  const response = await inFlight.findSocket(() =>
    dispatcher.request({
      origin,
      path: target,
      method: method as Dispatcher.HttpMethod,
      headers: { ...headers, ...length },
      body: inFlight.body ?? null,
      signal,
      reset,
    }),
  );
  inFlight.responseArrived(0);
  const refused = response.statusCode >= 300;
  const most = refused ? MAX_REFUSAL_BYTES : (inFlight.request.maxResponseBytes ?? MAX_RESPONSE_BYTES);
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response.body as AsyncIterable<Buffer>) {
    inFlight.responseArrived(piece.length);
    size += piece.length;
    pieces.push(piece);
    if (size <= most) continue;
    if (!refused) throw tooLarge(most);
    // The beginning is enough. Leaving the loop closes the connection.
    break;
  }
  // A success without the whole body is an error.
  if (response.statusCode < 300 && !inFlight.bodySent)
    throw new HttpFailure('ECONNRESET', 'the server responded before it had the whole body');
  const all = inFlight.headers() ?? joinedHeaders(response.headers);
  const read = Buffer.concat(pieces);
  const kept = refused ? read.subarray(0, MAX_REFUSAL_BYTES) : read;
  return { status: response.statusCode, header: (name) => all[name], headers: () => ({ ...all }), body: kept };
}

function joinedHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers))
    for (const one of [value ?? []].flat()) flat[name] = joinedValue(name, flat[name], one);
  return flat;
}

/** undici's own codes, and the codes that they become here. */
const CODES: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'ConnectTimeout',
  // Only requests for tunnels have such a timeout.
  UND_ERR_HEADERS_TIMEOUT: 'ConnectTimeout',
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'TruncatedAnswer',
  UND_ERR_HEADERS_OVERFLOW: 'MalformedAnswer',
};

/** What undici says of an interim response 100, which it cannot read although RFC 9110 (15.2) allows a server to send it unasked. */
const CONTINUE = 'bad response';

function failureOf(error: unknown, { phase }: UndiciInFlight): HttpFailure {
  if (!(error instanceof Error)) return new HttpFailure('ECONNRESET', String(error));
  const code = 'code' in error ? String(error.code) : '';
  // Of bytes that are no HTTP at all, its parser's error has no code.
  if (error.name === 'HTTPParserError' && !code.startsWith('HPE_')) {
    const why = 'the response does not begin with HTTP/, which is not valid HTTP/1.1';
    return new HttpFailure('MalformedAnswer', why, { cause: error });
  }
  if (code.startsWith('HPE_')) return new HttpFailure('MalformedAnswer', error.message, { cause: error });
  // Its checks of what it has read: a switch of protocols, a status below 100.
  if (code === 'ERR_ASSERTION')
    return new HttpFailure('MalformedAnswer', 'the response is not valid HTTP/1.1', { cause: error });
  if (code === 'UND_ERR_SOCKET' && error.message === CONTINUE) {
    const why = 'the server sends "100 Continue" unasked, which the client undici cannot read; the client sockets can';
    return new HttpFailure('MalformedAnswer', why, { cause: error });
  }
  // The other client tells a response that is cut off from none, too.
  if (code === 'UND_ERR_SOCKET' && phase === 'receiving')
    return new HttpFailure('TruncatedAnswer', 'the connection ended in the middle of the response', { cause: error });
  const known = CODES[code];
  return known === undefined ? asFailure(error) : new HttpFailure(known, error.message, { cause: error });
}
