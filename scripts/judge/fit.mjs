// Logistic regression with a ridge penalty, by Newton's method with conjugate gradients: no randomness, and the same
// numbers on every machine, for V8 computes exp() in software.
const steps = 8;
const solverSteps = 40;

/** @param rows {features, label, weight} @param ridge {measures, ngrams} @param minRequests distinct requests that an n-gram must answer */
export function fitModel(rows, { ridge, minRequests }) {
  const width = rows[0].features.measures.length;
  const ngrams = commonNgrams(rows, minRequests);
  const size = width + ngrams.length + 1;
  const data = sparse(rows, new Map(ngrams.map((key, index) => [key, width + index])), size);
  const penalty = new Float64Array(size).fill(ridge.ngrams);
  penalty.fill(ridge.measures, 0, width);
  penalty[size - 1] = 1e-6;
  const weights = newton(data, penalty, size);
  return {
    bias: weights[size - 1],
    measures: weights.slice(0, width),
    ngrams: new Map(ngrams.map((key, index) => [key, weights[width + index]])),
  };
}

export function scoreWith(model, { measures, ngrams }) {
  let score = model.bias;
  measures.forEach((value, index) => {
    score += value * model.measures[index];
  });
  for (const key of ngrams) score += model.ngrams.get(key) ?? 0;
  return score;
}

function commonNgrams(rows, minRequests) {
  const requests = new Map();
  for (const { features, request } of rows) {
    for (const key of features.ngrams) {
      const seen = requests.get(key) ?? new Set();
      if (seen.size < minRequests) requests.set(key, seen.add(request));
    }
  }
  return [...requests]
    .filter(([, seen]) => seen.size >= minRequests)
    .map(([key]) => key)
    .sort((a, b) => a - b);
}

function sparse(rows, columnOf, size) {
  const starts = new Int32Array(rows.length + 1);
  const columns = [];
  const values = [];
  rows.forEach(({ features }, index) => {
    features.measures.forEach((value, column) => {
      if (value === 0) return;
      columns.push(column);
      values.push(value);
    });
    for (const key of features.ngrams) {
      const column = columnOf.get(key);
      if (column === undefined) continue;
      columns.push(column);
      values.push(1);
    }
    columns.push(size - 1);
    values.push(1);
    starts[index + 1] = columns.length;
  });
  return {
    count: rows.length,
    starts,
    columns: Int32Array.from(columns),
    values: Float64Array.from(values),
    targets: Float64Array.from(rows, ({ label }) => (label === 'refusal' ? 1 : 0)),
    importance: Float64Array.from(rows, ({ weight }) => weight ?? 1),
  };
}

function newton(data, penalty, size) {
  const { count, starts, columns, values, targets, importance } = data;
  const weights = new Float64Array(size);
  const curve = new Float64Array(count);
  for (let step = 0; step < steps; step += 1) {
    const slope = Float64Array.from(weights, (weight, index) => weight * penalty[index]);
    const diagonal = penalty.slice();
    for (let row = 0; row < count; row += 1) {
      let score = 0;
      for (let at = starts[row]; at < starts[row + 1]; at += 1) score += values[at] * weights[columns[at]];
      const chance = 1 / (1 + Math.exp(-score));
      curve[row] = importance[row] * Math.max(chance * (1 - chance), 1e-6);
      const error = importance[row] * (chance - targets[row]);
      for (let at = starts[row]; at < starts[row + 1]; at += 1) {
        slope[columns[at]] += error * values[at];
        diagonal[columns[at]] += curve[row] * values[at] * values[at];
      }
    }
    const move = solve(data, curve, penalty, slope, diagonal);
    for (let index = 0; index < size; index += 1) weights[index] -= move[index];
    if (move.every((change) => Math.abs(change) < 1e-4)) break;
  }
  return weights;
}

/** Conjugate gradients for (X'WX + penalty) move = slope, preconditioned by the diagonal. */
function solve({ count, starts, columns, values }, curve, penalty, slope, diagonal) {
  const size = slope.length;
  const move = new Float64Array(size);
  const rest = slope.slice();
  let scaled = rest.map((value, index) => value / diagonal[index]);
  const direction = scaled.slice();
  let size2 = dot(rest, scaled);
  const enough = size2 * 1e-10;
  for (let step = 0; step < solverSteps && size2 > enough; step += 1) {
    const image = direction.map((value, index) => value * penalty[index]);
    for (let row = 0; row < count; row += 1) {
      let along = 0;
      for (let at = starts[row]; at < starts[row + 1]; at += 1) along += values[at] * direction[columns[at]];
      along *= curve[row];
      for (let at = starts[row]; at < starts[row + 1]; at += 1) image[columns[at]] += along * values[at];
    }
    const pace = size2 / dot(direction, image);
    for (let index = 0; index < size; index += 1) {
      move[index] += pace * direction[index];
      rest[index] -= pace * image[index];
    }
    scaled = rest.map((value, index) => value / diagonal[index]);
    const next = dot(rest, scaled);
    for (let index = 0; index < size; index += 1)
      direction[index] = scaled[index] + (next / size2) * direction[index];
    size2 = next;
  }
  return move;
}

function dot(one, other) {
  let sum = 0;
  for (let index = 0; index < one.length; index += 1) sum += one[index] * other[index];
  return sum;
}
