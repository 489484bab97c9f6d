/** A point of a quadrature rule and what it counts for. */
export interface Node {
  readonly x: number;
  readonly weight: number;
}

const ORDER = 16;
const RULE = legendreRule(ORDER);

/**
 * Gauss-Legendre nodes on equal panels no wider than `width`, 16 a panel: exact for polynomials of degree 31 on each.
 *
 * @throws RangeError unless from < to and width > 0, all finite
 * @example the weights of gaussPanels({ from: 0, to: 2, width: 1 }) sum to 2
 */
export function gaussPanels(input: {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}): readonly Node[] {
  const { from, to, width } = input;
  const panels = Math.ceil((to - from) / width);
  if (!(panels >= 1 && panels < Infinity)) {
    throw new RangeError(`gaussPanels: expected from < to and width > 0, got ${from}, ${to}, ${width}`);
  }
  const half = (to - from) / panels / 2;
  return Array.from({ length: panels }, (_, i) =>
    RULE.map(({ x, weight }) => ({ x: from + half * (2 * i + 1 + x), weight: half * weight })),
  ).flat();
}

/** Nodes on [-1, 1]: roots of the Legendre polynomial by Newton's method (Press et al. 2007, section 4.6). */
function legendreRule(order: number): readonly Node[] {
  return Array.from({ length: order }, (_, i) => {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (order + 0.5));
    let slope = 1;
    for (let step = 0; step < 10; step += 1) {
      let [value, before] = [x, 1];
      for (let n = 2; n <= order; n += 1) {
        [value, before] = [((2 * n - 1) * x * value - (n - 1) * before) / n, value];
      }
      slope = (order * (x * value - before)) / (x * x - 1);
      x -= value / slope;
    }
    return { x, weight: 2 / ((1 - x * x) * slope * slope) };
  });
}
