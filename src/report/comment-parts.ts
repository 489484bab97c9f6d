import { harmSentence, measuresHarm } from '../judge/harm.ts';
import type { BaselineRecord, CheckResult, Evidence, Receipt } from '../receipt/receipt.ts';
import { baselineFigure, failedBaseline } from './baseline-facts.ts';
import {
  byUrgency,
  lacksBaseline,
  maxAttempts,
  mixedRange,
  notesOf,
  type OpenStep,
  openSteps,
  policyName,
} from './facts.ts';
import {
  commonLevel,
  digitsThatDecide,
  formatCount,
  formatInterval,
  formatLevel,
  formatPercent,
  formatPlural,
  formatPoints,
  formatQuantity,
  isInterval,
  shortDigest,
} from './format.ts';
import { buildHeadline, formatLimit, outcomeCounts } from './headline.ts';
import { code, escapeMarkdown, table, unbroken } from './markdown.ts';
import { isDryRun, reasonSteps } from './reason-steps.ts';
import { ageWords, checkWords, outcomeMarks, outcomeWords, placeWords } from './words.ts';

/** The unfolded part of the comment, shared with the job summary. */

const mostChecks = 24;
const mostSteps = 12;
const mostReasons = 6;

/** Verdict, reasons, checks and what the release is. */
export function renderHead(receipt: Receipt): string[] {
  const { evidence } = receipt;
  const { mark, lead, name, text, detail } = buildHeadline(evidence);
  return [
    `## ${mark} ${lead}: ${code(name)} ${escapeMarkdown(text, 400)}`,
    [escapeMarkdown(detail), baselineWarning(evidence.baseline), `Checks: ${outcomeCounts(evidence)}.`]
      .filter((one) => one !== '')
      .join(' '),
    reasonsLine(evidence),
    checksTable(evidence),
    contextLines(receipt),
  ].filter((one) => one !== '');
}

/** No worse than a model that failed is no praise: it stands with the verdict. */
function baselineWarning(baseline: BaselineRecord): string {
  const verdict = failedBaseline(baseline);
  return verdict === undefined
    ? ''
    : `⚠️ The baseline did not pass its own gate (${escapeMarkdown(verdict, 40)}).`;
}

/** What stands between the release and a verdict is never folded away. */
function reasonsLine(evidence: Evidence): string {
  // A single reason is the first line already.
  if (evidence.verdict !== 'inconclusive' || evidence.reasons.length < 2) return '';
  const reasons = evidence.reasons.slice(0, mostReasons);
  const said = reasons.map((one) => `- ${escapeMarkdown(one.message, 400)} (${code(one.code, 60)})`);
  return ['**Why there is no verdict**', '', ...said].join('\n');
}

function checksTable(evidence: Evidence): string {
  const checks = byUrgency(evidence.checks);
  if (checks.length === 0) return 'No checks were made.';
  const level = commonLevel(checks.map((one) => one.value));
  const rows = checks.slice(0, mostChecks).map((one) => checkRow(one, evidence, level));
  const left = checks.length - rows.length;
  return [
    table({
      head: [
        'Outcome',
        'Check',
        level === undefined ? 'Estimate' : `Estimate, ${level} interval`,
        'Limit',
        'Baseline',
        'Where',
      ],
      align: ['left', 'left', 'left', 'right', 'right', 'left'],
      rows,
    }),
    ...(left > 0 ? [`\n${formatPlural(left, 'more check')} in the report.`] : []),
  ].join('\n');
}

function checkRow(check: CheckResult, evidence: Evidence, level: string | undefined): string[] {
  const { title, unit, atLeast } = checkWords(check.name);
  const digits = digitsThatDecide(check.value, check.threshold);
  const ownLevel =
    level === undefined && isInterval(check.value) ? `, ${formatLevel(check.value.level)}` : '';
  const estimate = isInterval(check.value)
    ? unbroken(formatInterval(check.value, unit, digits) + ownLevel)
    : escapeMarkdown(check.value.unavailable, 80);
  return [
    unbroken(`${outcomeMarks[check.outcome]} ${outcomeWords[check.outcome]}`),
    escapeMarkdown(title, 120),
    check.outcome === 'fail' ? `**${estimate}**` : estimate,
    unbroken(`${atLeast ? '≥' : '≤'} ${formatLimit(check.threshold, unit, digits)}`),
    baselineCell(check, evidence),
    escapeMarkdown(placeWords(check.at, evidence.conditions), 160) || '–',
  ];
}

