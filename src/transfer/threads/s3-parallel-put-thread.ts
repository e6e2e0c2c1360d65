import { hash } from 'node:crypto';
import { closeSync, constants, fstat, fstatSync, open, openSync, read, readSync, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import type { FileRange } from '../../model/content.js';
import { crc32ToBase64 } from '../../model/crc32.js';
import { isMd5 } from '../../model/etag.js';
import { buffers } from '../../run/body-buffers.js';
import { useConnectionDefaults } from '../../s3/http/connection-defaults.js';
import { AbortedInFlight, asFailure, type HttpResponse, onNewConnection } from '../../s3/http/http-client.js';
import { socketClient } from '../../s3/http/socket-client.js';
import { type CheckKind, unquoted } from '../../s3/integrity.js';
import { requestSigner } from '../../s3/wire/signed-request.js';
import type { SendEnd, SenderMessage, SenderOptions, SendResult, SendTask } from './messages.js';

// What a thread loads to send requests. It is built as a file of its own, whose name no bundle has by chance.

/** Takes tasks. */
export interface Sender {
  take(message: SenderMessage): void;
}

const openLater = promisify(open);
const statLater = promisify(fstat);
const readLater = promisify(read);

const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
/** Windows has no such flag. */
const NO_LINK = constants.O_NOFOLLOW ?? 0;

/** @param report is called with what has ended in one turn of the event loop */
export function sender(options: SenderOptions, report: (results: readonly SendResult[]) => void): Sender {
  useConnectionDefaults(options.defaults);
  const client = socketClient(options);
  const toHttp = requestSigner(options);
  const signals = new Map<number, AbortController>();
  let ended: SendResult[] = [];

  function controllerOf(number: number): AbortController {
    let known = signals.get(number);
    if (known === undefined) {
      known = new AbortController();
      signals.set(number, known);
    }
    return known;
  }

  async function attempt(task: SendTask, own: AbortSignal): Promise<SendEnd> {
    const signal = task.newConnection ? onNewConnection(own) : own;
    const length = task.file.end - task.file.start;
    const room = buffers.take(length);
    try {
      const body = await bytesOf(task.file, room.subarray(0, length));
      if (body === undefined) return { end: 'unread' };
      const value = checkValue(task.check, body);
      const name = CHECK_HEADERS[task.check];
      const headers = name === undefined ? task.headers : Object.assign({}, task.headers, { [name]: value });
      const { verb, key, query, address, credentials } = task;
      const now = Date.now() + task.clockOffset;
      const request = toHttp(
        { verb, key },
        { method: 'PUT', headers, body, ...(query !== undefined && { query }) },
        { address, credentials, now },
      );
      const response = await client.send(request, signal);
      const check = { value, md5: md5For(task.check, value, body, response) };
      return { end: 'response', status: response.status, headers: response.headers(), body: response.body, check };
    } catch (error) {
      if (error instanceof AbortedInFlight) return { end: 'aborted', inFlight: true };
      if (own.aborted) return { end: 'aborted', inFlight: false };
      const { code, message } = asFailure(error as Error);
      return { end: 'failed', code, message };
    } finally {
      // Used again only where the system has taken all of its bytes.
      buffers.end(room);
    }
  }

  async function run(task: SendTask): Promise<void> {
    const end = await attempt(task, controllerOf(task.signal).signal);
    if (ended.length === 0) setImmediate(flush);
    ended.push(Object.assign(end, { id: task.id }));
  }

  function flush(): void {
    const results = ended;
    ended = [];
    report(results);
  }

  return {
    take({ tasks, aborted }) {
      for (const task of tasks) void run(task);
      for (const number of aborted) controllerOf(number).abort();
    },
  };
}

const CHECK_HEADERS: Readonly<Record<CheckKind, string | undefined>> = {
  crc32: 'x-amz-checksum-crc32',
  md5: 'content-md5',
  none: undefined,
};

function checkValue(kind: CheckKind, bytes: Buffer): string {
  if (kind === 'crc32') return crc32ToBase64(crc32(bytes));
  return kind === 'md5' ? hash('md5', bytes, 'base64') : '';
}

/** The MD5 where an ETag is all that the response proves by. */
function md5For(kind: CheckKind, value: string, bytes: Buffer, { status, header }: HttpResponse): string | undefined {
  if (kind === 'md5') return Buffer.from(value, 'base64').toString('hex');
  if (kind === 'none' || status >= 300 || (header('x-amz-checksum-crc32') ?? '') !== '') return undefined;
  return isMd5(unquoted(header('etag'))) ? hash('md5', bytes, 'hex') : undefined;
}

/** Up to this many bytes a read may block the thread: it takes less than the system's thread pool does. */
const SYNC_READ_BYTES = 1024 * 1024;

/** Reads a range of a file into a buffer; undefined where that fails, or the file is not what was seen. */
async function bytesOf(file: FileRange, into: Buffer): Promise<Buffer | undefined> {
  const flags = file.noLink ? FLAGS | NO_LINK : FLAGS;
  try {
    const fd = file.sync ? openSync(file.path, flags) : await openLater(file.path, flags);
    try {
      const small = file.sync && into.length <= SYNC_READ_BYTES;
      for (let filled = 0; filled < into.length; ) {
        const wanted = into.length - filled;
        const count = small
          ? readSync(fd, into, filled, wanted, file.start + filled)
          : (await readLater(fd, into, filled, wanted, file.start + filled)).bytesRead;
        if (count === 0) return undefined;
        filled += count;
      }
      return isSame(file.stamp, file.sync ? fstatSync(fd) : await statLater(fd)) ? into : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    // What is wrong with it shows when it is read on the main thread.
    return undefined;
  }
}

/** A stat after the read proves that the bytes are those of the file that was seen. */
function isSame({ dev, ino, ctimeMs, size }: FileRange['stamp'], now: Stats): boolean {
  return now.isFile() && now.ino === ino && now.dev === dev && now.size === size && now.ctimeMs === ctimeMs;
}
