import { z } from 'zod';
import type { LogisticRow } from '../../../src/analysis/clustered-logistic.ts';
import type { CrossedRow } from '../../../src/analysis/two-way-logistic.ts';
import type { Case } from '../case.ts';

const inputSchema = z
  .strictObject({
    n_h: z.array(z.number()),
    n_b: z.array(z.number()),
    query: z.array(z.string()),
    context: z.array(z.string()),
    y: z.array(z.union([z.literal(0), z.literal(1)])),
  })
  .refine((input) => new Set(Object.values(input).map(({ length }) => length)).size === 1);

/** What the responses are clustered by; `intersection` is each query in each context. */
export type By = 'query' | 'context' | 'intersection';

/** One response a row, its clusters named. */
export interface Response {
  readonly harmful: number;
  readonly benign: number;
  readonly query: string;
  readonly context: string;
  readonly y: 0 | 1;
}

export type Covariates = (row: Response) => readonly number[];

export const joint: Covariates = ({ harmful, benign }) => [1, Math.log2(1 + harmful), Math.log2(1 + benign)];
export const harmfulCount: Covariates = ({ harmful }) => [1, Math.log2(1 + harmful)];
export const totalCount: Covariates = ({ harmful, benign }) => [
  1,
  Math.log2(1 + harmful) + Math.log2(1 + benign),
];
export const intercept: Covariates = () => [1];

/** factor(n_h) without an intercept, then x_b. */
export function stratified(responses: readonly Response[]): Covariates {
  const levels = [...new Set(responses.map(({ harmful }) => harmful))];
  return ({ harmful, benign }) => [
    ...levels.map((level) => (level === harmful ? 1 : 0)),
    Math.log2(1 + benign),
  ];
}

export function responsesOf({ input }: Case): Response[] {
  const { n_h, n_b, query, context, y } = inputSchema.parse(input);
  return y.map((value, i) => ({
    harmful: n_h[i] ?? Number.NaN,
    benign: n_b[i] ?? Number.NaN,
    query: query[i] ?? '',
    context: context[i] ?? '',
    y: value,
  }));
}

export function clusteredRows(responses: readonly Response[], x: Covariates, by: By): LogisticRow[] {
  return crossedRows(responses, x).map((row) => ({
    ...row,
    cluster: by === 'intersection' ? JSON.stringify([row.query, row.context]) : row[by],
  }));
}

export function crossedRows(responses: readonly Response[], x: Covariates): CrossedRow[] {
  return responses.map((row) => ({
    x: x(row),
    successes: row.y,
    trials: 1,
    query: row.query,
    context: row.context,
  }));
}