/** An increase is a difference already; beside it stands the rate, or the rise, that it is counted from. */
function baselineCell(check: CheckResult, evidence: Evidence): string {
  const figure = baselineFigure(check, evidence);
  if (figure === undefined) return '–';
  return unbroken(check.at.includes(' over ') ? formatPoints(figure) : formatPercent(figure));
}

/** The paper's base rate, beside the mixed rates that it puts in proportion. */
function zeroShotLine(evidence: Evidence): string {
  const { zeroShot } = evidence;
  const none = isInterval(zeroShot)
    ? `**Without demonstrations** it complies with ${formatInterval(zeroShot, 'rate')} of harmful queries`
    : `**Without demonstrations** no rate: ${escapeMarkdown(zeroShot.unavailable, 120)}`;
  const range = mixedRange(evidence);
  const harm = measuresHarm(evidence.judge.kind) ? ` ${harmSentence}` : '';
  if (range === undefined) return `${none}; **with them** no rates.${harm}`;
  const { low, high, conditions } = range;
  const spread = `${formatPercent(low)} to ${formatPercent(high)}`;
  return `${none}; **with them** ${spread} over ${formatPlural(conditions, 'condition')}.${harm}`;
}

/** As many limits as a check has today, twice over; the table has them all. */
const mostChecksOfAStep = 6;

/** What to do about checks that did not pass; '' where all did. */
export function nextSteps(evidence: Evidence): string {
  const ofReasons = reasonSteps(evidence).map(
    ({ codes, remedy }) =>
      `- ${escapeMarkdown(remedy, 400)} (${codes.map((one) => code(one, 60)).join(', ')})`,
  );
  const ofChecks = isDryRun(evidence) ? [] : openSteps(evidence.checks).slice(0, mostSteps).map(stepItem);
  const items = [...ofReasons, ...ofChecks];
  return items.length === 0 ? '' : ['### What to do next', ...items].join('\n');
}

/** Checks that share a remedy stand below it, each on a line with what is said of it alone. */
function stepItem({ checks: all, remedy }: OpenStep): string {
  const said = escapeMarkdown(remedy, 400);
  const checks = all.slice(0, mostChecksOfAStep).map((check) => {
    const title = `**${escapeMarkdown(checkWords(check.name).title, 120)}** (${code(check.name, 80)})`;
    const notes = notesOf([check]).map((note) => escapeMarkdown(note, 300));
    return { title, notes };
  });
  const [first] = checks;
  if (first !== undefined && all.length === 1)
    return `- ${[`${first.title}.`, ...first.notes, said].join(' ')}`;
  const left = all.length - checks.length;
  return [
    `- ${said} This is for:`,
    ...checks.map(({ title, notes }) => `  - ${[`${title}.`, ...notes].join(' ')}`),
    ...(left > 0 ? [`  - ${formatPlural(left, 'more check')} in the report`] : []),
  ].join('\n');
}

/** Which release, against what, under which policy. */
function contextLines(receipt: Receipt): string {
  const { evidence } = receipt;
  const { candidate, deployment } = evidence;
  const most = maxAttempts(evidence);
  const attempt = `attempt ${evidence.attempt}${most === undefined ? '' : ` of ${most}`}`;
  const untested = deployment.untested.slice(0, 12).map((one) => code(one, 60));
  return [
    `- ${zeroShotLine(evidence)}`,
    `- **Candidate** ${code(candidate.model)}${candidateExtras(evidence)}, policy ${code(policyName(receipt), 80)}, ${attempt}, run of ${evidence.asOf.slice(0, 10)}.`,
    `- **Baseline** ${baselineWords(evidence.baseline)}${lacksBaseline(evidence) ? '; checks against one are not planned.' : '.'}`,
    `- **Cost** ${costWords(receipt.run)}.`,
    ...(untested.length > 0 ? [`- **Declared but not tested** ${untested.join(', ')}.`] : []),
  ].join('\n');
}

