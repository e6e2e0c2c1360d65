"use strict";
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

// src/transfer/threads/s3-parallel-put-thread.ts
var s3_parallel_put_thread_exports = {};
__export(s3_parallel_put_thread_exports, {
  sender: () => sender
});
module.exports = __toCommonJS(s3_parallel_put_thread_exports);
var import_node_crypto2 = require("node:crypto");
var import_node_fs = require("node:fs");
var import_node_util = require("node:util");
var import_node_zlib = require("node:zlib");

// src/model/crc32.ts
function crc32Bytes(crc322) {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(crc322);
  return bytes;
}
function crc32ToBase64(crc322) {
  return crc32Bytes(crc322).toString("base64");
}

// src/model/etag.ts
var MD5 = /^[0-9a-f]{32}$/i;
function isMd5(etag) {
  return etag !== void 0 && MD5.test(etag);
}

// src/run/body-buffers.ts
var SMALLEST_CLASS = 13;
var LONGEST = 8 * 1024 * 1024;
var MORE = 64;
var MOST_SPARE = 16 * 1024 * 1024;
function bodyBuffers(most = MOST_SPARE) {
  const spare2 = [];
  const inUse = /* @__PURE__ */ new Map();
  let spareBytes = 0;
  return {
    get spareBytes() {
      return spareBytes;
    },
    take(length) {
      if (length > LONGEST + MORE) return Buffer.allocUnsafe(length);
      const sizeClass = length <= MORE ? SMALLEST_CLASS : Math.max(SMALLEST_CLASS, 32 - Math.clz32(length - MORE - 1));
      let found = spare2[sizeClass]?.pop();
      if (found === void 0) {
        found = { bytes: Buffer.allocUnsafeSlow(2 ** sizeClass + MORE), sizeClass, accepted: false };
      } else {
        spareBytes -= found.bytes.length;
        found.accepted = false;
      }
      inUse.set(found.bytes.buffer, found);
      return found.bytes;
    },
    accepted(body) {
      if (inUse.size === 0) return;
      const found = inUse.get(body.buffer);
      if (found !== void 0) found.accepted = true;
    },
    drop: (buffer) => void inUse.delete(buffer.buffer),
    end(buffer) {
      const found = inUse.get(buffer.buffer);
      if (found === void 0) return;
      inUse.delete(buffer.buffer);
      if (!found.accepted || spareBytes + found.bytes.length > most) return;
      spareBytes += found.bytes.length;
      spare2[found.sizeClass] ??= [];
      spare2[found.sizeClass]?.push(found);
    }
  };
}
var buffers = bodyBuffers();

// src/s3/http/connection-defaults.ts
var import_node_dns = __toESM(require("node:dns"), 1);
var import_node_net = __toESM(require("node:net"), 1);
var import_node_tls = __toESM(require("node:tls"), 1);
function trustedCertificates() {
  return "setDefaultCACertificates" in import_node_tls.default ? import_node_tls.default : void 0;
}
function useConnectionDefaults({
  tls: variables,
  trusted,
  lookupOrder,
  triesFamilies,
  familyMs
}) {
  Object.assign(import_node_tls.default, variables);
  import_node_dns.default.setDefaultResultOrder(lookupOrder);
  import_node_net.default.setDefaultAutoSelectFamily(triesFamilies);
  import_node_net.default.setDefaultAutoSelectFamilyAttemptTimeout(familyMs);
  const certificates = trustedCertificates();
  if (trusted === void 0 || certificates === void 0) return;
  if (certificates.getCACertificates("default").join() !== trusted.join())
    certificates.setDefaultCACertificates(trusted);
}

// src/s3/http/http-client.ts
var SLOW_MS = 15 * 6e4;
var IDLE_MS = 4e3;
var SLICE_BYTES = 128 * 1024;
var MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
var newConnectionSignals = /* @__PURE__ */ new WeakMap();
var newConnectionsOnly = /* @__PURE__ */ new WeakSet();
function onNewConnection(signal) {
  if (newConnectionsOnly.has(signal)) return signal;
  let known = newConnectionSignals.get(signal);
  if (known === void 0) {
    known = AbortSignal.any([signal]);
    newConnectionSignals.set(signal, known);
    newConnectionsOnly.add(known);
  }
  return known;
}
function needsNewConnection(signal) {
  return newConnectionsOnly.has(signal);
}
var CLOSE_FROM_STATUS = 500;
var MAX_REFUSAL_BYTES = 64 * 1024;
var MAX_HEAD_BYTES = 64 * 1024;
function joinedValue(name, found, value) {
  if (found === void 0) return value;
  return found === value && !name.startsWith("x-amz-meta-") ? found : `${found}, ${value}`;
}
function tooLarge(most) {
  const size = `${Math.round(most / 1024 / 1024 * 10) / 10} MiB`;
  return new HttpFailure("MalformedAnswer", `the response has more than ${size}, the most that such a request needs`);
}
var HttpFailure = class extends Error {
  code;
  constructor(code, message, options) {
    super(message, options);
    this.name = "HttpFailure";
    this.code = code;
  }
};
var AbortedInFlight = class extends Error {
  /** The S3 verb, where that is known. */
  verb;
  constructor(reason, verb) {
    super("the request was aborted in flight", { cause: reason });
    this.name = "AbortError";
    this.verb = verb;
  }
};
function asFailure(error) {
  if (error instanceof HttpFailure) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "ECONNRESET";
  return new HttpFailure(code, error.message, { cause: error });
}

// src/s3/http/dial.ts
var import_node_dns2 = require("node:dns");
var import_node_net2 = require("node:net");
var import_node_tls3 = require("node:tls");

// src/s3/http/connection.ts
var import_node_tls2 = require("node:tls");

