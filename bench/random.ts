/** Pseudo-random numbers from a seed, the same in every run (mulberry32). */
export interface Random {
  /** In [0, 2³²). */
  word(): number;
  /** In [0, 1). */
  uniform(): number;
  /** Normally distributed, mean 0 and deviation 1. */
  normal(): number;
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const uniform = (): number => word() / 2 ** 32;
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { word, uniform, normal };
}
