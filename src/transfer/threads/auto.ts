import type { SenderOptions } from './messages.js';
import type { ThreadPool } from './pool.js';

/** Starts the threads that send. */
export interface ThreadStarter {
  /** Whether nothing has to be waited for. */
  readonly ready: boolean;
  /** Resolves once those that send from the start can do so. */
  readonly begun: Promise<unknown>;
  /** Counts bytes that were sent, by any lane. */
  sent(bytes: number): void;
}

/** The main thread is watched over spans of this many ms. */
const SPAN_MS = 150;
/** The share of a span above which it counts as busy. */
const BUSY = 0.85;
/** So many spans in a row: in the first one all code is still cold, so that more seems to be left than is. */
const BUSY_SPANS = 2;
/** A thread takes 60 ms of processor time to start, and more until its code is compiled: what takes less than this ends hardly earlier. */
const WORTH_MS = 2000;
/**
 * Bytes per ms of bodies that threads may take. Hashing and sending them alone keeps no processor busy at a lower rate: the main thread is then busy
 * with small objects, which stay with it.
 */
const WORTH_RATE = 30_000;

/** What the main thread did in one span. */
export interface Span {
  /** The share of the span in which it was busy. */
  readonly utilization: number;
  /** Of bodies that threads may take. */
  readonly bytesPerMs: number;
}

/** Whether one more thread would pay: the main thread is busy with what threads may take, and there is work for a while. @internal */
export function pays(spans: readonly Span[], msLeft: number): boolean {
  if (spans.length < BUSY_SPANS || msLeft < WORTH_MS) return false;
  return spans.every(({ utilization, bytesPerMs }) => utilization >= BUSY && bytesPerMs >= WORTH_RATE);
}

/** @param threads how many lanes there are from the start, the main thread included; `auto`: one more after each busy span, as long as it pays */
export function threadStarter(
  pool: ThreadPool,
  { threads, totalBytes }: { readonly threads: number | 'auto'; readonly totalBytes: () => number | undefined },
  options: () => SenderOptions,
): ThreadStarter {
  return threads === 'auto' ? watching(pool, totalBytes, options) : fromTheStart(pool, threads, options);
}

function fromTheStart(pool: ThreadPool, threads: number, options: () => SenderOptions): ThreadStarter {
  const starting = Array.from({ length: threads - 1 }, () => pool.addSender(options));
  let ready = false;
  const begun = Promise.all(starting).then(() => {
    ready = true;
  });
  return {
    get ready() {
      return ready;
    },
    begun,
    sent: () => {},
  };
}

function watching(pool: ThreadPool, totalBytes: () => number | undefined, options: () => SenderOptions): ThreadStarter {
  let sent = 0;
  let since = 0;
  let watch: NodeJS.Timeout | undefined;

  function msLeft(): number {
    const left = (totalBytes() ?? Number.POSITIVE_INFINITY) - sent;
    return sent === 0 ? Number.POSITIVE_INFINITY : (left * (performance.now() - since)) / sent;
  }

  function begin(): void {
    since = performance.now();
    let before = performance.eventLoopUtilization();
    let sentBefore = 0;
    let began = since;
    let spans: Span[] = [];
    watch = setInterval(async () => {
      if (pool.closed) return clearInterval(watch);
      const loop = performance.eventLoopUtilization();
      const now = performance.now();
      const { utilization } = performance.eventLoopUtilization(loop, before);
      spans = [...spans, { utilization, bytesPerMs: (sent - sentBefore) / (now - began) }].slice(-BUSY_SPANS);
      before = loop;
      sentBefore = sent;
      began = now;
      if (!pays(spans, msLeft())) return;
      // What the next one would add shows only once this one sends.
      spans = [];
      if (!(await pool.addSender(options))) clearInterval(watch);
    }, SPAN_MS).unref();
  }

  return {
    ready: true,
    begun: Promise.resolve(),
    sent(bytes) {
      if (watch === undefined) begin();
      sent += bytes;
    },
  };
}
