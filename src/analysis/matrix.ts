export type Vector = readonly number[];
export type Matrix = readonly Vector[];

/** A pivot this small beside its diagonal entry means that a column is a combination of those before it. */
const SINGULAR = 1e-11;

/** Sum of products of two vectors of one length. @throws RangeError when the lengths differ */
export function dot(a: Vector, b: Vector): number {
  if (a.length !== b.length)
    throw new RangeError(`dot: expected one length, got ${a.length} and ${b.length}`);
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

/** Sum over rows of weight * x x', the p x p matrix of least squares and of score products. */
export function weightedGram(
  rows: readonly { readonly x: Vector; readonly weight: number }[],
  size: number,
): Matrix {
  const gram = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (const { x, weight } of rows) {
    gram.forEach((line, j) => {
      const scaled = weight * (x[j] ?? 0);
      if (scaled === 0) return;
      for (let k = 0; k < size; k += 1) line[k] = (line[k] ?? 0) + scaled * (x[k] ?? 0);
    });
  }
  return gram;
}

/** Matrix times vector. */
export function times(matrix: Matrix, vector: Vector): Vector {
  return matrix.map((row) => dot(row, vector));
}

/** The quadratic form v' M v: the variance of the contrast v under the covariance M. */
export function quadraticForm(matrix: Matrix, vector: Vector): number {
  return dot(vector, times(matrix, vector));
}

/**
 * Inverse of a symmetric positive definite matrix, by Cholesky factors after scaling the diagonal to 1.
 *
 * @returns undefined where the matrix is singular to about 11 digits: no unique solution, which the caller names
 * @example [[2, 0], [0, 4]] gives [[0.5, 0], [0, 0.25]]
 */
export function invertPositiveDefinite(matrix: Matrix): Matrix | undefined {
  return invertWithDeterminant(matrix)?.inverse;
}

/** As `invertPositiveDefinite`, with the natural logarithm of the matrix's determinant. */
export function invertWithDeterminant(
  matrix: Matrix,
): { readonly inverse: Matrix; readonly logDeterminant: number } | undefined {
  const scale = matrix.map((row, i) => 1 / Math.sqrt(row[i] ?? 0));
  if (!scale.every(Number.isFinite)) return undefined;
  const scaled = matrix.map((row, i) => row.map((value, j) => value * (scale[i] ?? 0) * (scale[j] ?? 0)));
  const factor = invertedFactor(scaled);
  if (factor === undefined) return undefined;
  const inverse = factor.map((_, i) =>
    factor.map(
      (_, j) =>
        factor.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0) *
        (scale[i] ?? 0) *
        (scale[j] ?? 0),
    ),
  );
  const logDeterminant =
    -2 * factor.reduce((sum, row, i) => sum + Math.log((row[i] ?? 0) * (scale[i] ?? 0)), 0);
  return { inverse, logDeterminant };
}

/** Inverse of the lower Cholesky factor, row by row: each row is orthogonalised against those before it. */
function invertedFactor(matrix: Matrix): Matrix | undefined {
  const rows: Vector[] = [];
  for (let i = 0; i < matrix.length; i += 1) {
    const unit = matrix.map((_, j) => (i === j ? 1 : 0));
    const column = matrix[i] ?? [];
    const row = rows.reduce<Vector>((left, done) => {
      const overlap = dot(done, column);
      return left.map((value, j) => value - overlap * (done[j] ?? 0));
    }, unit);
    const pivot = dot(row, column);
    if (!(pivot > SINGULAR)) return undefined;
    rows.push(row.map((value) => value / Math.sqrt(pivot)));
  }
  return rows;
}
