import { seededRandom } from '../suite/random.ts';

/** Uniform numbers in (0, 1) and standard normal ones: simulations need many, not unpredictable ones. */
export interface FastRandom {
  readonly uniform: () => number;
  readonly normal: () => number;
}

/** mulberry32, started from the label: the same label gives the same numbers. Normals by Box and Muller (1958). */
export function fastRandom(label: string): FastRandom {
  let state = seededRandom(label)(0x1_0000_0000);
  let spare: number | undefined;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 0x1_0000_0000;
  };
  const normal = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform, normal };
}
