import { SourceError } from '../../errors.js';
import { bytesContent, type Content } from '../../model/content.js';
import type { Entry, Found } from '../types.js';

/** Memory for one member's bytes, from its reservation until its release. */
export interface MemberLease {
  /** The buffer for its bytes, of the reserved length. */
  bytes(): Buffer;
  release(): void;
}

/** Reserves memory; waits until enough is free. Throws the reason of the run's signal. */
export type MemberMemory = (size: number) => Promise<MemberLease>;

/** Bytes of archives' members that are in memory at once. A larger member is read alone. */
const MAX_LEASED_BYTES = 48 * 1024 * 1024;
/** Allocated once, so that a larger member seldom needs another buffer; pages that were never written use no memory yet. */
const BUFFER_BYTES = 64 * 1024 * 1024;

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Waiter {
  readonly size: number;
  readonly resolve: (lease: MemberLease) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The memory for the members of archives: one buffer, whose parts are leased and reused. A buffer for each member would become garbage, and Node
 * lets that grow by a hundred megabytes before it collects it.
 */
export function memberMemory(signal: AbortSignal, maxBytes: number = MAX_LEASED_BYTES): MemberMemory {
  let buffer: Buffer = Buffer.alloc(0);
  /** In ascending order. */
  const leased: Span[] = [];
  const waiters: Waiter[] = [];
  let leasedBytes = 0;

  /** The start of the first gap that is wide enough. */
  function findGap(size: number): number | undefined {
    if (leasedBytes > 0 && leasedBytes + size > maxBytes) return undefined;
    let start = 0;
    for (const span of leased) {
      if (span.start - start >= size) return start;
      start = span.end;
    }
    return start + size <= Math.max(maxBytes, leased.length === 0 ? size : 0) ? start : undefined;
  }

  function leaseAt(size: number, start: number): MemberLease {
    const span = { start, end: start + size };
    const after = leased.findIndex((other) => other.start >= start);
    leased.splice(after === -1 ? leased.length : after, 0, span);
    leasedBytes += size;
    let released = false;
    return {
      bytes() {
        // Only a member that is read alone can be larger than the buffer, so no other lease uses the old one.
        if (span.end > buffer.length) buffer = Buffer.allocUnsafeSlow(Math.max(BUFFER_BYTES, span.end));
        return buffer.subarray(span.start, span.end);
      },
      release() {
        if (released) return;
        released = true;
        leased.splice(leased.indexOf(span), 1);
        leasedBytes -= size;
        serveWaiters();
      },
    };
  }

  function serveWaiters(): void {
    for (let first = waiters[0]; first !== undefined; first = waiters[0]) {
      const start = findGap(first.size);
      if (start === undefined) return;
      waiters.shift();
      first.resolve(leaseAt(first.size, start));
    }
  }

  // One listener for all waiters: a listener for each would link them to one another, and keep them from being collected.
  signal.addEventListener(
    'abort',
    () => {
      for (const { reject } of waiters.splice(0)) reject(signal.reason);
    },
    { once: true },
  );

  return (size) => {
    signal.throwIfAborted();
    // An empty member needs no memory.
    if (size === 0) return Promise.resolve({ bytes: () => Buffer.alloc(0), release: () => {} });
    const start = waiters.length === 0 ? findGap(size) : undefined;
    if (start !== undefined) return Promise.resolve(leaseAt(size, start));
    return new Promise((resolve, reject) => {
      waiters.push({ size, resolve, reject });
    });
  };
}

/** Up to this size, a member's own buffer costs less than a lease, and is freed as soon. */
const OWN_BUFFER_BYTES = 64 * 1024;

/**
 * Leases memory for each member that is read by range, and waits before each until enough is free. It comes after everything that merges or
 * drops entries, so that no entry keeps a lease while it waits for another one.
 * @param maxBytes larger members are sent in parts, which have buffers of their own
 */
export async function* membersWithMemory(
  found: AsyncIterable<Found>,
  memory: MemberMemory,
  maxBytes: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Found, void> {
  for await (const unit of found) yield needsLease(unit, maxBytes) ? await withLease(unit, memory) : unit;
}

function needsLease(unit: Found, maxBytes: number): unit is Entry {
  const { size = 0 } = unit.kind === 'entry' ? unit : {};
  return unit.kind === 'entry' && unit.member === true && size > OWN_BUFFER_BYTES && size <= maxBytes;
}

async function withLease(entry: Entry, memory: MemberMemory): Promise<Entry> {
  const { size = 0 } = entry;
  const lease = await memory(size);
  return {
    ...entry,
    release: lease.release,
    async open(grow, opening) {
      const content = await entry.open(grow, opening);
      const slice: typeof content.slice = (start, end, into) => {
        // A body is read as a whole; a reader of parts is done with each one before the next.
        const buffer = start === 0 && end === size ? lease.bytes() : undefined;
        return content.slice(start, end, into ?? buffer);
      };
      return { ...content, slice };
    },
  };
}

/** Members up to this size are read immediately; a larger one only when its entry is opened, and the stream waits until then. */
const READ_NOW_BYTES = 1024 * 1024;

/** A member of a stream: how its entry reads it, and when the stream may move past it. */
export interface BufferedMember extends Pick<Entry, 'open'> {
  release(): void;
  /** Resolves once the member's bytes are in memory, or its entry is released unread, or the run ends. */
  readonly settled: Promise<void>;
  /** The stream broke while they were read; the entry's own failure reports this. */
  readonly broken: boolean;
}

/**
 * Buffers the members of one stream. A member's bytes must be read before the next header can be, but the run takes many entries at once.
 */
export function readAhead(
  signal: AbortSignal,
  memory: MemberMemory,
): (size: number, read: (into: Buffer) => Promise<Buffer>) => Promise<BufferedMember> {
  let settleLast = () => {};
  signal.addEventListener('abort', () => settleLast(), { once: true });

  return async (size, read) => {
    const lease = await memory(size);
    let settle = () => {};
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    settleLast = settle;
    let collected: Promise<Content> | undefined;
    let released = false;
    let broken = false;

    async function collect(): Promise<Content> {
      try {
        return bytesContent(await read(lease.bytes()));
      } catch (error) {
        signal.throwIfAborted();
        broken = true;
        throw error;
      } finally {
        settle();
      }
    }
    if (size <= READ_NOW_BYTES) {
      collected = collect();
      await collected;
    }
    return {
      settled,
      get broken() {
        return broken;
      },
      open() {
        if (collected === undefined && released)
          throw new SourceError('StreamFailed', 'the stream has already moved past this member');
        collected ??= collect();
        return collected;
      },
      release() {
        if (released) return;
        released = true;
        lease.release();
        if (collected === undefined) settle();
        else collected.catch(() => {});
        collected = undefined;
      },
    };
  };
}
