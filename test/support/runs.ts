import fc from 'fast-check';

const TIMES = Number(process.env.TEST_RUNS ?? 1);
fc.configureGlobal({ numRuns: 100 * TIMES });

/** How often a property is tried that is tried more or less often than 100 times. `TEST_RUNS` multiplies it, as it does the 100. */
export function runs(usually: number): { readonly numRuns: number } {
  return { numRuns: usually * TIMES };
}
