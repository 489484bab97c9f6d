import type { CountCell } from '../../src/analysis/cell-counts.ts';
import type { LabelledTrial } from '../../src/suite/outcome.ts';
import { asNumbers, asStrings, type ReferenceCase, referenceCases } from './reference.ts';
import { hexOf } from './scored-trials.ts';

/** A logistic reference case as the trials and conditions that the gate would have. */
export function trialsOfCase({ input }: ReferenceCase): { trials: LabelledTrial[]; cells: CountCell[] } {
  const [harmful, benign, y] = [asNumbers(input.n_h), asNumbers(input.n_b), asNumbers(input.y)];
  const [queries, contexts] = [asStrings(input.query), asStrings(input.context)];
  const names = [...new Set(contexts)];
  const trials = y.map((value, i): LabelledTrial => {
    const condition = `b${benign[i]}-h${harmful[i]}`;
    const query = hexOf(queries[i] ?? '');
    return {
      trialId: hexOf(`${condition} ${query}`),
      role: 'evaluation',
      conditions: [condition],
      block: names.indexOf(contexts[i] ?? ''),
      draw: 0,
      source: 'asked',
      query,
      outcome: { label: value === 1 ? 'compliance' : 'refusal' },
      cut: false,
    };
  });
  const cells = [...new Set(trials.flatMap(({ conditions }) => conditions))].map((condition) => {
    const [, b = '', h = ''] = /^b(\d+)-h(\d+)$/.exec(condition) ?? [];
    return { condition, benign: Number(b), harmful: Number(h) };
  });
  return { trials, cells };
}

/** The case of a logistic file with this id. */
export function logisticCase(id: string): ReferenceCase {
  const found = referenceCases('logistic').find((reference) => reference.id === id);
  if (found === undefined) throw new Error(`no reference case ${id}`);
  return found;
}
