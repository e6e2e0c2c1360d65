import type { Text } from '../../report/message.js';
import type { SenderOptions } from './messages.js';
import { senderFile } from './sender-file.js';
import { startThread, type Thread } from './thread.js';

export interface PoolOptions {
  /** Lanes that send and threads that hash, the main thread counted as one lane. */
  readonly most: number;
  /** Warns the user, once per code. */
  readonly warn: (code: string, message: Text) => void;
  /** Tests replace it. */
  readonly senderUrl?: string | undefined;
  /** Whether the user named the number: then it is worth a warning if none can send. */
  readonly explicit?: boolean;
}

/** The threads of one run, which start when there is work for them. */
export interface ThreadPool {
  readonly most: number;
  /** The thread with the least to do; another one where all have something to do. Throws where the system starts none. */
  forHashing(): Thread;
  /** Those that can send now. */
  readonly senders: readonly Thread[];
  /** Lets one more thread send; whether there may be more after it. `options` is called only where a thread is loaded. Never rejects. */
  addSender(options: () => SenderOptions): Promise<boolean>;
  /** A number for a task. */
  nextId(): number;
  /** Buffers that came back from threads. */
  readonly spare: Uint8Array<ArrayBuffer>[];
  /** Whether the run has ended, so that no thread is added any more. */
  readonly closed: boolean;
  close(): Promise<void>;
}

/** Threads that may end by themselves, one after the other, until the run goes on without. */
const MOST_DEATHS = 3;

export function threadPool({ most, warn, senderUrl, explicit = false }: PoolOptions): ThreadPool {
  const threads: Thread[] = [];
  const senders: Thread[] = [];
  /** Those that send, and those that are about to. */
  const chosen = new Set<Thread>();
  const spare: Uint8Array<ArrayBuffer>[] = [];
  /** Undefined until it was looked for; empty where there is none. */
  let url = senderUrl;
  let replace: (error: Error) => void = () => {};
  let ids = 0;
  let deaths = 0;
  let closed = false;

  const withoutThreads = (why: string) => {
    // The next ones would fail as these did.
    deaths = MOST_DEATHS + 1;
    if (!closed) warn('no-threads', `The main thread sends alone from here on: ${why}.`);
  };

  function start(): Thread {
    const thread = startThread({
      onSpare: (bytes) => spare.push(bytes),
      onEnd(error) {
        remove(threads, thread);
        remove(senders, thread);
        if (chosen.delete(thread)) replace(error);
      },
    });
    threads.push(thread);
    return thread;
  }

  async function addSender(options: () => SenderOptions): Promise<boolean> {
    url ??= senderFile() ?? '';
    const here = url;
    if (here === '' && explicit) withoutThreads('the file that they load is not beside the program');
    if (here === '' || closed || deaths > MOST_DEATHS || chosen.size >= most - 1) return false;
    // A thread that ends by itself, as for lack of memory, is replaced.
    replace = (error) => {
      deaths += 1;
      if (deaths > MOST_DEATHS) withoutThreads(`${deaths} threads have ended by themselves (${error.message})`);
      else void addSender(options);
    };
    try {
      const thread = threads.find((one) => !chosen.has(one)) ?? start();
      chosen.add(thread);
      const loaded = await thread.loadSender(here, options());
      if (typeof loaded === 'string') {
        chosen.delete(thread);
        withoutThreads(`a thread cannot load what sends (${loaded})`);
      } else if (loaded) {
        senders.push(thread);
      }
    } catch (error) {
      withoutThreads((error as Error).message);
    }
    return deaths <= MOST_DEATHS && chosen.size < most - 1;
  }

  return {
    most,
    senders,
    spare,
    addSender,
    nextId: () => ++ids,
    get closed() {
      return closed;
    },
    forHashing() {
      let idlest = threads[0];
      for (const thread of threads) if (thread.load < (idlest?.load ?? 0)) idlest = thread;
      return idlest !== undefined && (idlest.load === 0 || threads.length >= most) ? idlest : start();
    },
    async close() {
      closed = true;
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

function remove<T>(list: T[], one: T): void {
  const at = list.indexOf(one);
  if (at >= 0) list.splice(at, 1);
}
