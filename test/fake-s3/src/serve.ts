import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import type { Credentials } from './credentials.js';
import { falsified } from './falsify.js';
import type { FaultKind, Faults } from './fault.js';
import { type Answer, type Envelope, send, sendTruncated } from './http/answer.js';
import { ClientGone, readBody } from './http/body.js';
import { dressed } from './http/document.js';
import { errorAnswer, errorDocument, type RequestIds, S3Error } from './http/error.js';
import { parseRequest } from './http/request.js';
import type { Head } from './operation.js';
import type { Recorder } from './record.js';
import { respond } from './respond.js';
import { sendSlowly } from './slow-answer.js';
import type { Store } from './store/store.js';
import type { Verb } from './verb.js';

export interface Serving {
  readonly store: Store;
  readonly credentials: Credentials;
  readonly faults: Faults;
  readonly recorder: Recorder;
  readonly maxObjectSize: number;
  readonly dropBodies: boolean;
}

/** Verbs whose bodies a mode can limit to a rate. */
const SENDS_BYTES: ReadonlySet<Verb> = new Set<Verb>(['PutObject', 'UploadPart']);

/** Handles one request, from its head to its response or to its fault. */
export async function serve(
  message: IncomingMessage,
  response: ServerResponse,
  serving: Serving,
  expectsContinue: boolean,
): Promise<void> {
  const request = parseRequest(message);
  const ids = newIds();
  const place = serving.recorder.place(message.socket);
  const record = serving.recorder.begin(request, ids.requestId, place.connection);
  response.once('close', () => serving.recorder.end());
  const mode = serving.store.modeOf(request.bucket);
  const now = Date.now() + mode.clockOffset;
  const { delay, held, fault } = serving.faults.strike(request.verb, request.key, place);
  const body = (): Promise<Buffer> => {
    if (expectsContinue) response.writeContinue();
    return readBody(message, (count) => {
      record.bodyBytes += count;
      if (fault?.type === 'reset' && record.bodyBytes >= (fault.after ?? Number.POSITIVE_INFINITY))
        reset(message.socket);
      if (!SENDS_BYTES.has(request.verb)) return 0;
      return serving.store.buckets.get(request.bucket)?.byteRate.wait(count, mode.bytesPerSecond) ?? 0;
    });
  };
  const envelope: Envelope = { ids, serverHeader: mode.serverHeader, now };
  const { store, maxObjectSize, dropBodies } = serving;
  const head: Head = { request, mode, store, now, maxObjectSize, dropBodies };
  try {
    if (delay > 0) await sleep(delay, undefined, { ref: false });
    await Promise.all(held);
    const early = await strikeFirst(fault, message, body, ids);
    if (early === 'silence') return;
    const operate = (read: () => Promise<Buffer>): Promise<Answer> =>
      respond(head, serving.credentials, read).catch((error) => refusal(error, ids));
    const twice = fault?.type === 'twice' ? await body() : undefined;
    if (twice !== undefined) await operate(async () => twice);
    const answer = early ?? (await operate(twice === undefined ? body : async () => twice));
    if (fault?.type === 'reset') return reset(message.socket);
    record.status = answer.status;
    const slow = fault?.type === 'slow-200' && answer.status === 200 ? fault : undefined;
    if (fault?.type === 'truncate') sendTruncated(response, answer, envelope);
    else if (slow !== undefined) sendSlowly(response, answer, envelope, { ms: slow.ms, every: slow.every ?? 50 });
    else send(response, dressed(falsified(answer, fault), mode), envelope);
  } catch (error) {
    if (!(error instanceof ClientGone)) throw error;
  }
}

function refusal(error: unknown, ids: RequestIds): Answer {
  if (error instanceof ClientGone) throw error;
  const known = error instanceof S3Error ? error : new S3Error('InternalError', {}, { message: String(error) });
  return errorAnswer(known, ids);
}

/** Faults that replace the operation. */
async function strikeFirst(
  fault: FaultKind | undefined,
  message: IncomingMessage,
  body: () => Promise<Buffer>,
  ids: RequestIds,
): Promise<Answer | 'silence' | undefined> {
  const isSlowError = fault?.type === 'slow-200' && fault.code !== undefined;
  if (fault?.type === 'status' || fault?.type === 'error-in-200' || isSlowError) {
    await body();
    const status = fault.type === 'status' ? fault.status : 200;
    const code = fault.code ?? (status === 503 ? 'SlowDown' : 'InternalError');
    const text =
      fault.message ??
      (status === 503 ? 'Please reduce your request rate.' : 'We encountered an internal error. Please try again.');
    const headers = { 'content-type': 'application/xml', ...(fault.type === 'status' ? fault.headers : {}) };
    return { status, headers, body: errorDocument(code, text, {}, ids) };
  }
  if (fault?.type === 'stall') {
    if (fault.reading !== false) await body();
    return 'silence';
  }
  if (fault?.type === 'reset' && fault.stored !== true) {
    if (fault.after !== undefined) await body();
    reset(message.socket);
    return 'silence';
  }
  return undefined;
}

/** The client sees ECONNRESET, over TLS a close without an alert. */
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

/** Random bytes are generated for many requests at once. */
let pool: Buffer = Buffer.alloc(0);
let used = 0;

function newIds(): RequestIds {
  if (used + 64 > pool.length) {
    pool = randomBytes(64 * 512);
    used = 0;
  }
  const requestId = pool.toString('hex', used, used + 8).toUpperCase();
  const hostId = pool.toString('base64', used + 8, used + 64);
  used += 64;
  return { requestId, hostId };
}
