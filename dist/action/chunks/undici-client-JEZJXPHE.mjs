import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  require_undici
} from "./chunk-FP7524OG.mjs";
import {
  __toESM
} from "./chunk-B2NAOQ5N.mjs";

// src/s3/http/undici-client.ts
var import_undici = __toESM(require_undici(), 1);
import { setMaxListeners } from "node:events";

// member:src/s3/http/dial.ts?src/s3/http/undici-client.ts
import { dialer, spreadingLookup } from "./step-9F1F6A95.mjs";

// member:src/s3/http/http-client.ts?src/s3/http/undici-client.ts
import { AbortedInFlight, CLOSE_FROM_STATUS, DEFAULT_PATIENCE, HttpFailure, IDLE_MS, MAX_HEAD_BYTES, MAX_REFUSAL_BYTES, MAX_RESPONSE_BYTES, SLICE_BYTES, SLOW_MS, abortIn, asFailure, joinedValue, needsNewConnection, onNewConnection, throwIfAborted, tooLarge } from "./step-9F1F6A95.mjs";

// member:src/s3/http/send-queues.ts?src/s3/http/undici-client.ts
import { findQueues, lineName, readSendQueues } from "./step-9F1F6A95.mjs";

// src/s3/http/undici-in-flight.ts
import { subscribe } from "node:diagnostics_channel";
import { Readable } from "node:stream";

// member:src/s3/http/http-client.ts?src/s3/http/undici-in-flight.ts
import { AbortedInFlight as AbortedInFlight2, CLOSE_FROM_STATUS as CLOSE_FROM_STATUS2, DEFAULT_PATIENCE as DEFAULT_PATIENCE2, HttpFailure as HttpFailure2, IDLE_MS as IDLE_MS2, MAX_HEAD_BYTES as MAX_HEAD_BYTES2, MAX_REFUSAL_BYTES as MAX_REFUSAL_BYTES2, MAX_RESPONSE_BYTES as MAX_RESPONSE_BYTES2, SLICE_BYTES as SLICE_BYTES2, SLOW_MS as SLOW_MS2, abortIn as abortIn2, asFailure as asFailure2, joinedValue as joinedValue2, needsNewConnection as needsNewConnection2, onNewConnection as onNewConnection2, throwIfAborted as throwIfAborted2, tooLarge as tooLarge2 } from "./step-9F1F6A95.mjs";

