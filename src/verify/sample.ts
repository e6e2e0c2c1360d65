import type { FilePhase } from '../model/site-phases.js';
import { isUnchanged, REASONS } from '../report/reasons.js';
import type { Outcome } from '../report/types.js';

/** One object whose URL is fetched. */
export interface SampledObject {
  readonly key: string;
  /** The key below the prefix. */
  readonly path: string;
  /** Whether this run has written it, or its headers. */
  readonly isWritten: boolean;
  /** When it was, in ms since 1970; undefined for one that is unchanged. */
  readonly writtenAt: number | undefined;
  /** Bytes of the source; 0 where unknown. */
  readonly sourceBytes: number;
  /** Bytes of the object that it replaced, where that is known and is another number than its own. */
  readonly replacedBytes: number | undefined;
  readonly etag: string | undefined;
  /** Undefined for one that is unchanged, whose headers are those of an earlier run. */
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
}

/** Most objects of each kind: 200 in all, with the page of the root. */
export const MOST = { pages: 169, others: 20, unchanged: 10 } as const;
/** Larger objects are not fetched: entry documents are small, and videos would take the time of all others. */
export const MOST_BYTES: number = 8 * 1024 * 1024;

/** Chooses the objects of a run whose URLs are fetched, in bounded memory. */
export interface Sample {
  add(outcome: Outcome): void;
  /** Pages first, each kind in the order of the keys. */
  chosen(): readonly SampledObject[];
}

/**
 * The sample of a live check: the page of the root, the pages that were written, some of the other files that were written, and a few unchanged files.
 * Where there are more, those whose keys have the lowest hashes are taken, which spreads them over the site and chooses the same ones for the same keys.
 */
export function sampleOf(prefix: string, phaseOf: (path: string) => FilePhase): Sample {
  const root = `${prefix}index.html`;
  let page: SampledObject | undefined;
  const pages = lowest(MOST.pages);
  const others = lowest(MOST.others);
  const unchanged = lowest(MOST.unchanged);
  return {
    add(outcome) {
      const { key, sourceBytes } = outcome;
      if (!key.startsWith(prefix) || key === prefix || sourceBytes > MOST_BYTES) return;
      const isWritten = outcome.action === 'put' || outcome.action === 'metadata';
      if (!isWritten && !isKnownEqual(outcome)) return;
      if (key === root) {
        page = sampled(outcome, prefix, isWritten);
        return;
      }
      const kept = !isWritten ? unchanged : phaseOf(key.slice(prefix.length)) === 'pages' ? pages : others;
      kept.add(key, () => sampled(outcome, prefix, isWritten));
    },
    chosen: () => [...(page === undefined ? [] : [page]), ...pages.all(), ...others.all(), ...unchanged.all()],
  };
}

/** Whether an object that was left as it is has the content of its file: not in mode `add`, and not where only sizes were compared. */
function isKnownEqual({ action, reason }: Outcome): boolean {
  return action === 'skip' && isUnchanged(reason) && reason !== REASONS.sameSize;
}

function sampled(outcome: Outcome, prefix: string, isWritten: boolean): SampledObject {
  const { key, sourceBytes, bytes, replacedBytes, etag, contentType, contentEncoding, startedAt } = outcome;
  return {
    key,
    path: key.slice(prefix.length),
    isWritten,
    writtenAt: !isWritten || startedAt === undefined ? undefined : startedAt.getTime() + outcome.durationMs,
    sourceBytes,
    replacedBytes: outcome.action === 'put' && replacedBytes !== bytes ? replacedBytes : undefined,
    etag,
    contentType,
    contentEncoding,
  };
}

interface Lowest {
  add(key: string, make: () => SampledObject): void;
  all(): readonly SampledObject[];
}

/** Keeps the objects whose keys have the lowest hashes. */
function lowest(most: number): Lowest {
  const kept: { readonly hash: number; readonly object: SampledObject }[] = [];
  return {
    add(key, make) {
      const hash = hashOf(key);
      const last = kept.at(-1);
      if (kept.length === most && last !== undefined && last.hash <= hash) return;
      let [low, high] = [0, kept.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((kept[middle]?.hash ?? 0) <= hash) low = middle + 1;
        else high = middle;
      }
      kept.splice(low, 0, { hash, object: make() });
      if (kept.length > most) kept.pop();
    },
    all: () => kept.map(({ object }) => object).sort((one, other) => (one.key < other.key ? -1 : 1)),
  };
}

/** A hash of 32 bits: FNV-1a, and the last steps of MurmurHash3, without which keys with a common beginning lie together. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
