/** How often a property is tried: as many times more as `TEST_RUNS` says. */
export function runs(usually: number): { readonly numRuns: number } {
  return { numRuns: usually * Number(process.env.TEST_RUNS ?? 1) };
}
