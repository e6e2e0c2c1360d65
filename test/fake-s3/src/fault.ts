import type { Verb } from './verb.js';

interface Target {
  /** `any` counts requests of all verbs. */
  readonly verb: Verb | 'any';
  /** Which of the matching requests since the fault was set, from 1. */
  readonly occurrences: number | readonly number[] | 'all';
  /** Only requests for these keys match, and are counted. */
  readonly key?: string | RegExp;
  /**
   * Only requests on these connections match, and are counted. Connections count from 1, in the order of their first requests; `nth` is the number of
   * the request on its connection, from 1. `(_, nth) => nth > 1` with a reset is a server that closes without a word after each response.
   */
  readonly onConnection?: (connection: number, nth: number) => boolean;
}

/** On which connection a request came, and as which of its requests; both from 1. */
export interface Place {
  readonly connection: number;
  readonly nth: number;
}

export type FaultKind =
  /** Reads the request and refuses it, before anything is checked or stored. */
  | {
      readonly type: 'status';
      readonly status: number;
      readonly code?: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Resets the connection when the head is there, or `after` so many bytes of the body; `stored`: after the operation, so that only the response is lost. */
  | { readonly type: 'reset'; readonly stored?: boolean; readonly after?: number }
  /** Never responds; `reading: false`: also stops reading. */
  | { readonly type: 'stall'; readonly reading?: boolean }
  /** Runs the operation, and closes in the middle of the response. */
  | { readonly type: 'truncate' }
  /** Status 200 with an error document; nothing is stored. */
  | { readonly type: 'error-in-200'; readonly code?: string; readonly message?: string }
  /**
   * As S3 completes a large upload: status 200 and the XML declaration at once, then a space `every` so many
   * milliseconds (default 50), as many as fit in `ms`, and only then the response. With a `code` the response is that error, and nothing is stored.
   * Refusals are sent without this delay.
   */
  | {
      readonly type: 'slow-200';
      readonly ms: number;
      readonly every?: number;
      readonly code?: string;
      readonly message?: string;
    }
  /** Runs the operation, and sends another ETag, in headers and documents. */
  | { readonly type: 'wrong-etag' }
  /** Runs the operation, and sends other checksums, in headers and documents. */
  | { readonly type: 'wrong-checksum' }
  /** Sends an object's bytes with the first one changed. */
  | { readonly type: 'wrong-body' }
  /** Runs the operation twice, as a proxy that delivers a request twice makes it, and sends the second response. */
  | { readonly type: 'twice' }
  /** Waits before anything else; other faults come after it. */
  | { readonly type: 'delay'; readonly ms: number }
  /** Waits before anything else until the fault is cleared; other faults come after it. */
  | { readonly type: 'hold' };

export type Fault = Target & FaultKind;

/** What `fault()` returns. */
export interface FaultHandle {
  /** How many requests it has hit. */
  readonly hits: number;
  /** Ends the fault: new requests are not hit, and held requests continue. */
  clear(): void;
}

interface Armed {
  readonly fault: Fault;
  seen: number;
  hits: number;
  readonly cleared: PromiseWithResolvers;
}

/** As `Promise.withResolvers()`, which Node 20 lacks. */
interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function withResolvers(): PromiseWithResolvers {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

export interface Strike {
  /** Milliseconds to wait first. */
  readonly delay: number;
  /** Another thing to wait for. */
  readonly held: readonly Promise<void>[];
  readonly fault: FaultKind | undefined;
}

const NONE: Strike = { delay: 0, held: [], fault: undefined };

/** The faults of a server. */
export class Faults {
  readonly #armed: Set<Armed> = new Set();

  add(fault: Fault): FaultHandle {
    const armed: Armed = { fault, seen: 0, hits: 0, cleared: withResolvers() };
    this.#armed.add(armed);
    return {
      get hits(): number {
        return armed.hits;
      },
      clear: () => {
        this.#armed.delete(armed);
        armed.cleared.resolve();
      },
    };
  }

  clear(): void {
    for (const { cleared } of this.#armed) cleared.resolve();
    this.#armed.clear();
  }

  /** Counts a request, and returns the faults that hit it. Of several faults the first set wins; delays add up. */
  strike(verb: Verb, key: string, place: Place): Strike {
    if (this.#armed.size === 0) return NONE;
    let delay = 0;
    const held: Promise<void>[] = [];
    let chosen: FaultKind | undefined;
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (!matches(fault, verb, key, place)) continue;
      armed.seen += 1;
      if (!includes(fault.occurrences, armed.seen)) continue;
      if (fault.type === 'delay') delay += fault.ms;
      else if (fault.type === 'hold') held.push(armed.cleared.promise);
      else if (chosen === undefined) chosen = fault;
      else continue;
      armed.hits += 1;
    }
    return { delay, held, fault: chosen };
  }
}

function matches(fault: Fault, verb: Verb, key: string, { connection, nth }: Place): boolean {
  if (fault.verb !== 'any' && fault.verb !== verb) return false;
  if (fault.onConnection?.(connection, nth) === false) return false;
  if (fault.key === undefined) return true;
  return typeof fault.key === 'string' ? fault.key === key : key.search(fault.key) >= 0;
}

function includes(occurrences: Target['occurrences'], n: number): boolean {
  if (occurrences === 'all') return true;
  return typeof occurrences === 'number' ? occurrences === n : occurrences.includes(n);
}
