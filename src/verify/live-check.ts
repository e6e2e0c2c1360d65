import type { FinalPhase, Run } from '../run/run.js';
import type { LiveCheckContext } from './check-site.js';
import { sampleOf } from './sample.js';

/** The live check of a put. */
export interface LiveCheck {
  /** Must be called before the first object is settled. */
  readonly watch: (run: Run) => void;
  readonly phase: FinalPhase;
}

/**
 * The live check: fetches the site as its visitors do, and compares it with the files. Undefined without the option `verifyUrl`. It runs only after a run
 * without a failure, because after one the site is known to be incomplete; a dry run has changed nothing that it could check.
 */
export function liveCheckOf(context: LiveCheckContext): LiveCheck | undefined {
  const { options, phaseOf } = context;
  const site = options.verifyUrl;
  if (site === undefined) return undefined;
  const sample = sampleOf(options.prefix, phaseOf);
  return {
    watch: ({ record }) => record.onOutcome(sample.add),
    phase: {
      name: 'verify',
      needed: ({ record }, { error, stoppedEarly }) =>
        !options.dryRun && record.failed === 0 && error === undefined && stoppedEarly !== true,
      work: async (run) => (await import('./check-site.js')).checkSite(run, site, sample, context),
    },
  };
}
