import { compareKeys } from '../../src/model/key-order.js';
import type { SendList } from '../../src/plan/listing/parallel.js';

export interface SimulatedListing {
  readonly list: SendList;
  /** Requests so far. */
  requests: number;
  /** Requests with a delimiter among them. */
  looks: number;
  inFlight: number;
  peak: number;
  /** Keys answered so far. */
  answered: number;
}

export interface Simulation {
  readonly keys: readonly string[];
  readonly pageSize: number;
  readonly order?: 'utf8' | 'utf16' | 'none';
  /** How long request number `n`, from 1, takes; undefined: it is answered at once. */
  readonly delay?: (n: number) => Promise<void> | undefined;
  /** Throws the error that a request fails with; `n` is its number, from 1. */
  readonly refuse?: (n: number, delimiter: boolean, signal: AbortSignal) => void;
  readonly startAfter?: 'kept' | 'ignored';
  /** Whether a common prefix that the start lies in is named again. */
  readonly namesOwn?: boolean;
}

/** A server's listing by pages, in memory. */
export function simulatedListing(simulation: Simulation): SimulatedListing {
  const { keys, pageSize, order = 'utf8', delay, refuse, namesOwn = true } = simulation;
  const compare = order === 'utf8' ? compareKeys : (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const sorted = order === 'none' ? [...keys] : [...keys].sort(compare);

  const simulated: SimulatedListing = { list, requests: 0, looks: 0, inFlight: 0, peak: 0, answered: 0 };
  return simulated;

  async function list(
    { prefix, startAfter, continuationToken, delimiter }: Parameters<SendList>[0],
    signal: AbortSignal,
  ): ReturnType<SendList> {
    const n = ++simulated.requests;
    if (delimiter !== undefined) simulated.looks += 1;
    simulated.inFlight += 1;
    simulated.peak = Math.max(simulated.peak, simulated.inFlight);
    try {
      await delay?.(n);
      signal.throwIfAborted();
      refuse?.(n, delimiter !== undefined, signal);
      const seen = sorted.filter((key) => key.startsWith(prefix));
      let at = 0;
      if (continuationToken !== undefined) at = Number(continuationToken.slice(2));
      else if (startAfter !== undefined && simulation.startAfter !== 'ignored' && order !== 'none') {
        at = seen.findIndex((key) => compare(key, startAfter) > 0);
        if (at < 0) at = seen.length;
      }
      const objects: string[] = [];
      const prefixes: string[] = [];
      for (; at < seen.length && objects.length + prefixes.length < pageSize; at++) {
        const key = seen[at] as string;
        const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
        const common = key.slice(0, end + 1);
        if (end < 0) objects.push(key);
        else if (prefixes.at(-1) !== common && (namesOwn || startAfter?.startsWith(common) !== true))
          prefixes.push(common);
      }
      if (delimiter !== undefined && prefixes.length > 0)
        while (at < seen.length && seen[at]?.startsWith(prefixes.at(-1) ?? '')) at += 1;
      simulated.answered += objects.length;
      return {
        objects: objects.map((key) => ({ key, size: key.length, etag: 'e' })),
        prefixes,
        continuationToken: at < seen.length ? `t:${at}` : undefined,
      };
    } finally {
      simulated.inFlight -= 1;
    }
  }
}
