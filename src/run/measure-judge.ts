import { basename, join } from 'node:path';
import { type JudgedItem, measureJudge, tableOf } from '../analysis/judge-measurement.ts';
import { ConfigError } from '../config/errors.ts';
import type { JudgeSpec } from '../config/judge-policy.ts';
import { readNamedFile } from '../config/read-named-file.ts';
import { type Cue, formatCues } from '../config/sweeps.ts';
import { parseCanaries } from '../judge/canaries.ts';
import { measuresHarm } from '../judge/harm.ts';
import type { Ruling, Submission } from '../judge/judge.ts';
import { identifyJudge, type JudgeCard } from '../judge/judge-card.ts';
import { judgeDoubts } from '../judge/judge-doubts.ts';
import { type LabelledAnswer, parseLabels } from '../judge/labels.ts';
import { shippedFile } from '../package-root.ts';
import { cueTexts } from '../suite/format-cue.ts';
import { version } from '../version.ts';
import { requireFolder } from './folders.ts';
import type { GateTools } from './gate-request.ts';
import { judgeList } from './judge-list.ts';
import type { JudgeAddress } from './judge-servers.ts';
import { judgeNamedBy, meetJudge } from './meet-judge.ts';
import { showProgress } from './progress.ts';
import { writeWhole } from './write-file.ts';

/** Which judge is measured, and on what. */
export interface MeasureRequest extends JudgeAddress {
  readonly labelsPath: string;
  readonly spec: JudgeSpec;
  /** The shipped canaries unless named. */
  readonly canariesPath: string | undefined;
  /** Where `judge-card.json` goes; nothing is written without it. */
  readonly outDir: string | undefined;
  readonly maxConcurrency: number;
}

export const cardFile = 'judge-card.json';

/**
 * Holds a judge against people's labels: each answer as it is and with each format cue in front, and the canaries as
 * a run will show them. The result is the judge's card.
 *
 * @throws ConfigError on a file that cannot be used; ModelError on a judge that is not there, breaks, or changes
 */
export async function measureJudgeOn(request: MeasureRequest, tools: GateTools): Promise<JudgeCard> {
  const { labelsPath, outDir } = request;
  const labels = parseLabels(
    readNamedFile(labelsPath, { what: 'labelled answers', named: '--labels' }),
    labelsPath,
  );
  const canaries = readCanaryFile(request);
  if (outDir !== undefined) requireFolder(outDir, '--out');
  for (const doubt of doubtsOfCard(request.spec, labels.sha256)) tools.log.warn(doubt);
  const met = await meetJudge(request.spec, request, tools);
  const scored = labels.rows.flatMap((row) => (row.label === null ? [] : [{ ...row, label: row.label }]));
  const ask = (submissions: readonly Submission[]) =>
    judgeList({
      submissions,
      judge: met.judge,
      namedBy: judgeNamedBy,
      maxInFlight: request.maxConcurrency,
      signal: tools.signal,
      onProgress: showProgress(tools.log, 'judged'),
    });
  const start = tools.now().getTime();
  const rulings = await ask(variantsOf(scored));
  const seconds = Math.max(1, tools.now().getTime() - start) / 1000;
  const words = await ask(canaries.rows);
  await met.check();
  const card: JudgeCard = {
    schema: 'mixgate.judgeCard/1',
    mixgate: version,
    at: tools.now().toISOString(),
    judge: identifyJudge(met.judge, met.served),
    labels: { name: basename(labelsPath), sha256: labels.sha256, rows: scored.length },
    ...figuresOf(scored, rulings),
    unlabelled: labels.rows.filter(({ label }) => label === null).map(({ id }) => id),
    perSecond: Math.round((scored.length * (1 + formatCues.length)) / seconds),
    canaries: {
      sha256: canaries.sha256,
      labels: Object.fromEntries(canaries.rows.map(({ id }) => [id, wordOf(words.get(id))])),
    },
  };
  if (outDir !== undefined) writeCard(outDir, card);
  return card;
}

function doubtsOfCard(spec: JudgeSpec, labelsSha256: string): string[] {
  const members = spec.kind === 'panel' ? spec.members.map(({ kind }) => kind) : [];
  return judgeDoubts({ kind: spec.kind, members, labelsSha256 });
}

/** @throws ConfigError CANARIES_MISSING where the shipped ones cannot be told apart by this judge */
function readCanaryFile({ spec, canariesPath: named }: MeasureRequest) {
  if (named === undefined && measuresHarm(spec.kind)) {
    throw new ConfigError({
      code: 'CANARIES_MISSING',
      where: '--canaries',
      expected: `the canaries of the policy that will name the card: the judge ${spec.kind} calls all shipped ones safe`,
      got: 'nothing',
      remedy: 'give --canaries FILE; label compliance what is unsafe, refusal what is safe',
    });
  }
  const file = named ?? shippedFile('fixtures', 'canaries.jsonl');
  return parseCanaries(readNamedFile(file, { what: 'labelled canaries', named: '--canaries' }), file);
}

function writeCard(outDir: string, card: JudgeCard): void {
  writeWhole(join(outDir, cardFile), `${JSON.stringify(card, null, 2)}\n`);
}

type Scored = LabelledAnswer & { readonly label: 'compliance' | 'refusal' };

const idOf = (id: string, cue: Cue | 'none') => `${cue} ${id}`;

/** Every answer as it is, then with each cue in front. */
function variantsOf(scored: readonly Scored[]): Submission[] {
  return (['none', ...formatCues] as const).flatMap((cue) =>
    scored.map(({ id, request, response }) => ({
      id: idOf(id, cue),
      request,
      response: cue === 'none' ? response : `${cueTexts[cue]}${response}`,
    })),
  );
}

type Word = JudgedItem['judged'];

function wordOf(ruling: Ruling | undefined): Word {
  const label = ruling?.label ?? 'unscored';
  return label === 'notRun' ? 'unscored' : label;
}

/** All that follows from the labels and the judge's words. */
function figuresOf(scored: readonly Scored[], rulings: ReadonlyMap<string, Ruling>) {
  const judgedIn = (cue: Cue | 'none') =>
    scored.map((row) => ({ ...row, judged: wordOf(rulings.get(idOf(row.id, cue))) }));
  const plain = judgedIn('none');
  const sources = [...new Set(plain.map(({ source }) => source ?? 'unnamed'))].sort();
  return {
    ...groupOf(plain),
    requestKinds: {
      safe: groupOf(plain.filter(({ requestKind }) => requestKind === 'safe')),
      unsafe: groupOf(plain.filter(({ requestKind }) => requestKind === 'unsafe')),
    },
    sources: Object.fromEntries(
      sources.map((name) => [name, groupOf(plain.filter(({ source }) => (source ?? 'unnamed') === name))]),
    ),
    cues: Object.fromEntries(
      formatCues.map((cue) => {
        const cued = judgedIn(cue);
        const changed = cued.filter(({ judged }, index) => judged !== plain[index]?.judged).length;
        return [cue, { ...groupOf(cued), changed }];
      }),
    ),
    errors: plain
      .filter(({ label, judged }) => label !== judged)
      .map(({ id, label, judged }) => ({ id, label, judged })),
  };
}

function groupOf(items: readonly JudgedItem[]) {
  const table = tableOf(items);
  return { ...measureJudge(table), table };
}
