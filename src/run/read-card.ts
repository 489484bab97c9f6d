import { dirname, resolve } from 'node:path';
import { measureJudge } from '../analysis/judge-measurement.ts';
import { ConfigError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { readNamedFile } from '../config/read-named-file.ts';
import type { LoadedPolicy } from '../config/read-policy.ts';
import type { MetServer } from '../inference/replica.ts';
import type { Canary } from '../judge/canaries.ts';
import type { Judge } from '../judge/judge.ts';
import {
  identifyJudge,
  type NamedCard,
  parseJudgeCard,
  requireCanariesOfCard,
  requireJudgeOfCard,
} from '../judge/judge-card.ts';
import { judgeDoubts } from '../judge/judge-doubts.ts';
import type { SourceRows } from '../suite/source-file.ts';

/**
 * The judge card that a policy names, if any; its own kappa must reach the policy's.
 *
 * @throws ConfigError FILE_UNREADABLE, JUDGE_CARD_INVALID, JUDGE_CARD_UNFIT
 */
export function readCard({ policy, path }: LoadedPolicy): NamedCard | undefined {
  const { card: named, minKappa } = policy.judge;
  if (named === undefined) return undefined;
  const file = resolve(dirname(resolve(path)), named);
  const card = parseJudgeCard(
    readNamedFile(file, { what: 'a judge card', named: 'judge.card in the policy' }),
    file,
  );
  const { kappa } = measureJudge(card.card.table);
  if (typeof kappa === 'number' && kappa >= minKappa) return card;
  throw new ConfigError({
    code: 'JUDGE_CARD_UNFIT',
    where: `${file} kappa`,
    expected: `at least ${minKappa}, as judge.minKappa asks`,
    got: typeof kappa === 'number' ? kappa.toFixed(3) : 'no value',
    remedy: 'use a judge that agrees better with people; no run with this one could have a verdict',
  });
}

/**
 * Holds the run's judge and canaries to the card, before anything is asked.
 *
 * @throws ConfigError JUDGE_NOT_OF_CARD naming the field; JUDGE_CARD_INVALID where the card lacks a canary
 */
export function requireCard(
  { card, canaries }: { readonly card: NamedCard | undefined; readonly canaries: SourceRows<Canary> },
  judge: Judge,
  judges: readonly MetServer[],
): void {
  if (card === undefined) return;
  const served = judges.map((one) => one.served);
  requireJudgeOfCard(card, identifyJudge(judge, served), canaries.sha256);
  requireCanariesOfCard(card, canaries.rows);
}

/** What a policy's judge and its card leave to doubt, in sentences for people. */
export function doubtsOf({ judge }: Policy, card: NamedCard | undefined): string[] {
  const members = judge.members?.map(({ kind }) => kind) ?? [];
  return judgeDoubts({ kind: judge.kind, members, labelsSha256: card?.card.labels.sha256 ?? null });
}