/** Money is known only where the policy has prices; caps and tokens stand in the folded budget. */
export function costWords({ money, minutes, requests, judgeRequests }: Receipt['run']): string {
  const spent = money === null ? '' : `${formatQuantity(money)} at the policy’s prices; `;
  const judged = judgeRequests === 0 ? '' : ` and ${formatPlural(judgeRequests, 'request')} to the judge`;
  const unpriced = money === null ? '; no money is counted, as the policy names no prices' : '';
  return `${spent}${formatQuantity(minutes)} minutes, ${formatPlural(requests, 'request')}${judged}${unpriced}`;
}

function candidateExtras({ candidate }: Evidence): string {
  const known = [null, '', candidate.model];
  const extras = [candidate.checkpoint, candidate.trainingStage].filter((one) => !known.includes(one));
  return extras.length === 0 ? '' : ` (${extras.map((one) => code(one ?? '', 80)).join(', ')})`;
}

function baselineWords(baseline: BaselineRecord): string {
  switch (baseline.status) {
    case 'none':
      return 'none yet, as the policy states';
    case 'notGiven':
      return 'none was given to this run';
    case 'compared': {
      const { acceptedBy, acceptedAt, reason, notComparable } = baseline;
      return [
        `${code(baseline.candidate.model)}, measured ${ageWords(baseline.ageDays)}`,
        acceptedBy === null ? 'accepted by nobody on record' : `accepted by ${code(acceptedBy, 80)}`,
        ...(acceptedAt === null ? [] : [`on ${escapeMarkdown(acceptedAt.slice(0, 10))}`]),
        ...(reason === null ? [] : [`because “${escapeMarkdown(reason, 200)}”`]),
        `${formatCount(baseline.pairs)} pairs, receipt \`${shortDigest(baseline.receiptDigest)}\``,
        ...(notComparable.length === 0
          ? []
          : [
              `⚠️ not comparable in ${notComparable
                .slice(0, 12)
                .map((one) => code(one, 80))
                .join(', ')}`,
            ]),
      ].join(', ');
    }
  }
}

/** With the files at hand; an auditor gives the policy file too. */
export function verifyCommand({ evidence }: Receipt): string {
  const baseline = evidence.baseline.status === 'compared' ? ' --baseline DIR' : '';
  return `mixgate verify receipt.json --ledger ledger.jsonl --policy POLICY${baseline}`;
}

/** Last and never left out: what this comment speaks of and how anyone can check it. */
export function verifyLines(receipt: Receipt): string {
  return [
    `Evidence \`${receipt.evidenceDigest}\`<br>Receipt \`${receipt.digest}\``,
    '',
    ...filesLine(receipt.run.github),
    'Check it offline with the receipt and ledger of this run:',
    '',
    `\`\`\`sh\n${verifyCommand(receipt)}\n\`\`\``,
  ].join('\n');
}

/** Where the workflow keeps receipt, ledger and report; all of it comes from the runner, and is held to its form. */
function filesLine(github: Receipt['run']['github']): string[] {
  const { serverUrl = '', repository = '', runId = '' } = github ?? {};
  const isRun =
    /^https:\/\/[\w.-]+(:\d+)?$/.test(serverUrl) &&
    /^[\w.-]+\/[\w.-]+$/.test(repository) &&
    /^[1-9]\d{0,14}$/.test(runId);
  if (!isRun) return [];
  const link = `[workflow run ${runId}](${serverUrl}/${repository}/actions/runs/${runId}#artifacts)`;
  return [`Receipt, ledger and HTML report are artifacts of ${link}.`, ''];
}