// src/s3/http/response.ts
var EMPTY = Buffer.alloc(0);
var ResponseReader = class {
  #method;
  #maxBytes;
  #text = "";
  #head;
  #framing = { by: "none" };
  #chunks;
  #pieces = [];
  #size = 0;
  #done = false;
  #hasExtraBytes = false;
  /**
   * @param method of the request: a response to HEAD has no body
   * @param maxBytes of the body
   */
  constructor(method, maxBytes = MAX_RESPONSE_BYTES) {
    this.#method = method;
    this.#maxBytes = maxBytes;
  }
  /** Whether a byte of the response has arrived. */
  get begun() {
    return this.#text !== "" || this.#head !== void 0;
  }
  get done() {
    return this.#done;
  }
  /** The status, once the head has arrived. */
  get status() {
    return this.#head?.status;
  }
  /** Whether another request may use this connection: only after a response with a framed body, keep-alive, and no bytes after it. */
  get reusable() {
    return this.#done && !this.#hasExtraBytes && this.#head?.keepAlive === true && this.#framing.by !== "close";
  }
  /** Parses bytes, which are valid only during the call. Throws `HttpFailure` if they are not a response. */
  read(bytes) {
    let at = 0;
    while (at < bytes.length && !this.#done)
      at = this.#head === void 0 ? this.#readHead(bytes, at) : this.#readBody(bytes, at);
    if (at < bytes.length) this.#hasExtraBytes = true;
  }
  /** To be called when the connection has ended. Throws `HttpFailure` if the response is incomplete. */
  end() {
    if (this.#done) return;
    if (this.#framing.by !== "close" || this.#head === void 0)
      throw new HttpFailure("TruncatedAnswer", "the connection ended in the middle of the response");
    this.#done = true;
  }
  /** The response, once it is complete. */
  response() {
    if (this.#head === void 0) throw new TypeError("there is no response yet");
    const [first = EMPTY] = this.#pieces;
    const body = this.#pieces.length > 1 ? Buffer.concat(this.#pieces, this.#size) : first;
    return httpResponse(this.#head, body);
  }
  #readHead(bytes, at) {
    const before = this.#text.length;
    const arrived = bytes.toString("latin1", at);
    this.#text = before === 0 ? arrived : this.#text + arrived;
    const end = this.#text.indexOf("\r\n\r\n", Math.max(0, before - 3));
    if (end < 0) {
      if (!this.#text.startsWith("HTTP/".slice(0, this.#text.length))) throw malformed("does not begin with HTTP/");
      if (this.#text.length > MAX_HEAD_BYTES) throw malformed("has a head without an end");
      return bytes.length;
    }
    const head = parseHead(this.#text.slice(0, end));
    const after = at + end + 4 - before;
    if (head.status < 200) {
      if (head.status === 101) throw malformed("switches to another protocol");
      this.#text = "";
      return after;
    }
    this.#head = head;
    this.#framing = framingOf(this.#method, head);
    const { by } = this.#framing;
    if (by === "none" || by === "length" && this.#framing.length === 0) this.#done = true;
    if (by === "length" && !this.#isRefusal && this.#framing.length > this.#maxBytes) throw tooLarge(this.#maxBytes);
    if (by === "chunks") this.#chunks = new ChunkedBody();
    return after;
  }
  #readBody(bytes, at) {
    if (this.#chunks !== void 0) {
      const end2 = this.#chunks.read(bytes, at, (piece) => this.#keep(piece));
      this.#done ||= this.#chunks.done;
      return end2;
    }
    const left = this.#framing.by === "length" ? this.#framing.length - this.#size : bytes.length - at;
    const end = Math.min(bytes.length, at + left);
    this.#keep(bytes.subarray(at, end));
    this.#done ||= this.#framing.by === "length" && this.#size === this.#framing.length;
    return end;
  }
  get #isRefusal() {
    return (this.#head?.status ?? 0) >= 300;
  }
  /** Copies the piece, because the connection reads everything into one buffer. */
  #keep(piece) {
    if (this.#done) return;
    const size = this.#size + piece.length;
    if (this.#isRefusal) {
      if (size > MAX_REFUSAL_BYTES) {
        this.#done = true;
        this.#hasExtraBytes = true;
      }
    } else if (size > this.#maxBytes) throw tooLarge(this.#maxBytes);
    const kept = this.#done ? piece.subarray(0, MAX_REFUSAL_BYTES - this.#size) : piece;
    this.#pieces.push(Buffer.from(kept));
    this.#size += kept.length;
  }
};
function httpResponse({ status, headers }, body) {
  return { status, body, header: (name) => headers.get(name), headers: () => headers.all() };
}
var STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: .*)?$/;
var CLOSES = /\bclose\b/;
var KEEPS_ALIVE = /\bkeep-alive\b/;
function parseHead(text) {
  const end = text.indexOf("\r\n");
  const line = end < 0 ? text : text.slice(0, end);
  const status = line === OK ? 200 : statusOf(line);
  const headers = new ResponseHeaders(text, end < 0 ? text.length : end + 2);
  const connection = headers.get("connection")?.toLowerCase() ?? "";
  const keepAlive = line.startsWith("HTTP/1.1") ? !CLOSES.test(connection) : KEEPS_ALIVE.test(connection);
  return { status, headers, keepAlive };
}
var OK = "HTTP/1.1 200 OK";
function statusOf(line) {
  const status = STATUS_LINE.exec(line)?.[1];
  if (status === void 0) throw malformed(`begins with ${JSON.stringify(line.slice(0, 40))}`);
  return Number(status);
}
var NO_BODY = { by: "none" };
var EMPTY_BODY = { by: "length", length: 0 };
function framingOf(method, { status, headers }) {
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== void 0 && length !== void 0) throw malformed("has both a length and chunks");
  if (method === "HEAD" || status === 204 || status === 304) return NO_BODY;
  if (coding !== void 0) {
    if (coding.toLowerCase() !== "chunked") throw malformed(`has the transfer encoding ${JSON.stringify(coding)}`);
    return { by: "chunks" };
  }
  if (length === void 0) return { by: "close" };
  if (length === "0") return EMPTY_BODY;
  const [first = "", ...more] = length.split(", ");
  if (more.some((other) => other !== first)) throw malformed("has two different lengths");
  if (!/^\d{1,15}$/.test(first)) throw malformed(`has the length ${JSON.stringify(length.slice(0, 40))}`);
  return { by: "length", length: Number(first) };
}
var NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
var knownNames = /* @__PURE__ */ new Map();
var MOST_NAMES = 1e3;
var lastNames = { written: [], lower: [] };
function beginningOf({ written, lower }, count) {
  return { written: written.slice(0, count), lower: lower.slice(0, count) };
}
var ResponseHeaders = class {
  #text;
  #names;
  /** Where each value begins in the text, and where it ends. */
  #bounds = [];
  /**
   * @param text the head without the empty line at its end
   * @param start where its first header begins
   * Throws `HttpFailure` if they are not headers.
   */
  constructor(text, start) {
    this.#text = text;
    if (text.includes("\0", start)) throw invalidLine(text, text.indexOf("\0", start));
    let names = lastNames;
    let own;
    let count = 0;
    for (let at = start; at < text.length; ) {
      const lineFeed = text.indexOf("\n", at);
      const end = lineFeed < 0 ? text.length : lineFeed - 1;
      const carriageReturn = text.indexOf("\r", at);
      if (carriageReturn !== (lineFeed < 0 ? -1 : end)) throw invalidLine(text, at);
      const same = names.written[count];
      let colon = same === void 0 ? -1 : at + same.length;
      if (same === void 0 || text.charCodeAt(colon) !== COLON || !text.startsWith(same, at)) {
        colon = text.indexOf(":", at);
        if (colon < 0 || colon > end) throw invalidLine(text, at);
        const written = text.slice(at, colon);
        const lower = lowerName(text, written, at);
        own ??= beginningOf(names, count);
        own.written.push(written);
        own.lower.push(lower);
        names = own;
      }
      this.#bounds.push(colon + 1, end);
      count += 1;
      at = end + 2;
    }
    if (count < names.lower.length) names = beginningOf(names, count);
    lastNames = names;
    this.#names = names.lower;
  }
  /** @param name in lower case. The values of a repeated name are joined. */
  get(name) {
    const names = this.#names;
    const first = names.indexOf(name);
    if (first < 0) return void 0;
    let found = this.#value(first);
    for (let at = names.indexOf(name, first + 1); at >= 0; at = names.indexOf(name, at + 1))
      found = joinedValue(name, found, this.#value(at));
    return found;
  }
  /** All headers, names in lower case. */
  all() {
    const headers = /* @__PURE__ */ Object.create(null);
    for (const name of this.#names) headers[name] ??= this.get(name) ?? "";
    return headers;
  }
  #value(at) {
    return this.#text.slice(this.#bounds[2 * at], this.#bounds[2 * at + 1]).trim();
  }
};
var COLON = 58;
function lowerName(text, written, start) {
  const known = knownNames.get(written);
  if (known !== void 0) return known;
  if (!NAME.test(written)) throw invalidLine(text, start);
  const lower = Buffer.from(written.toLowerCase(), "latin1").toString("latin1");
  if (knownNames.size < MOST_NAMES) knownNames.set(Buffer.from(written, "latin1").toString("latin1"), lower);
  return lower;
}
function invalidLine(text, at) {
  const start = text.lastIndexOf("\r\n", Math.max(at - 1, 0));
  const from = start < 0 ? 0 : start + 2;
  const end = text.indexOf("\r\n", from);
  const line = text.slice(from, end < 0 ? text.length : end);
  return malformed(`has the header line ${JSON.stringify(line.slice(0, 40))}`);
}
function malformed(what) {
  return new HttpFailure("MalformedAnswer", `the response ${what}, which is not valid HTTP/1.1`);
}
var CHUNK_HEADER = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i;
var MAX_LINE_CHARS = 4096;
var CR = 13;
var LF = 10;
var ChunkedBody = class {
  #state = "size";
  #line = "";
  #left = 0;
  get done() {
    return this.#state === "done";
  }
  /**
   * Reads from `start`, passes pieces of the body to `take`, and returns the index at which the body or the bytes ended. Throws `HttpFailure`.
   * A piece is valid only during the call.
   */
  read(bytes, start, take) {
    let at = start;
    while (at < bytes.length && this.#state !== "done") {
      if (this.#state === "bytes") {
        const end = Math.min(bytes.length, at + this.#left);
        take(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#state = "after";
      } else {
        at = this.#readLine(bytes, at);
      }
    }
    return at;
  }
  #readLine(bytes, at) {
    const end = bytes.indexOf(LF, at);
    this.#line += bytes.toString("latin1", at, end < 0 ? bytes.length : end + 1);
    if (this.#line.length > MAX_LINE_CHARS) throw malformed("has a chunk header without an end");
    if (end < 0) return bytes.length;
    if (this.#line.charCodeAt(this.#line.length - 2) !== CR) throw malformed("has a line that ends without CR");
    const line = this.#line.slice(0, -2);
    this.#line = "";
    this.#handleLine(line);
    return end + 1;
  }
  #handleLine(line) {
    if (this.#state === "after") {
      if (line !== "") throw malformed("has a chunk that is longer than its header says");
      this.#state = "size";
    } else if (this.#state === "trailer") {
      if (line === "") this.#state = "done";
    } else {
      const size = CHUNK_HEADER.exec(line)?.[1];
      if (size === void 0) throw malformed(`has the chunk header ${JSON.stringify(line.slice(0, 40))}`);
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? "trailer" : "bytes";
    }
  }
};

// src/s3/http/in-flight.ts
function socketInFlight(request, socket, abandon, resolve, reject) {
  return {
    request,
    reader: new ResponseReader(request.method, request.maxResponseBytes),
    resolve,
    reject,
    whole: false,
    bytes: request.body?.length ?? 0,
    responseMs: request.responseMs,
    socket,
    phase: "sending",
    progressAt: performance.now(),
    taken: 0,
    queued: -1,
    sent: 0,
    received: 0,
    responseFrom: 0,
    hiddenBytes: 0,
    index: -1,
    abandon
  };
}

// src/s3/http/socket-buffers.ts
var SOCKET_BUFFER_BYTES = 16 * 1024;
var MOST_SPARE2 = 64;
var spare = [];
function takeSocketBuffer() {
  return spare.pop() ?? Buffer.allocUnsafeSlow(SOCKET_BUFFER_BYTES);
}
function giveSocketBuffer(buffer) {
  if (buffer.length === SOCKET_BUFFER_BYTES && spare.length < MOST_SPARE2) spare.push(buffer);
}
var READ_BYTES = 64 * 1024;
var shared;
function readBuffer(received) {
  shared ??= Buffer.allocUnsafeSlow(READ_BYTES);
  const buffer = shared;
  return {
    buffer,
    callback(bytes) {
      received(buffer.subarray(0, bytes));
      return true;
    }
  };
}

// src/s3/http/connection.ts
var HEAD_ROOM = 2 * 1024;
var TLS_RECORD_BYTES = 16 * 1024;
var Connection = class {
  #socket;
  #watchdog;
  #writeHead;
  #inFlight;
  #buffer;
  #broken = false;
  #secure;
  /** When it became idle, on the clock of `performance.now()`. */
  idleSince = 0;
  /** @param writeHead writes the head of a request; a proxy needs another form */
  constructor(socket, watchdog, writeHead = requestHead) {
    this.#socket = socket;
    this.#watchdog = watchdog;
    this.#writeHead = writeHead;
    this.#secure = socket instanceof import_node_tls2.TLSSocket;
    this.#broken = socket.destroyed;
    socket.on("error", (error) => this.#fail(asFailure(error)));
    socket.on("end", () => this.#onEnd());
    socket.on("close", () => this.#onClose());
  }
  /** Whether it can take another request. */
  get usable() {
    return !this.#broken && this.#inFlight === void 0 && !this.#socket.destroyed;
  }
  /**
   * Sends one request. Calls `resolve` once the response is complete, or `reject` once it cannot be any more; then `usable` says whether another
   * request can follow. Throws `TypeError` as {@link requestHead} does; then neither is called.
   */
  send(request, resolve, reject) {
    const head = this.#writeHead(request);
    const inFlight = socketInFlight(request, this.#socket, this.abandon, resolve, reject);
    this.#inFlight = inFlight;
    this.#watchdog.add(inFlight);
    this.#write(inFlight, head);
  }
  /**
   * Memory for the body of the next request, which is then sent without a copy; undefined for one that is too long. Valid until the request after that
   * begins.
   */
  lend(length) {
    if (length > SOCKET_BUFFER_BYTES - HEAD_ROOM) return void 0;
    return this.#sendBuffer().subarray(HEAD_ROOM, HEAD_ROOM + length);
  }
  /** Fails the request in flight and closes the connection. */
  abandon = (error) => this.#fail(error);
  /** Takes bytes that have arrived; `bytes` is valid only during the call. */
  received(bytes) {
    const inFlight = this.#inFlight;
    if (inFlight === void 0) {
      this.#break();
      return;
    }
    const now = performance.now();
    if (inFlight.phase === "waiting") this.#watchdog.responseBegan(inFlight, now - inFlight.progressAt);
    if (inFlight.phase !== "receiving") inFlight.responseFrom = now;
    inFlight.phase = "receiving";
    inFlight.progressAt = now;
    inFlight.received += bytes.length;
    try {
      inFlight.reader.read(bytes);
      this.#resolveIfDone(inFlight);
    } catch (error) {
      this.#fail(asFailure(error));
    }
  }
  #write(inFlight, head) {
    const { body } = inFlight.request;
    if (!(body instanceof Uint8Array) || body.length === 0) {
      this.#socket.write(head, "latin1", (error) => this.#onWritten(inFlight, 0, error));
      return;
    }
    const own = this.#buffer;
    if (own !== void 0 && body.buffer === own.buffer && head.length <= HEAD_ROOM) {
      own.write(head, HEAD_ROOM - head.length, "latin1");
      const bytes = own.subarray(HEAD_ROOM - head.length, HEAD_ROOM + body.length);
      this.#socket.write(bytes, (error) => this.#onWritten(inFlight, body.length, error));
      return;
    }
    const length = head.length + body.length;
    if (length <= SOCKET_BUFFER_BYTES) {
      const bytes = this.#sendBuffer().subarray(0, length);
      body.copy(bytes, head.length);
      bytes.write(head, 0, "latin1");
      this.#socket.write(bytes, (error) => this.#onWritten(inFlight, body.length, error));
      return;
    }
    this.#writeTogether(inFlight, head, body);
  }
  /** Sends the head and the first slice by one call of the system: a head alone wakes the server and costs as much as 64 KiB of a body. */
  #writeTogether(inFlight, head, body) {
    const buffer = head.length > SOCKET_BUFFER_BYTES ? Buffer.allocUnsafeSlow(head.length) : this.#sendBuffer();
    buffer.write(head, 0, "latin1");
    const copied = this.#secure ? Math.max(0, Math.min(body.length, TLS_RECORD_BYTES - head.length)) : 0;
    if (copied > 0) body.copy(buffer, head.length, 0, copied);
    const slice = body.subarray(copied, SLICE_BYTES);
    const socket = this.#socket;
    if (!this.#secure) socket.cork();
    socket.write(buffer.subarray(0, head.length + copied));
    socket.write(slice, (error) => this.#onWritten(inFlight, copied + slice.length, error));
    if (!this.#secure) socket.uncork();
  }
  /** A buffer to send from, until the system has accepted its bytes: other connections use it then, so that few are in use. */
  #sendBuffer() {
    this.#buffer ??= takeSocketBuffer();
    return this.#buffer;
  }
  #giveBuffer() {
    if (this.#buffer !== void 0) giveSocketBuffer(this.#buffer);
    this.#buffer = void 0;
  }
  /** The system has accepted a write with `bytes` bytes of the body: sends the next slice. */
  #onWritten(inFlight, bytes, error) {
    if (this.#inFlight !== inFlight) return;
    if (error !== void 0 && error !== null) {
      this.#fail(asFailure(error));
      return;
    }
    const { body } = inFlight.request;
    if (!(body instanceof Uint8Array && body.buffer === this.#buffer?.buffer)) this.#giveBuffer();
    inFlight.progressAt = performance.now();
    inFlight.responseFrom = inFlight.progressAt;
    inFlight.taken += bytes;
    if (body === void 0 || inFlight.taken >= body.length) {
      inFlight.whole = true;
      if (body instanceof Uint8Array) buffers.accepted(body);
      if (inFlight.phase === "sending") inFlight.phase = "waiting";
      this.#resolveIfDone(inFlight);
      return;
    }
    if (!(body instanceof Uint8Array)) {
      void this.#writeSlice(inFlight, body);
      return;
    }
    const slice = body.subarray(inFlight.taken, inFlight.taken + SLICE_BYTES);
    this.#socket.write(slice, (failed) => this.#onWritten(inFlight, slice.length, failed));
  }
  /** Reads and sends the next slice of a body that is not one buffer. */
  async #writeSlice(inFlight, body) {
    inFlight.slices ??= body.slices()[Symbol.asyncIterator]();
    if (inFlight.phase === "sending") inFlight.phase = "reading";
    try {
      const { done, value } = await inFlight.slices.next();
      if (this.#inFlight !== inFlight) return;
      if (inFlight.phase === "reading") inFlight.phase = "sending";
      inFlight.progressAt = performance.now();
      if (done === true) throw new HttpFailure("ECONNABORTED", "the body ended before its length");
      this.#socket.write(value, (failed) => this.#onWritten(inFlight, value.length, failed));
    } catch (error) {
      if (this.#inFlight === inFlight) this.#fail(asFailure(error));
    }
  }
  #resolveIfDone(inFlight) {
    const { reader } = inFlight;
    if (!reader.done) return;
    const refused = (reader.status ?? 0) >= 300;
    if (!inFlight.whole && !refused) return;
    this.#inFlight = void 0;
    if (!reader.reusable || !inFlight.whole || (reader.status ?? 0) >= CLOSE_FROM_STATUS) this.#break();
    this.#watchdog.remove(inFlight, true);
    inFlight.resolve(reader.response());
  }
  #onEnd() {
    const inFlight = this.#inFlight;
    if (inFlight === void 0) {
      this.#break();
      return;
    }
    const { reader } = inFlight;
    try {
      if (!reader.begun) throw new HttpFailure("ECONNRESET", "the server closed the connection without a response");
      reader.end();
      if (!inFlight.whole && (reader.status ?? 0) < 300)
        throw new HttpFailure(
          "ECONNRESET",
          "the server responded and closed the connection before it had the whole body"
        );
      this.#resolveIfDone(inFlight);
    } catch (error) {
      this.#fail(asFailure(error));
    }
  }
  #onClose() {
    this.#onEnd();
    this.#giveBuffer();
  }
  #fail(error) {
    const inFlight = this.#inFlight;
    this.#inFlight = void 0;
    this.#break();
    if (inFlight !== void 0) this.#watchdog.remove(inFlight, false);
    inFlight?.reject(error);
  }
  #break() {
    this.#broken = true;
    this.#socket.destroy();
  }
};
var WITH_BODY = /* @__PURE__ */ new Set(["PUT", "POST", "PATCH"]);
var TARGET = /^[!-~]+$/;
var VALUE = /^[\t -~\x80-\xff]*$/;
function isHeaderValue(value) {
  return VALUE.test(value);
}
function requestHead(request, target = request.target) {
  if (!TARGET.test(target)) throw new TypeError(`the request target ${JSON.stringify(target)} is not encoded`);
  let head = `${request.method} ${target} HTTP/1.1\r
${request.head ?? ""}`;
  for (const name in request.headers) {
    const value = request.headers[name] ?? "";
    if (!isHeaderValue(value))
      throw new TypeError(`the header ${name} has a line break, or a character outside of Latin-1`);
    head += `${name}: ${value}\r
`;
  }
  const { body, method } = request;
  if ((body !== void 0 || WITH_BODY.has(method)) && request.headers["content-length"] === void 0)
    head += `content-length: ${body?.length ?? 0}\r
`;
  return `${head}\r
`;
}

// src/s3/http/dial.ts
var KEEP_ALIVE_MS = 6e4;
function dialer(origin, { patience, watchdog, lookup, proxy }) {
  const url = new URL(origin);
  const secure = url.protocol === "https:";
  const target = { host: hostOf(url), port: portOf(url) };
  const proxyUrl = proxy === void 0 ? void 0 : new URL(proxy);
  let session;
  let context;
  const tcp = ({ host, port }, onread) => (0, import_node_net2.connect)(
    onread === void 0 ? { host, port, lookup, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS } : { host, port, lookup, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, onread }
  );
  function tls2(onread, overSocket) {
    context ??= (0, import_node_tls3.createSecureContext)();
    const options = {
      secureContext: context,
      ...overSocket === void 0 ? { ...target, lookup, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS } : { socket: overSocket },
      ...(0, import_node_net2.isIP)(target.host) === 0 && { servername: target.host },
      ...session !== void 0 && { session },
      ALPNProtocols: ["http/1.1"],
      ...onread !== void 0 && { onread }
    };
    const socket = (0, import_node_tls3.connect)(options);
    socket.on("session", (ticket) => {
      session = ticket;
    });
    return socket;
  }
  const viaHttpProxy = secure || proxyUrl === void 0 ? void 0 : proxyRequestHead(proxyUrl);
  const first = proxyUrl === void 0 ? target : { host: hostOf(proxyUrl), port: portOf(proxyUrl) };
  if (!secure || proxyUrl === void 0)
    return (scope, opened, failed) => {
      let connection;
      const onread = readBuffer((bytes) => connection?.received(bytes));
      const socket = secure ? tls2(onread) : tcp(first, onread);
      const onConnect = () => {
        connection = new Connection(socket, watchdog, viaHttpProxy);
        opened(connection);
      };
      awaitConnect(
        socket,
        secure,
        { scope, at: performance.now() + patience.connectMs, host: first.host },
        onConnect,
        failed
      );
    };
  async function throughTunnel(scope, proxyUrl2) {
    const at = performance.now() + patience.connectMs;
    const tunnel = tcp(first);
    const toProxy = { scope, at, host: proxyUrl2.host };
    await new Promise((resolve, reject) => awaitConnect(tunnel, false, toProxy, resolve, reject));
    await openTunnel(tunnel, proxyUrl2, `${url.hostname}:${target.port}`, toProxy);
    const socket = tls2(void 0, tunnel);
    let connection;
    socket.on("data", (bytes) => connection?.received(bytes));
    await new Promise(
      (resolve, reject) => awaitConnect(socket, true, { scope, at, host: target.host }, resolve, reject)
    );
    connection = new Connection(socket, watchdog);
    return connection;
  }
  return (scope, opened, failed) => void throughTunnel(scope, proxyUrl).then(opened, failed);
}
function proxyRequestHead(proxyUrl) {
  const authorization = proxyAuthorization(proxyUrl);
  return (request) => {
    const credentials = authorization === void 0 ? {} : { "proxy-authorization": authorization };
    return requestHead(
      { ...request, headers: { ...request.headers, ...credentials } },
      request.origin + request.target
    );
  };
}
function awaitConnect(socket, secure, until, connected, failed) {
  const event = secure ? "secureConnect" : "connect";
  const start = (done) => {
    socket.once(event, done);
    return () => socket.removeListener(event, done);
  };
  awaitSocket(socket, until, start, connected, failed);
}
function openTunnel(socket, proxyUrl, authority, until) {
  const reader = new ResponseReader("HEAD");
  const start = (resolve, reject) => {
    const onData = (bytes) => {
      try {
        reader.read(bytes);
      } catch (error) {
        return reject(asFailure(error));
      }
      if (!reader.done) return;
      if (reader.status === 200) resolve();
      else
        reject(
          new HttpFailure(
            "ProxyRefused",
            `the proxy ${proxyUrl.host} responded with ${reader.status} to CONNECT ${authority}`
          )
        );
    };
    socket.on("data", onData);
    const authorization = proxyAuthorization(proxyUrl);
    const credentials = authorization === void 0 ? "" : `proxy-authorization: ${authorization}\r
`;
    socket.write(`CONNECT ${authority} HTTP/1.1\r
host: ${authority}\r
${credentials}\r
`, "latin1");
    return () => {
      socket.removeListener("data", onData);
      socket.pause();
    };
  };
  return new Promise((resolve, reject) => awaitSocket(socket, until, start, resolve, reject));
}
function proxyAuthorization(proxyUrl) {
  if (proxyUrl.username === "") return void 0;
  const plain = `${decodeURIComponent(proxyUrl.username)}:${decodeURIComponent(proxyUrl.password)}`;
  return `Basic ${Buffer.from(plain).toString("base64")}`;
}
function ignore() {
}
function awaitSocket(socket, { scope, at, host }, start, done, failed) {
  socket.on("error", ignore);
  const end = () => {
    clean();
    socket.removeListener("error", onError);
    socket.removeListener("close", onClose);
    scope.busy.delete(dialing);
    clearTimeout(timer);
  };
  const fail = (error) => {
    end();
    socket.destroy();
    failed(error);
  };
  const onError = (error) => fail(asFailure(error));
  const onClose = () => fail(new HttpFailure("ECONNRESET", `${host} closed the connection before it was established`));
  const onTimeout = () => fail(new HttpFailure("ConnectTimeout", `${host} did not accept a connection in time`));
  const dialing = { abandon: fail };
  const timer = setTimeout(onTimeout, Math.max(0, Math.ceil(at - performance.now())));
  socket.on("error", onError);
  socket.on("close", onClose);
  scope.busy.add(dialing);
  const clean = start(() => {
    end();
    done();
  }, fail);
  const ended = scope.ended();
  if (ended !== void 0) fail(ended);
}
function hostOf({ hostname }) {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}
function portOf({ port, protocol }) {
  return port === "" ? protocol === "https:" ? 443 : 80 : Number(port);
}
var DNS_CACHE_MS = 3e4;
function spreadingLookup() {
  const cache = /* @__PURE__ */ new Map();
  const pending = /* @__PURE__ */ new Map();
  function addressesOf(host, done) {
    const found = cache.get(host);
    if (found !== void 0 && performance.now() - found.at < DNS_CACHE_MS) {
      done(null, found);
      return;
    }
    const waiting = pending.get(host);
    if (waiting !== void 0) {
      waiting.push(done);
      return;
    }
    const all = [done];
    pending.set(host, all);
    (0, import_node_dns2.lookup)(host, { all: true }, (error, addresses) => {
      pending.delete(host);
      const fresh = error === null ? { addresses, at: performance.now(), turn: 0 } : void 0;
      if (fresh !== void 0) cache.set(host, fresh);
      const known = fresh ?? found;
      for (const each of all) each(known === void 0 ? error : null, known);
    });
  }
  return (host, options, callback) => {
    addressesOf(host, (error, found) => {
      if (error !== null || found === void 0) {
        callback(error, "", 0);
        return;
      }
      const { family } = options;
      const matching = found.addresses.filter(
        (address) => family !== 4 && family !== 6 ? true : address.family === family
      );
      const usable = matching.length > 0 ? matching : found.addresses;
      const first = found.turn++ % usable.length;
      const rotated = [...usable.slice(first), ...usable.slice(0, first)];
      if (options.all === true) callback(null, rotated);
      else callback(null, rotated[0]?.address ?? "", rotated[0]?.family);
    });
  };
}

// src/s3/http/send-queues.ts
var import_promises = require("node:fs/promises");
var import_node_net3 = require("node:net");
var import_node_os = require("node:os");
var import_promises2 = require("node:timers/promises");
async function readSendQueues(sockets) {
  if (process.platform !== "linux") return void 0;
  const wanted = /* @__PURE__ */ new Map();
  let four = false;
  let six = false;
  for (const socket of sockets) {
    const name = lineName(socket);
    if (name === void 0) continue;
    wanted.set(name, void 0);
    if ((0, import_node_net3.isIP)(socket.remoteAddress ?? "") === 6) six = true;
    else four = true;
  }
  try {
    if (four) findQueues(await (0, import_promises.readFile)("/proc/net/tcp", "latin1"), wanted);
    if (six) findQueues(await (0, import_promises.readFile)("/proc/net/tcp6", "latin1"), wanted);
  } catch {
    return void 0;
  }
  await (0, import_promises2.setImmediate)();
  return (socket) => wanted.get(lineName(socket) ?? "");
}
function findQueues(text, wanted) {
  for (let begin = text.indexOf("\n") + 1; begin > 0 && begin < text.length; ) {
    const end = text.indexOf("\n", begin);
    const line = end < 0 ? text.slice(begin) : text.slice(begin, end);
    const local = line.indexOf(":") + 2;
    const remote = line.indexOf(" ", local) + 1;
    const state = line.indexOf(" ", remote) + 1;
    const name = line.slice(remote - 5, state - 1);
    if (wanted.has(name)) wanted.set(name, Number.parseInt(line.slice(state + 3, state + 11), 16));
    begin = end < 0 ? 0 : end + 1;
  }
}
function lineName({ localPort, remotePort, remoteAddress }) {
  if (localPort === void 0 || remotePort === void 0 || remoteAddress === void 0) return void 0;
  return `${hex(localPort, 4)} ${hexAddress(remoteAddress)}:${hex(remotePort, 4)}`;
}
function hexAddress(address) {
  const bytes = (0, import_node_net3.isIP)(address) === 6 ? bytesOfIPv6(address) : address.split(".").map(Number);
  const hexes = bytes.map((byte) => hex(byte, 2));
  if ((0, import_node_os.endianness)() === "BE") return hexes.join("");
  let text = "";
  for (let at = 0; at < hexes.length; at += 4)
    text += hexes.slice(at, at + 4).reverse().join("");
  return text;
}
function bytesOfIPv6(address) {
  const [plain = ""] = address.split("%");
  const text = plain.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, a, b, c, d) => [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(":")
  );
  const [head = "", tail] = text.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === void 0 || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}
function hex(value, digits) {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}

// src/s3/http/watchdog.ts
var MAX_SEND_FACTOR = 10;
var MAX_RESPONSE_FACTOR = 3;
var MAX_BLIND_FACTOR = 2;
var HIDDEN_BYTES = 256 * 1024;
var ASSUMED_MS_PER_BYTE = 1 / 125;
var MAX_UNMEASURED_FACTOR = 1;
var MAX_ASSUMED_FACTOR = 3;
var FIRST_RATE_FACTOR = 3;
var LEAST_RESPONSE_RATE = 512;
var MAX_DRIP_FACTOR = 4;
var NEWEST_WEIGHT = 0.3;
var NEWEST_QUICK_WEIGHT = 0.1;
var Watchdog = class {
  #options;
  #line;
  /**
   * The requests, each at its `index`. Not a Set: a Set replaces its table again and again, and a table in the old space keeps all requests that it
   * held, with their bodies, until a full garbage collection.
   */
  #requests = [];
  #free = [];
  #hidden = 0;
  /** The largest total of the next slices of all requests since one of them began to wait, in bytes. */
  #slices = 0;
  #msPerByte = ASSUMED_MS_PER_BYTE;
  #measuring = false;
  #reading = false;
  /** Whether the system does not provide how many bytes it holds. */
  #blind = false;
  constructor(options) {
    this.#options = options;
    this.#line = new LineRate(options.patience.sendMs / 10);
  }
  /** How often `check` is to be called, in ms. */
  get intervalMs() {
    const { sendMs, responseMs } = this.#options.patience;
    return Math.max(25, Math.min(sendMs, responseMs) / 20);
  }
  get size() {
    return this.#requests.length - this.#free.length;
  }
  add(request) {
    request.index = this.#free.pop() ?? this.#requests.length;
    this.#requests[request.index] = request;
    this.#hidden += Math.min(request.bytes, HIDDEN_BYTES);
    request.hiddenBytes = this.#hidden;
  }
  /** Forgets a request that has its response, or failed. */
  remove(request, responded) {
    if (!this.#tracks(request)) return;
    this.#requests[request.index] = void 0;
    this.#free.push(request.index);
    this.#hidden -= Math.min(request.bytes, HIDDEN_BYTES);
    if (responded) this.#line.moved(request.bytes - request.sent);
  }
  #tracks(request) {
    return this.#requests[request.index] === request;
  }
  #inFlight() {
    return this.#requests.filter((request) => request !== void 0);
  }
  /** Takes in that a response began after `afterMs`. */
  responseBegan(request, afterMs) {
    if (request.bytes === 0 || request.responseMs !== void 0) return;
    const msPerByte = afterMs / request.hiddenBytes;
    this.#msPerByte += (msPerByte > this.#msPerByte ? NEWEST_WEIGHT : NEWEST_QUICK_WEIGHT) * (msPerByte - this.#msPerByte);
  }
  /** Checks all requests. To be called after pending I/O was handled: a busy event loop must not look like a silent server. */
  async check() {
    const now = this.#options.now();
    let anyWaits = false;
    for (const request of this.#inFlight())
      anyWaits ||= now - request.progressAt >= this.#measureAfterMs(request) || this.#drips(request, now);
    if (!anyWaits) {
      this.#measuring = false;
      return;
    }
    if (!this.#reading) await this.#measure();
    this.#judge();
  }
  /** After how many milliseconds without progress a request is worth a measurement. */
  #measureAfterMs({ phase, bytes, sent, responseMs }) {
    const { patience } = this.#options;
    if (phase === "reading") return Number.POSITIVE_INFINITY;
    return (sent >= bytes ? responseMs ?? patience.responseMs : patience.sendMs) / 4;
  }
  /** Measures what has left this machine since the last measurement. */
  async #measure() {
    const sending = this.#inFlight().filter(({ sent, bytes, socket }) => sent < bytes && socket !== void 0);
    let queues;
    if (sending.length > 0) {
      this.#reading = true;
      queues = await this.#options.sendQueues(sending.map(({ socket }) => socket));
      this.#reading = false;
      this.#blind = queues === void 0;
    }
    const now = this.#options.now();
    for (const request of sending) {
      if (!this.#tracks(request)) continue;
      const queued = request.socket === void 0 ? void 0 : queues?.(request.socket);
      if (queued === 0 && request.phase === "sending") this.#blind = true;
      this.#updateProgress(request, queued, now);
    }
    if (this.#measuring) {
      this.#line.measure(now);
      return;
    }
    this.#line.restart(now);
    this.#slices = 0;
    this.#measuring = true;
  }
  #updateProgress(request, queued, now) {
    const { queued: before, sent, taken } = request;
    const shrunk = before >= 0 && queued !== void 0 ? Math.max(0, before - queued) : 0;
    request.sent = Math.min(request.bytes, Math.max(sent + shrunk, taken - (queued ?? 0)));
    this.#line.moved(request.sent - sent);
    if (queued === void 0) return;
    request.queued = queued;
    if (before >= 0 && (queued !== before || request.sent > sent)) request.progressAt = now;
  }
  #judge() {
    const now = this.#options.now();
    const extraSendMs = this.#extraSendMs();
    for (const request of this.#inFlight()) {
      const error = this.#failureOf(request, now, extraSendMs);
      if (error !== void 0) request.abandon(error);
    }
  }
  /**
   * Whether a response comes in so few bytes that waiting for its end is useless, although none of its pauses is too long. The body of an object
   * goes on at any useful rate, however long it takes.
   */
  #drips(request, now) {
    const { phase, responseFrom, received, responseMs } = request;
    if (phase !== "receiving") return false;
    const took = now - responseFrom - received * 1e3 / LEAST_RESPONSE_RATE;
    const patienceMs = MAX_DRIP_FACTOR * (responseMs ?? this.#options.patience.responseMs);
    return took >= patienceMs && took >= patienceMs + this.#extraResponseMs(request);
  }
  /** The error of a request that made no progress for `waited` ms; undefined while it may go on waiting. */
  #failureOf(request, now, extraSendMs) {
    const waited = now - request.progressAt;
    const { phase, bytes, taken, sent } = request;
    const { connectMs, sendMs } = this.#options.patience;
    if (phase === "reading") return void 0;
    if (phase === "connecting")
      return waited >= connectMs ? new HttpFailure("ConnectTimeout", "could not connect in time") : void 0;
    const stalled = waited >= sendMs + extraSendMs;
    if (phase === "sending") return stalled ? stallError(waited, taken, bytes) : void 0;
    if (phase === "waiting" && stalled && request.queued > 2 * HIDDEN_BYTES && sent < bytes)
      return silenceError(waited, `accepted only ${sent} of ${bytes} bytes`);
    if (this.#drips(request, now)) return dripError(now - request.responseFrom, request.received);
    const responseMs = request.responseMs ?? this.#options.patience.responseMs;
    if (waited < responseMs || waited < responseMs + this.#extraResponseMs(request)) return void 0;
    return silenceError(waited, phase === "receiving" ? "stopped in the middle of its response" : "sent no response");
  }
  /** The ms that a live line adds to the patience for the next slice. */
  #extraSendMs() {
    const { sendMs } = this.#options.patience;
    let slices = 0;
    for (const { bytes, sent } of this.#inFlight()) slices += Math.min(bytes - sent, SLICE_BYTES);
    this.#slices = Math.max(this.#slices, slices);
    const measured = this.#line.msFor(this.#slices);
    const least = measured === void 0 ? MAX_ASSUMED_FACTOR * sendMs : FIRST_RATE_FACTOR * measured;
    const assumed = Math.min(MAX_ASSUMED_FACTOR * sendMs, least, this.#slices * ASSUMED_MS_PER_BYTE);
    return Math.max(assumed, this.#msFor(this.#slices, sendMs, MAX_SEND_FACTOR));
  }
  /** The ms that a live line adds to the patience for a response. */
  #extraResponseMs({ hiddenBytes }) {
    const { responseMs } = this.#options.patience;
    const hidden = Math.max(hiddenBytes, this.#hidden);
    return Math.max(
      this.#msFor(hidden, responseMs, MAX_RESPONSE_FACTOR),
      Math.min(MAX_UNMEASURED_FACTOR * responseMs, hidden * this.#msPerByte)
    );
  }
  #msFor(bytes, patienceMs, most) {
    const assumed = this.#blind ? Math.min(MAX_BLIND_FACTOR * patienceMs, bytes * ASSUMED_MS_PER_BYTE) : 0;
    return Math.max(assumed, Math.min(most * patienceMs, this.#line.msFor(bytes) ?? 0));
  }
};
var LineRate = class _LineRate {
  /** Weight of the newest measurement. */
  static #newestWeight = 0.5;
  #leastMs;
  #rate = 0;
  #movedBytes = 0;
  #since = 0;
  /** @param leastMs minimum duration of one measurement */
  constructor(leastMs) {
    this.#leastMs = leastMs;
  }
  /** Forgets the rate: an earlier one does not apply now. */
  restart(now) {
    this.#rate = 0;
    this.#movedBytes = 0;
    this.#since = now;
  }
  /** Counts bytes that left this machine, or whose response arrived. */
  moved(bytes) {
    this.#movedBytes += bytes;
  }
  /** Takes a measurement if the last one is old enough. */
  measure(now) {
    const ms = now - this.#since;
    if (this.#movedBytes === 0 || ms < this.#leastMs) return;
    const rate = this.#movedBytes / ms;
    this.#rate = this.#rate === 0 ? rate : this.#rate + _LineRate.#newestWeight * (rate - this.#rate);
    this.#movedBytes = 0;
    this.#since = now;
  }
  /** Milliseconds that the line needs for `bytes`; undefined while nothing was measured. */
  msFor(bytes) {
    return this.#rate === 0 ? void 0 : bytes / this.#rate;
  }
};
function stallError(waitedMs, sent, of) {
  const what = `sending stalled for ${seconds(waitedMs)} after ${sent} of ${of} bytes of the body`;
  return new HttpFailure("StalledSend", what);
}
function silenceError(waitedMs, what) {
  return new HttpFailure("SilentServer", `the server ${what} for ${seconds(waitedMs)}`);
}
function dripError(tookMs, received) {
  const what = `the server sent only ${received} bytes of its response in ${seconds(tookMs)}`;
  return new HttpFailure("SilentServer", what);
}
var seconds = (ms) => `${(ms / 1e3).toFixed(1)} s`;

// src/s3/http/socket-client.ts
function socketClient({ patience, proxy }) {
  const lookup = spreadingLookup();
  const origins = /* @__PURE__ */ new Map();
  const scopes = /* @__PURE__ */ new Map();
  let closed;
  const watchdog = new Watchdog({ patience, now: () => performance.now(), sendQueues: readSendQueues });
  let checking;
  function originOf(origin) {
    let known = origins.get(origin);
    if (known === void 0) {
      known = { dial: dialer(origin, { patience, watchdog, lookup, proxy }), idle: [] };
      origins.set(origin, known);
    }
    return known;
  }
  function scopeOf(signal) {
    let known = scopes.get(signal);
    if (known === void 0) {
      const busy = /* @__PURE__ */ new Set();
      const onAbort = () => {
        for (const each of [...busy]) each.abandon(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      known = {
        busy,
        ended: () => signal.aborted ? signal.reason : closed,
        unwatch: () => signal.removeEventListener("abort", onAbort)
      };
      scopes.set(signal, known);
    }
    return known;
  }
  function idleConnection({ idle: idle2 }) {
    const oldest = performance.now() - IDLE_MS;
    for (let last = idle2.pop(); last !== void 0; last = idle2.pop()) {
      if (last.usable && last.idleSince > oldest) return last;
      last.abandon(clientClosed());
    }
    return void 0;
  }
  function check() {
    setImmediate(() => void watchdog.check());
    const now = performance.now();
    let open3 = watchdog.size;
    for (const { idle: idle2 } of origins.values()) {
      const young = idle2.filter((connection) => {
        const keep2 = connection.usable && now - connection.idleSince < IDLE_MS;
        if (!keep2) connection.abandon(clientClosed());
        return keep2;
      });
      idle2.splice(0, idle2.length, ...young);
      open3 += young.length;
    }
    if (open3 > 0) return;
    clearInterval(checking);
    checking = void 0;
  }
  function startChecking() {
    checking ??= setInterval(check, Math.min(watchdog.intervalMs, IDLE_MS / 8)).unref();
  }
  function exchange(request, signal, { origin, scope, connection }, resolve, reject) {
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
        }
      );
    } catch (error) {
      leave();
      reject(error);
    }
  }
  function keep({ idle: idle2 }, connection) {
    if (!connection.usable) return;
    connection.idleSince = performance.now();
    idle2.push(connection);
  }
  function open2(origin, scope, opened, failed) {
    const onOpen = (connection) => {
      const ended = scope.ended();
      if (ended !== void 0) {
        connection.abandon(ended);
        failed(ended);
      } else if (connection.usable) {
        opened(connection);
      } else {
        failed(new HttpFailure("ECONNRESET", "the server closed the connection immediately"));
      }
    };
    origin.dial(scope, onOpen, failed);
  }
  const idle = {
    take: (origin, signal) => closed !== void 0 || signal.aborted ? void 0 : idleConnection(originOf(origin)),
    open(origin, signal, opened, failed) {
      if (closed === void 0) open2(originOf(origin), scopeOf(signal), opened, failed);
      else failed(closed);
    },
    giveBack: (origin, connection) => keep(originOf(origin), connection),
    send(connection, request, signal, resolve, reject) {
      const over = { origin: originOf(request.origin), scope: scopeOf(signal), connection };
      exchange(request, signal, over, resolve, reject);
    }
  };
  return {
    idle,
    // One promise for all of it, because there is one per object.
    send: (request, signal) => new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (closed !== void 0) throw closed;
      const origin = originOf(request.origin);
      const scope = scopeOf(signal);
      const idle2 = needsNewConnection(signal) ? void 0 : idleConnection(origin);
      if (idle2 !== void 0) {
        exchange(request, signal, { origin, scope, connection: idle2 }, resolve, reject);
        return;
      }
      open2(
        origin,
        scope,
        (connection) => exchange(request, signal, { origin, scope, connection }, resolve, reject),
        reject
      );
    }),
    close() {
      closed = clientClosed();
      for (const { busy, unwatch } of scopes.values()) {
        unwatch();
        for (const each of [...busy]) each.abandon(closed);
      }
      for (const { idle: idle2 } of origins.values()) for (const connection of idle2.splice(0)) connection.abandon(closed);
      scopes.clear();
      clearInterval(checking);
      checking = void 0;
    }
  };
}
function clientClosed() {
  return new HttpFailure("ECONNABORTED", "the client was closed");
}

// src/s3/sign.ts
var import_node_crypto = require("node:crypto");
var EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
var UNSIGNED = /* @__PURE__ */ new Set([
  "authorization",
  "cache-control",
  "connection",
  "expect",
  "from",
  "keep-alive",
  "max-forwards",
  "pragma",
  "referer",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "x-amzn-trace-id"
]);
var cachedDate = { second: -1, text: "" };
function amzDate(ms) {
  const second = Math.floor(ms / 1e3);
  if (cachedDate.second !== second)
    cachedDate = { second, text: new Date(second * 1e3).toISOString().replace(/[-:]|\.\d{3}/g, "") };
  return cachedDate.text;
}
function sha256Hex(bytes) {
  return bytes.length === 0 ? EMPTY_SHA256 : (0, import_node_crypto.hash)("sha256", bytes, "hex");
}
function canonicalQuery(query) {
  const pairs = Object.entries(query).map(([name, value]) => `${encodeValue(name)}=${encodeValue(value)}`);
  return pairs.sort().join("&");
}
function signer() {
  const sign = canonicalSigner();
  return (request, date, region, service, credentials) => {
    const { names, text } = canonicalRequest(request);
    return sign(names, text, date, region, service, credentials);
  };
}
function canonicalSigner() {
  let signingKey;
  function hmacFor(scope, secret) {
    if (signingKey?.of !== scope || signingKey.secret !== secret) {
      const key = scope.split("/").reduce((parent, part) => hmac(parent, part), Buffer.from(`AWS4${secret}`));
      signingKey = { of: scope, secret, hmac: hmacHex(key) };
    }
    return signingKey.hmac;
  }
  return (names, canonical, date, region, service, { accessKeyId, secretAccessKey }) => {
    const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
    const toSign = `AWS4-HMAC-SHA256
${date}
${scope}
${(0, import_node_crypto.hash)("sha256", canonical, "hex")}`;
    const signature = hmacFor(scope, secretAccessKey)(toSign);
    return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  };
}
function canonicalRequest({ method, path, query, headers, payloadHash }) {
  const { signed, names } = signedNames(Object.keys(headers));
  let lines = "";
  for (const name of signed) lines += `${name}:${canonicalValue(headers[name] ?? "")}
`;
  return { names, text: `${method}
${path}
${query}
${lines}
${names}
${payloadHash}` };
}
var knownNames2 = /* @__PURE__ */ new Map();
var MOST_NAMES2 = 256;
function signedNames(names) {
  const given = names.join();
  const known = knownNames2.get(given);
  if (known !== void 0) return known;
  const signed = names.filter((name) => !UNSIGNED.has(name)).sort();
  const result = { signed, names: signed.join(";") };
  if (knownNames2.size >= MOST_NAMES2) knownNames2.clear();
  knownNames2.set(given, result);
  return result;
}
var NOT_CANONICAL = /^\s|\s$|\s\s|[^\S ]/;
function canonicalValue(value) {
  return NOT_CANONICAL.test(value) ? value.trim().replace(/\s+/g, " ") : value;
}
var BLOCK = 64;
var DIGEST = 32;
function hmacHex(key) {
  const outer = Buffer.alloc(BLOCK + DIGEST, 92);
  let inner = Buffer.alloc(BLOCK * 4, 54);
  key.forEach((byte, at) => {
    outer[at] = byte ^ 92;
    inner[at] = byte ^ 54;
  });
  return (text) => {
    const length = BLOCK + Buffer.byteLength(text);
    if (length > inner.length) inner = Buffer.concat([inner.subarray(0, BLOCK)], length);
    inner.write(text, BLOCK);
    outer.write((0, import_node_crypto.hash)("sha256", inner.subarray(0, length), "hex"), BLOCK, "hex");
    return (0, import_node_crypto.hash)("sha256", outer, "hex");
  };
}
function hmac(key, text) {
  return (0, import_node_crypto.createHmac)("sha256", key).update(text).digest();
}
var UNENCODED = /[!'()*]/g;
function encodeValue(text) {
  return encodeURIComponent(text).replace(UNENCODED, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
var PLAIN = /^[\w\-.~/]*$/;
function encodeKey(key) {
  return PLAIN.test(key) ? key : key.split("/").map(encodeValue).join("/");
}

// src/s3/integrity.ts
function unquoted(etag) {
  if (etag === void 0 || etag === "") return void 0;
  if (etag.length > 1 && etag.startsWith('"') && etag.endsWith('"')) return etag.slice(1, -1);
  return etag.replace(/^(?:W\/)?"(.*)"$/, "$1");
}
function payloadHashOf(payload) {
  return payload instanceof Uint8Array ? sha256Hex(payload) : payload.sha256 ?? "UNSIGNED-PAYLOAD";
}

// src/model/verbs.ts
var RESPONSE_MIB = 1;
function maxResponseBytes(verb) {
  return (VERBS[verb].responseMiB ?? RESPONSE_MIB) * 1024 * 1024;
}
var VERBS = {
  PutObject: {
    permission: "s3:PutObject (and s3:PutObjectAcl where an ACL is sent)",
    tier: "write",
    needed: true,
    writes: true
  },
  CopyObject: {
    permission: "s3:PutObject (and s3:PutObjectTagging, s3:PutObjectAcl where the copy has tags or an ACL), and s3:GetObject and s3:GetObjectTagging on the source (s3:PutObjectAnnotation and s3:GetObjectAnnotation where it has annotations),",
    tier: "write",
    needed: true,
    writes: true,
    slow: true
  },
  GetObject: { permission: "s3:GetObject", tier: "read", needed: true, responseMiB: 64 },
  GetObjectTagging: { permission: "s3:GetObjectTagging", tier: "read", needed: false },
  GetObjectAcl: { permission: "s3:GetObjectAcl", tier: "read", needed: false },
  ListObjectAnnotations: { permission: "s3:ListObjectAnnotations", tier: "write", needed: false, responseMiB: 4 },
  // An annotation has at most 1 MiB.
  GetObjectAnnotation: { permission: "s3:GetObjectAnnotation", tier: "read", needed: false, responseMiB: 2 },
  PutObjectAnnotation: { permission: "s3:PutObjectAnnotation", tier: "write", needed: false, writes: true },
  // A condition on the ETag reads the object.
  DeleteObject: {
    permission: "s3:DeleteObject (and s3:GetObject where the delete is bound to an ETag)",
    tier: "free",
    needed: true,
    writes: true
  },
  // A POST, and not a DELETE, in S3's prices. The response names 1,000 keys of at most 1,024 bytes, which XML may write as six times as many.
  DeleteObjects: {
    permission: "s3:DeleteObject (and s3:GetObject where the delete is bound to an ETag)",
    tier: "write",
    needed: true,
    writes: true,
    responseMiB: 8
  },
  PutObjectTagging: { permission: "s3:PutObjectTagging", tier: "write", needed: false, writes: true },
  HeadObject: { permission: "s3:GetObject and s3:ListBucket", tier: "read", needed: false },
  // 1,000 keys need at most 4 MiB, but some servers send longer pages.
  ListObjectsV2: { permission: "s3:ListBucket", tier: "write", needed: false, responseMiB: 32 },
  CreateMultipartUpload: {
    permission: "s3:PutObject (and s3:PutObjectAcl where an ACL is sent)",
    tier: "write",
    needed: true,
    writes: true
  },
  UploadPart: { permission: "s3:PutObject", tier: "write", needed: false, writes: true },
  UploadPartCopy: {
    permission: "s3:PutObject, and s3:GetObject on the source,",
    tier: "write",
    needed: false,
    writes: true,
    slow: true
  },
  CompleteMultipartUpload: {
    permission: "s3:PutObject",
    tier: "write",
    needed: false,
    writes: true,
    slow: true,
    unlimited: true
  },
  AbortMultipartUpload: { permission: "s3:AbortMultipartUpload", tier: "free", needed: false, unlimited: true },
  ListParts: { permission: "s3:ListMultipartUploadParts", tier: "write", needed: false, responseMiB: 16 },
  // MinIO sends all of them on one page.
  ListMultipartUploads: {
    permission: "s3:ListBucketMultipartUploads",
    tier: "write",
    needed: false,
    responseMiB: 32
  },
  ListObjectVersions: { permission: "s3:ListBucketVersions", tier: "write", needed: false, responseMiB: 32 }
};
var REQUEST_DOLLARS = {
  write: 5e-3 / 1e3,
  read: 4e-4 / 1e3,
  free: 0
};

// src/s3/wire/signed-request.ts
function requestSigner({ requestHeaders, userAgent }) {
  const sign = signer();
  return (call, request, { address, credentials, now }) => {
    const { origin, host, secure, basePath, signingRegion, signingName } = address;
    const path = call.key === void 0 ? `${basePath}/` : `${basePath}/${encodeKey(call.key)}`;
    const query = request.query === void 0 ? "" : canonicalQuery(request.query);
    const { method, body } = request;
    const payloadHash = body === void 0 ? EMPTY_SHA256 : secure ? "UNSIGNED-PAYLOAD" : payloadHashOf(body);
    const date = amzDate(now);
    const headers = Object.assign(
      { host },
      requestHeaders,
      request.headers,
      request.check,
      request.condition
    );
    headers["x-amz-content-sha256"] = payloadHash;
    headers["x-amz-date"] = date;
    if (credentials.sessionToken !== void 0) headers["x-amz-security-token"] = credentials.sessionToken;
    const signed = { method, path, query, headers, payloadHash };
    headers.authorization = sign(signed, date, signingRegion, signingName, credentials);
    headers["user-agent"] = userAgent;
    const target = query === "" ? path : `${path}?${query}`;
    const responseMs = VERBS[call.verb].slow === true ? SLOW_MS : void 0;
    return { origin, method, target, headers, body, responseMs, maxResponseBytes: maxResponseBytes(call.verb) };
  };
}

// src/transfer/threads/s3-parallel-put-thread.ts
var openLater = (0, import_node_util.promisify)(import_node_fs.open);
var statLater = (0, import_node_util.promisify)(import_node_fs.fstat);
var readLater = (0, import_node_util.promisify)(import_node_fs.read);
var FLAGS = import_node_fs.constants.O_RDONLY | (import_node_fs.constants.O_NONBLOCK ?? 0);
var NO_LINK = import_node_fs.constants.O_NOFOLLOW ?? 0;
function sender(options, report) {
  useConnectionDefaults(options.defaults);
  const client = socketClient(options);
  const toHttp = requestSigner(options);
  const signals = /* @__PURE__ */ new Map();
  let ended = [];
  function controllerOf(number) {
    let known = signals.get(number);
    if (known === void 0) {
      known = new AbortController();
      signals.set(number, known);
    }
    return known;
  }
  async function attempt(task, own) {
    const signal = task.newConnection ? onNewConnection(own) : own;
    const length = task.file.end - task.file.start;
    const room = buffers.take(length);
    try {
      const body = await bytesOf(task.file, room.subarray(0, length));
      if (body === void 0) return { end: "unread" };
      const value = checkValue(task.check, body);
      const name = CHECK_HEADERS[task.check];
      const headers = name === void 0 ? task.headers : Object.assign({}, task.headers, { [name]: value });
      const { verb, key, query, address, credentials } = task;
      const now = Date.now() + task.clockOffset;
      const request = toHttp(
        { verb, key },
        { method: "PUT", headers, body, ...query !== void 0 && { query } },
        { address, credentials, now }
      );
      const response = await client.send(request, signal);
      const check = { value, md5: md5For(task.check, value, body, response) };
      return { end: "response", status: response.status, headers: response.headers(), body: response.body, check };
    } catch (error) {
      if (error instanceof AbortedInFlight) return { end: "aborted", inFlight: true };
      if (own.aborted) return { end: "aborted", inFlight: false };
      const { code, message } = asFailure(error);
      return { end: "failed", code, message };
    } finally {
      buffers.end(room);
    }
  }
  async function run(task) {
    const end = await attempt(task, controllerOf(task.signal).signal);
    if (ended.length === 0) setImmediate(flush);
    ended.push(Object.assign(end, { id: task.id }));
  }
  function flush() {
    const results = ended;
    ended = [];
    report(results);
  }
  return {
    take({ tasks, aborted }) {
      for (const task of tasks) void run(task);
      for (const number of aborted) controllerOf(number).abort();
    }
  };
}
var CHECK_HEADERS = {
  crc32: "x-amz-checksum-crc32",
  md5: "content-md5",
  none: void 0
};
function checkValue(kind, bytes) {
  if (kind === "crc32") return crc32ToBase64((0, import_node_zlib.crc32)(bytes));
  return kind === "md5" ? (0, import_node_crypto2.hash)("md5", bytes, "base64") : "";
}
function md5For(kind, value, bytes, { status, header }) {
  if (kind === "md5") return Buffer.from(value, "base64").toString("hex");
  if (kind === "none" || status >= 300 || (header("x-amz-checksum-crc32") ?? "") !== "") return void 0;
  return isMd5(unquoted(header("etag"))) ? (0, import_node_crypto2.hash)("md5", bytes, "hex") : void 0;
}
var SYNC_READ_BYTES = 1024 * 1024;
async function bytesOf(file, into) {
  const flags = file.noLink ? FLAGS | NO_LINK : FLAGS;
  try {
    const fd = file.sync ? (0, import_node_fs.openSync)(file.path, flags) : await openLater(file.path, flags);
    try {
      const small = file.sync && into.length <= SYNC_READ_BYTES;
      for (let filled = 0; filled < into.length; ) {
        const wanted = into.length - filled;
        const count = small ? (0, import_node_fs.readSync)(fd, into, filled, wanted, file.start + filled) : (await readLater(fd, into, filled, wanted, file.start + filled)).bytesRead;
        if (count === 0) return void 0;
        filled += count;
      }
      return isSame(file.stamp, file.sync ? (0, import_node_fs.fstatSync)(fd) : await statLater(fd)) ? into : void 0;
    } finally {
      (0, import_node_fs.closeSync)(fd);
    }
  } catch {
    return void 0;
  }
}
function isSame({ dev, ino, ctimeMs, size }, now) {
  return now.isFile() && now.ino === ino && now.dev === dev && now.size === size && now.ctimeMs === ctimeMs;
}
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  sender
});