// src/s3/http/undici-in-flight.ts
var ONE_WRITE_BYTES = 64 * 1024;
var UndiciInFlight = class {
  request;
  bytes;
  responseMs;
  body;
  socket;
  phase = "connecting";
  progressAt = performance.now();
  taken = 0;
  queued = -1;
  sent = 0;
  hiddenBytes = 0;
  received = 0;
  responseFrom = performance.now();
  index = -1;
  #watchdog;
  #controller = new AbortController();
  #bodySent = false;
  /** Bytes of the body that undici was given. It and the socket may still hold some of them. */
  #given = 0;
  #awaitsSource = false;
  #closesConnection = false;
  #rawHeaders;
  constructor(request, watchdog) {
    const { body } = request;
    this.request = request;
    this.#watchdog = watchdog;
    this.bytes = body?.length ?? 0;
    this.responseMs = request.responseMs;
    this.#bodySent = body === void 0;
    if (body instanceof Uint8Array && body.length <= ONE_WRITE_BYTES) {
      this.body = body;
      this.#given = this.bytes;
      this.#bodySent = true;
    } else if (body !== void 0) {
      this.body = Readable.from(this.#slices(), { objectMode: false, highWaterMark: SLICE_BYTES2 });
    }
  }
  /** Aborted when the watchdog fails the request. */
  get signal() {
    return this.#controller.signal;
  }
  /** Whether the head was written to a socket. */
  get begun() {
    return this.phase !== "connecting";
  }
  /** Whether undici has read the whole body. */
  get bodySent() {
    return this.#bodySent;
  }
  abandon(error) {
    this.#controller.abort(error);
  }
  /** Starts the request, and finds the socket that undici writes it to. */
  findSocket(start) {
    subscribeOnce();
    starting = this;
    try {
      return start();
    } finally {
      starting = void 0;
    }
  }
  /** To be called when the head is written to `socket`. */
  sentOn(socket) {
    this.socket = socket;
    this.#enterPhase(this.bytes === 0 ? "waiting" : "sending");
  }
  /** To be called with the names and values of the response's head, as bytes. */
  headArrived(rawHeaders) {
    if (Array.isArray(rawHeaders) && rawHeaders.every((bytes) => bytes instanceof Uint8Array))
      this.#rawHeaders = rawHeaders;
  }
  /**
   * The headers with each byte as one character, as the other client reads them: undici reads bytes as UTF-8, and drops those that are not.
   * Undefined if undici does not show them.
   */
  headers() {
    const raw = this.#rawHeaders;
    if (raw === void 0) return void 0;
    const headers = /* @__PURE__ */ Object.create(null);
    for (let at = 0; at + 1 < raw.length; at += 2) {
      const name = textOf(raw[at]).toLowerCase();
      headers[name] = joinedValue2(name, headers[name], textOf(raw[at + 1]).trim());
    }
    return headers;
  }
  /** To be called when a piece of the response's body has arrived, or its head, as a piece of 0 bytes. */
  responseArrived(bytes) {
    if (this.phase === "waiting") this.#watchdog.responseBegan(this, performance.now() - this.progressAt);
    if (this.phase !== "receiving") this.responseFrom = performance.now();
    this.received += bytes;
    this.#enterPhase("receiving");
  }
  /** To be called when the head of the response has such a status that its connection is not to be used again. */
  closeAfterResponse() {
    this.#closesConnection = true;
  }
  /** To be called when undici has read the whole response, before it can use the connection again. */
  responseRead() {
    if (this.#closesConnection) this.socket?.destroy();
  }
  /** Updates how much of the body the system has accepted. */
  update() {
    const { socket, body } = this;
    if (this.phase === "connecting" || this.phase === "receiving") return;
    const held = (socket?.writableLength ?? 0) + (body instanceof Readable ? body.readableLength : 0);
    const taken = Math.max(this.taken, this.#given - held);
    if (taken > this.taken) {
      this.taken = taken;
      this.progressAt = performance.now();
    }
    if (taken >= this.bytes) this.phase = "waiting";
    else this.phase = this.#awaitsSource && held === 0 ? "reading" : "sending";
  }
  #enterPhase(phase) {
    this.phase = phase;
    this.progressAt = performance.now();
  }
  async *#slices() {
    const { body } = this.request;
    if (body === void 0) return;
    this.#awaitsSource = true;
    for await (const slice of body instanceof Uint8Array ? slicesOf(body) : body.slices()) {
      this.#awaitsSource = false;
      this.#given += slice.length;
      this.#enterPhase(this.phase === "receiving" ? "receiving" : "sending");
      this.responseFrom = this.progressAt;
      yield body instanceof Uint8Array ? slice : Buffer.from(slice);
      this.#awaitsSource = true;
    }
    this.#bodySent = true;
  }
};
function textOf(bytes) {
  return bytes === void 0 ? "" : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
function* slicesOf(body) {
  for (let at = 0; at < body.length; at += SLICE_BYTES2) yield body.subarray(at, at + SLICE_BYTES2);
}
var starting;
var byUndiciRequest = /* @__PURE__ */ new WeakMap();
var subscribed = false;
function subscribeOnce() {
  if (subscribed) return;
  subscribed = true;
  subscribe("undici:request:create", (message) => {
    if (starting !== void 0) byUndiciRequest.set(message.request, starting);
    starting = void 0;
  });
  subscribe("undici:request:headers", (message) => {
    const { request, response } = message;
    const inFlight = byUndiciRequest.get(request);
    inFlight?.headArrived(response.headers);
    if (response.statusCode >= CLOSE_FROM_STATUS2) inFlight?.closeAfterResponse();
  });
  subscribe("undici:client:sendHeaders", (message) => {
    const { request, socket } = message;
    byUndiciRequest.get(request)?.sentOn(socket);
  });
  subscribe("undici:request:trailers", (message) => {
    byUndiciRequest.get(message.request)?.responseRead();
  });
}

// member:src/s3/http/watchdog.ts?src/s3/http/undici-client.ts
import { LineRate, Watchdog } from "./step-9F1F6A95.mjs";

// src/s3/http/undici-client.ts
var MAX_SOCKETS = 4096;
function undiciClient({ patience, proxy }) {
  const sockets = new AbortController();
  setMaxListeners(0, sockets.signal);
  const options = {
    connections: MAX_SOCKETS,
    pipelining: 1,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEAD_BYTES,
    connect: { timeout: patience.connectMs, lookup: spreadingLookup(), signal: sockets.signal }
  };
  const newDispatcher = () => proxy === void 0 ? new import_undici.Agent(options) : proxyDispatcher(proxy, options, patience.connectMs);
  const dispatcher = newDispatcher();
  let oneRequestEach;
  const closing = new AbortController();
  const watchdog = new Watchdog({ patience, now: () => performance.now(), sendQueues: readSendQueues });
  const requests = /* @__PURE__ */ new Set();
  let checking;
  function check() {
    setImmediate(() => {
      for (const request of requests) request.update();
      void watchdog.check();
    });
    if (requests.size > 0) return;
    clearInterval(checking);
    checking = void 0;
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
        const sending = sendRequest((onNew ? oneRequestEach : void 0) ?? dispatcher, inFlight, any, onNew);
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
      closing.abort(new HttpFailure("ECONNABORTED", "the client was closed"));
      clearInterval(checking);
      checking = void 0;
      void dispatcher.destroy();
      void oneRequestEach?.destroy();
      sockets.abort();
    }
  };
}
function aborted(signal) {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
function proxyDispatcher(proxy, options, connectMs) {
  const { username, password, origin } = new URL(proxy);
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const token = username === "" ? {} : { token: `Basic ${Buffer.from(plain).toString("base64")}` };
  const { connect, ...rest } = options;
  return new import_undici.ProxyAgent({
    ...rest,
    uri: origin,
    ...token,
    proxyTunnel: false,
    // The proxy's own options replace `connect`, and its connections for plain http get no other options.
    ...typeof connect === "object" && { proxyTls: connect, requestTls: connect },
    factory: (to, own) => new import_undici.Pool(to, { ...rest, ...own }),
    // Its requests open tunnels. One that the proxy never answers would keep its place in the pool of tunnels for ever.
    clientFactory: (to, own) => new import_undici.Pool(to, { ...own, headersTimeout: connectMs })
  });
}
async function sendRequest(dispatcher, inFlight, signal, reset) {
  const { origin, method, target, headers, body } = inFlight.request;
  const length = body === void 0 ? {} : { "content-length": String(body.length) };
  const response = await inFlight.findSocket(
    () => dispatcher.request({
      origin,
      path: target,
      method,
      headers: { ...headers, ...length },
      body: inFlight.body ?? null,
      signal,
      reset
    })
  );
  inFlight.responseArrived(0);
  const refused = response.statusCode >= 300;
  const most = refused ? MAX_REFUSAL_BYTES : inFlight.request.maxResponseBytes ?? MAX_RESPONSE_BYTES;
  const pieces = [];
  let size = 0;
  for await (const piece of response.body) {
    inFlight.responseArrived(piece.length);
    size += piece.length;
    pieces.push(piece);
    if (size <= most) continue;
    if (!refused) throw tooLarge(most);
    break;
  }
  if (response.statusCode < 300 && !inFlight.bodySent)
    throw new HttpFailure("ECONNRESET", "the server responded before it had the whole body");
  const all = inFlight.headers() ?? joinedHeaders(response.headers);
  const read = Buffer.concat(pieces);
  const kept = refused ? read.subarray(0, MAX_REFUSAL_BYTES) : read;
  return { status: response.statusCode, header: (name) => all[name], headers: () => ({ ...all }), body: kept };
}
function joinedHeaders(headers) {
  const flat = /* @__PURE__ */ Object.create(null);
  for (const [name, value] of Object.entries(headers))
    for (const one of [value ?? []].flat()) flat[name] = joinedValue(name, flat[name], one);
  return flat;
}
var CODES = {
  UND_ERR_CONNECT_TIMEOUT: "ConnectTimeout",
  // Only requests for tunnels have such a timeout.
  UND_ERR_HEADERS_TIMEOUT: "ConnectTimeout",
  UND_ERR_SOCKET: "ECONNRESET",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "TruncatedAnswer",
  UND_ERR_HEADERS_OVERFLOW: "MalformedAnswer"
};
var CONTINUE = "bad response";
function failureOf(error, { phase }) {
  if (!(error instanceof Error)) return new HttpFailure("ECONNRESET", String(error));
  const code = "code" in error ? String(error.code) : "";
  if (error.name === "HTTPParserError" && !code.startsWith("HPE_")) {
    const why = "the response does not begin with HTTP/, which is not valid HTTP/1.1";
    return new HttpFailure("MalformedAnswer", why, { cause: error });
  }
  if (code.startsWith("HPE_")) return new HttpFailure("MalformedAnswer", error.message, { cause: error });
  if (code === "ERR_ASSERTION")
    return new HttpFailure("MalformedAnswer", "the response is not valid HTTP/1.1", { cause: error });
  if (code === "UND_ERR_SOCKET" && error.message === CONTINUE) {
    const why = 'the server sends "100 Continue" unasked, which the client undici cannot read; the client sockets can';
    return new HttpFailure("MalformedAnswer", why, { cause: error });
  }
  if (code === "UND_ERR_SOCKET" && phase === "receiving")
    return new HttpFailure("TruncatedAnswer", "the connection ended in the middle of the response", { cause: error });
  const known = CODES[code];
  return known === void 0 ? asFailure(error) : new HttpFailure(known, error.message, { cause: error });
}
export {
  undiciClient
};
