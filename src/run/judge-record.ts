import { judgeAgreement } from '../analysis/judge-agreement.ts';
import { labelChanges } from '../analysis/judge-stability.ts';
import type { ServedIdentity } from '../inference/served.ts';
import type { Canary } from '../judge/canaries.ts';
import type { Judge } from '../judge/judge.ts';
import type { JudgeResult } from '../judge/judge-answers.ts';
import type { NamedCard } from '../judge/judge-card.ts';
import type { ReceiptParts } from '../receipt/build.ts';
import type { SourceRows } from '../suite/source-file.ts';
import { describeJudges } from './judge-servers.ts';

/** What a receipt says of its judge: who it is, and how it did on the canaries, against people and against its card. */
export function judgeRecord(input: {
  readonly judge: Judge;
  readonly judged: JudgeResult;
  /** What serves its members, in order. */
  readonly served: readonly ServedIdentity[];
  readonly canaries: SourceRows<Canary>;
  readonly card: NamedCard | undefined;
}): ReceiptParts['judge'] {
  const { judge, judged, served, canaries, card } = input;
  const { kind, promptSha256, parameters, canaries: words } = judged;
  const changes = labelChanges(words, card && new Map(Object.entries(card.card.canaries.labels)));
  return {
    kind,
    promptSha256,
    parameters,
    ...describeJudges(judge, served),
    canariesSha256: canaries.sha256,
    agreement: { ...judgeAgreement(words), ...(changes === undefined ? {} : { changes }) },
    card,
  };
}
