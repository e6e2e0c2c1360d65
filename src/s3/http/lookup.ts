import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** How long an answer of the name service is used: S3 changes its addresses within seconds. */
const FRESH_MS = 30_000;

interface Known {
  readonly addresses: readonly LookupAddress[];
  readonly at: number;
  turn: number;
}

/**
 * Looks host names up, once in a while instead of once a connection, and gives every connection another of the addresses first, so that many
 * connections are spread over all of a host's servers and a retry meets another one.
 */
export function spreadingLookup(): LookupFunction {
  const known = new Map<string, Known>();
  const asking = new Map<string, ((error: NodeJS.ErrnoException | null, known?: Known) => void)[]>();

  function addressesOf(host: string, done: (error: NodeJS.ErrnoException | null, known?: Known) => void): void {
    const found = known.get(host);
    if (found !== undefined && performance.now() - found.at < FRESH_MS) {
      done(null, found);
      return;
    }
    const waiting = asking.get(host);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    const all = [done];
    asking.set(host, all);
    systemLookup(host, { all: true }, (error, addresses) => {
      asking.delete(host);
      const fresh = error === null ? { addresses, at: performance.now(), turn: 0 } : undefined;
      if (fresh !== undefined) known.set(host, fresh);
      for (const each of all) each(error, fresh);
    });
  }

  return (host, options: LookupOptions, callback) => {
    addressesOf(host, (error, found) => {
      if (error !== null || found === undefined) {
        callback(error, '', 0);
        return;
      }
      const { family } = options;
      const fitting = found.addresses.filter((address) =>
        family !== 4 && family !== 6 ? true : address.family === family,
      );
      const usable = fitting.length > 0 ? fitting : found.addresses;
      const first = found.turn++ % usable.length;
      const turned = [...usable.slice(first), ...usable.slice(0, first)];
      if (options.all === true) callback(null, turned);
      else callback(null, turned[0]?.address ?? '', turned[0]?.family);
    });
  };
}
