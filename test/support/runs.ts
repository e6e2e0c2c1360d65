/** How often a property is tried, multiplied by `TEST_RUNS`. */
export function runs(usually: number): { readonly numRuns: number } {
  return { numRuns: usually * Number(process.env.TEST_RUNS ?? 1) };
}
