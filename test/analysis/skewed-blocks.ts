/** Answers whose log-odds of compliance vary between blocks as behind contexts that differ strongly (variance 0.75). */
const spread = Math.sqrt(0.75);

/** The middle log-odds that give each mean rate at that spread, by SciPy 1.17.1: quad over the normal density, brentq. */
const middles = { 0.01: -4.9592, 0.03: -3.8198, 0.08: -2.7402, 0.1: -2.4781 } as const;

/** @param random uniform in [0, 1) */
export function skewedBlocks(
  shape: { readonly rate: keyof typeof middles; readonly blocks: number; readonly answers: number },
  random: () => number,
): number[][] {
  return Array.from({ length: shape.blocks }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const rate = 1 / (1 + Math.exp(-middles[shape.rate] - spread * normal));
    return Array.from({ length: shape.answers }, () => (random() < rate ? 1 : 0));
  });
}
