import { Readable } from 'node:stream';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import {
  asFailure,
  type HttpAnswer,
  type HttpClient,
  HttpFailure,
  type HttpRequest,
  IDLE_MS,
  MAX_ANSWER_BYTES,
  ONE_WRITE_BYTES,
  type Patience,
  SLICE_BYTES,
  type SlicedBody,
} from './http-client.js';
import { Link } from './link.js';
import type { SocketClientOptions } from './socket-client.js';

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
  const link = new Link();
  return {
    async send(request, signal) {
      signal.throwIfAborted();
      const bytes = request.body?.length ?? 0;
      link.began(bytes);
      let answered = false;
      const watchdog = watch(request, patience, link);
      const any = AbortSignal.any([signal, ended.signal, watchdog.signal]);
      try {
        const answer = await exchange(dispatcher, request, any, watchdog.progress);
        answered = true;
        return answer;
      } catch (error) {
        signal.throwIfAborted();
        watchdog.signal.throwIfAborted();
        throw failureOf(error);
      } finally {
        link.ended(bytes, answered);
        watchdog.end();
      }
    },
    close() {
      ended.abort(new HttpFailure('ECONNABORTED', 'the client was closed'));
      void dispatcher.destroy();
    },
  };
}

function proxied(proxy: string, options: Agent.Options): Dispatcher {
  const { username, password, origin } = new URL(proxy);
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const token = username === '' ? {} : { token: `Basic ${Buffer.from(plain).toString('base64')}` };
  return new ProxyAgent({ ...options, uri: origin, ...token, proxyTunnel: false });
}

async function exchange(
  dispatcher: Dispatcher,
  { origin, method, target, headers, body }: HttpRequest,
  signal: AbortSignal,
  progress: (sending: boolean) => void,
): Promise<HttpAnswer> {
  // With nothing to send, the answer is waited for from the start.
  if (body === undefined) progress(false);
  const going = body === undefined ? undefined : sliced(body, progress);
  const length = body === undefined ? {} : { 'content-length': String(body.length) };
  const answer = await dispatcher.request({
    origin,
    path: target,
    method: method as Dispatcher.HttpMethod,
    headers: { ...headers, ...length },
    body: going?.body ?? null,
    signal,
  });
  progress(false);
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer.body as AsyncIterable<Buffer>) {
    progress(false);
    size += piece.length;
    if (size > MAX_ANSWER_BYTES)
      throw new HttpFailure('MalformedAnswer', 'the answer is longer than any that was asked for');
    pieces.push(piece);
  }
  // A success without all of the body is none.
  if (answer.statusCode < 300 && going?.whole() === false)
    throw new HttpFailure('ECONNRESET', 'the server answered before it had the whole body');
  const all = joined(answer.headers);
  return { status: answer.statusCode, header: (name) => all[name], headers: () => all, body: Buffer.concat(pieces) };
}

/** A body that tells how far it was taken; a small one is taken at once. */
function sliced(
  body: Buffer | SlicedBody,
  progress: (sending: boolean) => void,
): { readonly body: Buffer | Readable; readonly whole: () => boolean } {
  if (body instanceof Uint8Array && body.length <= ONE_WRITE_BYTES) {
    progress(false);
    return { body, whole: () => true };
  }
  let whole = false;
  const slices = (async function* () {
    for await (const slice of body instanceof Uint8Array ? cut(body) : body.slices()) {
      progress(true);
      // What is queued must stay what it is.
      yield body instanceof Uint8Array ? slice : Buffer.from(slice);
    }
    whole = true;
    progress(false);
  })();
  return { body: Readable.from(slices, { objectMode: false, highWaterMark: SLICE_BYTES }), whole: () => whole };
}

function* cut(body: Buffer): Generator<Buffer, void> {
  for (let at = 0; at < body.length; at += SLICE_BYTES) yield body.subarray(at, at + SLICE_BYTES);
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  return flat;
}

/** Aborts what makes no progress for too long; told of it, and whether the body is still being sent. */
function watch(
  { answerMs }: HttpRequest,
  patience: Patience,
  link: Link,
): { readonly signal: AbortSignal; readonly progress: (sending: boolean) => void; readonly end: () => void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const progress = (sending: boolean) => {
    clearTimeout(timer);
    const ms = link.patience(sending ? patience.sendMs : (answerMs ?? patience.answerMs));
    const failure = () =>
      sending
        ? new HttpFailure('StalledSend', `sending stood still for ${ms} ms`)
        : new HttpFailure('SilentServer', `the server was silent for ${ms} ms`);
    timer = setTimeout(() => controller.abort(failure()), ms);
  };
  return { signal: controller.signal, progress, end: () => clearTimeout(timer) };
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
