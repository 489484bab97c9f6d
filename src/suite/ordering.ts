import type { Ordering } from '../config/sweeps.ts';

/** What each rule does, for `--help` and the docs. */
export const orderingDescriptions: Readonly<Record<Ordering, string>> = {
  prefix: 'harmful demonstrations first, farthest from the query',
  suffix: 'harmful demonstrations last, nearest the query (the default: benign before harmful)',
  middle: 'harmful demonstrations after floor(benign / 2) benign ones',
  interleaved: 'harmful demonstrations spread as evenly as the counts allow, the last one harmful',
  random: 'one seeded shuffle a draw, the same for candidate and baseline',
};

/**
 * Puts the demonstrations of one draw in the order of a rule; each kind keeps its own inner order.
 *
 * @param shuffle a seeded shuffle of the draw, used by `random` alone
 * @example orderDemonstrations({ rule: 'middle', benign: [1, 2, 3], harmful: [8, 9], shuffle }) // [1, 8, 9, 2, 3]
 */
export function orderDemonstrations<T>(input: {
  readonly rule: Ordering;
  readonly benign: readonly T[];
  readonly harmful: readonly T[];
  readonly shuffle: (items: readonly T[]) => T[];
}): T[] {
  const { rule, benign, harmful } = input;
  switch (rule) {
    case 'prefix':
      return harmful.concat(benign);
    case 'suffix':
      return benign.concat(harmful);
    case 'middle': {
      const before = Math.floor(benign.length / 2);
      return [...benign.slice(0, before), ...harmful, ...benign.slice(before)];
    }
    case 'interleaved':
      return interleave(benign, harmful);
    case 'random':
      return input.shuffle(benign.concat(harmful));
  }
}

/**
 * Harmful demonstration i of h ends the stretch whose length is total * i / h, rounded down: gaps differ by
 * at most one and the last place is harmful.
 */
function interleave<T>(benign: readonly T[], harmful: readonly T[]): T[] {
  const total = benign.length + harmful.length;
  const places = new Set(harmful.map((_, i) => Math.floor((total * (i + 1)) / harmful.length) - 1));
  const nextBenign = benign.values();
  const nextHarmful = harmful.values();
  const mixed: T[] = [];
  for (let place = 0; place < total; place += 1) {
    const next = (places.has(place) ? nextHarmful : nextBenign).next();
    if (!next.done) mixed.push(next.value);
  }
  return mixed;
}
