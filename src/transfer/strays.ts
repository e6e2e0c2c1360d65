import { RefusedError } from '../errors.js';
import type { ResolvedDeleteOptions } from '../options/site.js';
import { type DeleteRefusal, refuseIncomplete, refuseMany } from '../plan/guards.js';
import type { Stray, Strays } from '../plan/listing/strays.js';
import { msg } from '../report/message.js';
import { REASONS } from '../report/reasons.js';
import { hasEnded, type RunEnd } from '../run/record.js';
import type { Run } from '../run/run.js';
import type { Bucket } from '../s3/bucket.js';
import { keyMatcher } from '../source/globs/glob.js';
import type { StrayAging } from './aging.js';
import { deleteKeys } from './delete.js';
import { counting, type PhasedWork } from './phases.js';

export interface StrayDeletesContext {
  readonly options: Pick<ResolvedDeleteOptions, 'maxDelete' | 'protect'> & { readonly dryRun: boolean };
  /** Below which the source's keys are. */
  readonly prefix: string;
  /** Whether a stray is never deleted. */
  readonly isProtected: (key: string) => boolean;
  readonly writes: Pick<PhasedWork<never>, 'plan' | 'settle' | 'note' | 'hasFailed'>;
  readonly bucket: Bucket;
  /** Undefined where strays are deleted at once. */
  readonly aging?: StrayAging | undefined;
  /** When a key is deleted: after all that have a lower number, if none of these has failed. Undefined: all at once. */
  readonly turnOf?: ((key: string) => number) | undefined;
}

/** The deletes of what the source does not have. */
export interface StrayDeletes {
  /**
   * Decides which ones are deleted: all that nothing protects and that are due, or none. Writes nothing, and returns them.
   * @throws RefusedError where the listing cannot be trusted, or where too many would be; a dry run throws that once it has listed them
   */
  plan(strays: Strays): Promise<readonly Stray[]>;
  /** Deletes them, once the tags of those that stay are written. Returns how the run ended. */
  carryOut(): Promise<RunEnd>;
}

export function strayDeletes(run: Run, context: StrayDeletesContext): StrayDeletes {
  const { options, isProtected, writes, bucket, aging, turnOf } = context;
  const { record } = run;
  let deletes: readonly Stray[] = [];
  /** Why a real run would have been refused. */
  let refusal: DeleteRefusal | undefined;

  function check(refused: DeleteRefusal | undefined): void {
    if (refused === undefined) return;
    throw new RefusedError(refused.code, refused.message, record.report(false), refused.hint);
  }

  /** The run, with each outcome counted in the phase of the deletes, except what stays. */
  function counted(count: PhasedWork<never>['note']): Run {
    return counting(run, (outcome) => {
      if (outcome.action !== 'skip' || outcome.reason === REASONS.changedBeforeDelete) count('deletes', outcome);
    });
  }

  return {
    async plan(strays) {
      check(refuseIncomplete(strays));
      const wanted = strays.keys.filter(({ key }) => !isProtected(key));
      const due = aging === undefined ? wanted : await aging.dueOf(wanted);
      refusal = refuseMany(due, strays.listed, options.maxDelete);
      // A dry run lists all of them first.
      if (!options.dryRun) check(refusal);
      if (due.length > 0) warnOfProtect(context, run, strays);
      deletes = due;
      writes.plan('deletes', deletes.length);
      const { totals } = record;
      if (totals !== undefined)
        record.expect({ ...totals, objects: totals.objects + deletes.length + (aging?.staying ?? 0) });
      return deletes;
    },
    async carryOut() {
      if (aging !== undefined) {
        const end = await aging.writeTags(counted(writes.note));
        if (hasEnded(end)) return end;
        if (writes.hasFailed()) return { stoppedEarly: true };
      }
      for (const turn of inTurns(deletes, turnOf)) {
        if (writes.hasFailed()) return { stoppedEarly: true };
        const end = await deleteKeys(
          counted(writes.settle),
          { bucket, dryRun: options.dryRun, reason: REASONS.stray },
          turn.map((stray) => ({ ...stray, origin: '' })),
        );
        if (hasEnded(end)) return end;
      }
      check(refusal);
      return {};
    },
  };
}

/** A glob that protects nothing, next to keys that go, was probably meant for some of them. */
function warnOfProtect({ options, prefix }: StrayDeletesContext, { record }: Run, { keys }: Strays): void {
  const idle = options.protect.filter((glob) => {
    const matches = keyMatcher([glob], prefix);
    return !keys.some(({ key }) => matches(key));
  });
  if (idle.length === 0) return;
  const shown = idle.map((glob) => JSON.stringify(glob)).join(', ');
  const where = prefix === '' ? '' : `, and are relative to the prefix "${prefix}"`;
  record.warn(
    'protect-unmatched',
    msg`{protect} ${shown} matches none of the keys that the source does not have. Globs need no quotes in lists and files${where}.`,
  );
}

function inTurns(strays: readonly Stray[], turnOf: (key: string) => number = () => 0): readonly (readonly Stray[])[] {
  const turns = new Map<number, Stray[]>();
  for (const stray of strays) {
    const turn = turnOf(stray.key);
    const others = turns.get(turn);
    if (others === undefined) turns.set(turn, [stray]);
    else others.push(stray);
  }
  return [...turns].sort(([one], [other]) => one - other).map(([, turn]) => turn);
}
