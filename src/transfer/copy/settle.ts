import { COPIED_FROM } from '../../encode/copy-headers.js';
import { S3RequestError, SourceError, UsageError } from '../../errors.js';
import type { ResolvedSharedOptions } from '../../options/resolved.js';
import {
  type CopyComparison,
  type CopyFacts,
  compareCopies,
  type KmsBelief,
  type RemoteContent,
  type SideFacts,
} from '../../plan/compare.js';
import { decide, type RemoteState } from '../../plan/decide.js';
import type { Planned } from '../../plan/listing/lookup.js';
import { REASONS } from '../../report/reasons.js';
import type { Outcome } from '../../report/types.js';
import type { CopyEntry } from '../../source/bucket.js';
import type { HeadObject, HeadResult } from '../head.js';
import { outcomeOf, type Result } from '../result.js';
import type { Copier } from './context.js';

export interface SettleCopyDeps {
  readonly options: Pick<ResolvedSharedOptions, 'mode' | 'compare'>;
  readonly compare: CompareCopy;
  readonly perform: Copier;
  /** Asks for one key of the destination by HEAD. */
  readonly ask: (key: string) => Promise<RemoteState>;
  /** Headers are given that an unchanged object may not have. */
  readonly headersGiven: boolean;
  /** Lets nothing new begin. */
  readonly stop: AbortSignal;
}

/**
 * Decides about one object after the other and carries the decision out. Never throws: what goes wrong is a failed outcome. The outcome is
 * undefined for an object that a stop or an abort kept from being attempted.
 */
export function settleCopy(deps: SettleCopyDeps): (unit: Planned<CopyEntry>) => Promise<Outcome | undefined> {
  const { options, compare, perform, headersGiven } = deps;

  async function handle(entry: CopyEntry, remote: RemoteState): Promise<Result> {
    let decision = decide(options, entry.size, remote);
    if (decision.action === 'compare') {
      if (remote.state !== 'present') throw new TypeError('nothing remote to compare with');
      decision = await compare(entry, remote);
    }
    if (decision.action === 'put') return perform(entry, decision);
    const unseen = decision.reason === REASONS.sameContent && headersGiven;
    const reason = unseen ? REASONS.sameContentOnly : decision.reason;
    return { action: 'skip', reason, bytes: 0, sourceBytes: entry.size, verified: 'none', attempts: 0 };
  }

  return async (unit) => {
    const started = performance.now();
    const { origin, key } = unit.kind === 'planned' ? unit.entry : unit;
    const outcome = (result: Result, error?: Error): Outcome =>
      outcomeOf(origin, key, result, performance.now() - started, error);
    if (unit.kind === 'unusable') {
      const { action, reason, error } = unit;
      return outcome({ action, reason, bytes: 0, sourceBytes: 0, verified: 'none', attempts: 0 }, error);
    }
    try {
      const remote = unit.remote.state === 'ask' ? await deps.ask(unit.entry.key) : unit.remote;
      return outcome(await handle(unit.entry, remote));
    } catch (thrown) {
      const known = thrown instanceof S3RequestError || thrown instanceof SourceError || thrown instanceof UsageError;
      if (!known && deps.stop.aborted) return undefined;
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const attempts = error instanceof S3RequestError ? error.attempts : 0;
      const lost = { bytes: 0, sourceBytes: unit.entry.size, verified: 'none', attempts } as const;
      return outcome({ action: 'fail', reason: error.message, ...lost }, error);
    }
  };
}

export interface CompareCopyDeps {
  readonly askSource: HeadObject;
  readonly askDest: HeadObject;
}

/** Compares an object with what the destination has under its key, by the fewest requests. */
export type CompareCopy = (
  entry: CopyEntry,
  remote: RemoteContent,
) => Promise<Exclude<CopyComparison, { readonly action: 'find' }>>;

/** Finds out, for one object after the other, what the comparison asks for. What HEADs tell about KMS holds for the run. */
export function compareCopy({ askSource, askDest }: CompareCopyDeps): CompareCopy {
  let kms: KmsBelief = 'unknown';

  function learn({ source, dest }: CopyFacts): void {
    if (typeof source !== 'object' || typeof dest !== 'object') return;
    if (source.kms || dest.kms) kms = 'yes';
    else if (kms === 'unknown') kms = 'no';
  }

  return async (entry, remote) => {
    let facts: CopyFacts = {};
    for (;;) {
      const compared = compareCopies(entry, remote, facts, kms);
      if (compared.action !== 'find') return compared;
      const why = 'ETags differ';
      if (compared.fact === 'dest')
        facts = { ...facts, dest: factsOf(await askDest(entry.key, why, { checksum: true })) };
      else facts = { ...facts, source: factsOf(await askSource(entry.sourceKey, why, { checksum: true })) };
      learn(facts);
    }
  };
}

function factsOf(headed: HeadResult): SideFacts | 'absent' | 'denied' {
  if (typeof headed === 'string') return headed;
  return { kms: headed.kms === true, checksum: headed.checksum, copiedFrom: headed.metadata?.[COPIED_FROM] };
}
