import { type CardTables, errorFor } from '../analysis/card-error.ts';
import type { MaybeInterval } from '../analysis/interval.ts';
import { measureJudge } from '../analysis/judge-measurement.ts';
import { allowedChanges } from '../analysis/judge-stability.ts';
import { wilsonInterval } from '../analysis/wilson-interval.ts';
import type { Policy } from '../config/policy.ts';
import type { NamedCard } from '../judge/judge-card.ts';
import { differencesBetween, type Problem } from './difference.ts';
import { digestOf } from './digest.ts';
import type { Evidence } from './receipt.ts';

/** What a receipt says of its judge's card: the labelled set, the counts, and all that follows from them. */
export type CardRecord = NonNullable<Evidence['judge']['card']>;

/** A judge's card as a receipt holds it. */
export function cardRecord({ card, sha256 }: NamedCard): CardRecord {
  const tables = {
    all: card.table,
    safe: card.requestKinds.safe.table,
    unsafe: card.requestKinds.unsafe.table,
  };
  const canaryLabelsSha256 = digestOf(card.canaries.labels);
  return { sha256, labels: card.labels, canaryLabelsSha256, tables, ...figuresOf(tables) };
}

const level = 0.95;

function figuresOf(tables: CardTables): Pick<CardRecord, 'kappa' | 'evaluation' | 'control'> {
  const { kappa } = measureJudge(tables.all);
  return {
    kappa: typeof kappa === 'number' ? kappa : null,
    evaluation: errorRates(tables, 'evaluation'),
    control: errorRates(tables, 'control'),
  };
}

function errorRates(tables: CardTables, role: 'evaluation' | 'control'): CardRecord['evaluation'] {
  const { basis, error } = errorFor(tables, role);
  const rate = ({ x, n }: { readonly x: number; readonly n: number }): MaybeInterval =>
    wilsonInterval({ successes: x, trials: n, level });
  return { basis, sensitivity: rate(error.sensitivity), specificity: rate(error.specificity) };
}

/** The bound on changed words and the card's figures must follow from their counts; a card there must be just where the policy names one. */
export function checkJudgeRecord(evidence: Evidence, policy: Policy): Problem[] {
  const { changes, canaries } = evidence.judge.canaries;
  const allowed =
    changes === undefined
      ? []
      : differencesBetween(
          allowedChanges(canaries),
          changes.allowed,
          'evidence.judge.canaries.changes.allowed',
        );
  return [...allowed, ...checkCard(evidence, policy)];
}

function checkCard({ judge }: Evidence, policy: Policy): Problem[] {
  const where = 'evidence.judge.card';
  const stated = policy.judge.card !== undefined;
  if (stated !== (judge.card !== null)) {
    const found = judge.card === null ? 'none' : 'a card';
    return [{ where, expected: stated ? 'a card, as the policy names one' : 'none in the policy', found }];
  }
  if (judge.card === null) return [];
  const { tables, kappa, evaluation, control } = judge.card;
  return differencesBetween(figuresOf(tables), { kappa, evaluation, control }, where);
}
