import { Worker } from 'node:worker_threads';
import type { FileRange } from '../../model/content.js';
import type {
  SendEnd,
  SenderOptions,
  SendResult,
  SendTask,
  SliceMessage,
  ThreadAnswer,
  ThreadMessage,
} from './messages.js';
import { PROGRAM, type ThreadAlgorithm } from './program.js';

/** A thread has ended, or could not be started: as for lack of memory. */
export class ThreadEnded extends Error {
  override readonly name = 'ThreadEnded';
}

/** Most megabytes of a thread's heap. Bodies are not in it: more is a fault, which must not take the process with it. */
const HEAP_MB = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 } as const;

/** One thread, which hashes and sends several contents at once. */
export interface Thread {
  /** Bytes that it has been given and not reported yet. */
  load: number;
  /** Hashes a slice; the digest comes with the last message. */
  slice(message: SliceMessage): Promise<Uint8Array | undefined>;
  /** Hashes a range of a file, which it reads itself. Undefined where the file is not what was seen, or cannot be read. */
  hashFile(id: number, algorithm: ThreadAlgorithm, file: FileRange): Promise<Uint8Array | undefined>;
  /** Ends the hashing of a file early, with undefined. */
  stopHash(id: number): void;
  /** Loads what sends requests: true, or why it could not; false where the thread has ended. Called once. */
  loadSender(url: string, options: SenderOptions): Promise<boolean | string>;
  /** Sends one request. Rejects only where the thread has ended. */
  send(task: SendTask): Promise<SendEnd>;
  /** Aborts the requests under the signal of this number. */
  abort(signal: number): void;
  close(): Promise<unknown>;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

export interface ThreadHooks {
  /** Is called with each buffer that comes back. */
  readonly onSpare: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Is called once where the thread has failed; what it had is rejected then. */
  readonly onEnd: (error: Error) => void;
}

/** Starts a thread. Throws `ThreadEnded` where the system has none. */
export function startThread({ onSpare, onEnd }: ThreadHooks): Thread {
  const pending = new Map<number, Waiting>();
  const worker = startWorker();
  let closing = false;
  let ended: Error | undefined;
  let onLoaded: ((loaded: boolean | string) => void) | undefined;
  let tasks: SendTask[] = [];
  let aborted: number[] = [];
  worker.unref();

  function settle(id: number, value: unknown): void {
    const waiting = pending.get(id) as { readonly resolve: (value: unknown) => void } | undefined;
    pending.delete(id);
    waiting?.resolve(value);
    if (pending.size === 0) worker.unref();
  }

  function end(why: string): void {
    if (ended !== undefined) return;
    const error = new ThreadEnded(why);
    ended = error;
    if (!closing) onEnd(error);
    onLoaded?.(false);
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  }

  worker.on('message', (answer: ThreadAnswer) => {
    if ('results' in answer) {
      for (const result of answer.results as readonly SendResult[]) settle(result.id, result);
    } else if ('loaded' in answer) {
      onLoaded?.(answer.loaded || (answer.why ?? ''));
    } else {
      if (answer.bytes !== undefined) onSpare(answer.bytes);
      settle(answer.id, answer.digest);
    }
  });
  worker.on('error', (error: Error | undefined) => end(error?.message ?? 'it threw nothing'));
  worker.on('exit', (code) => end(`it ended with code ${code}`));

  function ask<T>(id: number, message: ThreadMessage | undefined, transfer: ArrayBuffer[] = []): Promise<T> {
    if (ended !== undefined) return Promise.reject(ended);
    return new Promise<T>((resolve, reject) => {
      pending.set(id, { resolve: resolve as Waiting['resolve'], reject });
      if (pending.size === 1) worker.ref();
      if (message !== undefined) worker.postMessage(message, transfer);
    });
  }

  /** What was collected in this turn of the event loop goes over in one message. */
  function collect(): void {
    if (tasks.length > 0 || aborted.length > 0) return;
    setImmediate(() => {
      const message: ThreadMessage = { kind: 'send', tasks, aborted };
      tasks = [];
      aborted = [];
      if (ended === undefined) worker.postMessage(message);
    });
  }

  return {
    load: 0,
    slice: (message) => ask(message.id, message, message.bytes === undefined ? [] : [message.bytes.buffer]),
    hashFile: (id, algorithm, file) => ask(id, { kind: 'file', id, algorithm, ...file }),
    stopHash: (id) => worker.postMessage({ kind: 'stop', id } satisfies ThreadMessage),
    loadSender: (url, options) =>
      new Promise<boolean | string>((resolve) => {
        onLoaded = resolve;
        if (ended !== undefined) return resolve(false);
        worker.postMessage({ kind: 'load', url, options } satisfies ThreadMessage);
      }),
    send(task) {
      collect();
      tasks.push(task);
      return ask(task.id, undefined);
    },
    abort(signal) {
      collect();
      aborted.push(signal);
    },
    close() {
      closing = true;
      return worker.terminate();
    },
  };
}

function startWorker(): Worker {
  try {
    // The options of this process would start its debuggers, profilers and tracers in each thread.
    return new Worker(PROGRAM, { eval: true, resourceLimits: HEAP_MB, execArgv: [] });
  } catch (error) {
    throw new ThreadEnded(`none can be started: ${(error as Error).message}`, { cause: error });
  }
}
