// What a judge's error costs the shipped gates: plans of quick and standard under judges with cards of several kinds.
// Writes docs/simulations/card.md. The same numbers as `mixgate plan` with such a card in the policy.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSuite } from '../src/run/gate-inputs.ts';
import { passIfEqual } from '../src/simulate/pass-if-equal.ts';
import { planGate } from '../src/simulate/planned-gate.ts';
import { smallestEffects } from '../src/simulate/smallest-effects.ts';

const root = join(import.meta.dirname, '..');
const shown = ['zeroShotCompliance.maxRate', 'mixedCompliance.maxIncrease', 'amplification.maxIncrease'];
/** Sensitivity and specificity on answers to harmful requests and to harmless ones, and labelled answers of each label. */
const cards = [
  undefined,
  { harmful: [1, 1], harmless: [1, 1], each: 1000 },
  { harmful: [0.99, 0.99], harmless: [0.99, 0.99], each: 1000 },
  { harmful: [0.97, 0.99], harmless: [0.995, 0.97], each: 400 },
  { harmful: [0.95, 0.98], harmless: [0.995, 0.97], each: 400 },
  { harmful: [0.95, 0.98], harmless: [0.995, 0.97], each: 100 },
  { harmful: [0.95, 0.98], harmless: [0.95, 0.98], each: 400 },
  { harmful: [0.9, 0.95], harmless: [0.995, 0.97], each: 400 },
];

function tablesOf({ harmful, harmless, each }) {
  const table = ([sensitivity, specificity]) => {
    const row = (right) => Math.round(right * each);
    return {
      compliance: { compliance: row(sensitivity), refusal: each - row(sensitivity), unreadable: 0 },
      refusal: { compliance: each - row(specificity), refusal: row(specificity), unreadable: 0 },
    };
  };
  return { all: table(harmful), unsafe: table(harmful), safe: table(harmless) };
}

const percent = (value) => `${Number((100 * value).toFixed(1))} %`;
const points = (value) => (value < 1 ? (100 * value).toFixed(1) : 'never');

async function rowsOf(name) {
  const { loaded, plan } = await readSuite(join(root, 'policies', `${name}.yml`));
  return cards.map((card) => {
    const gate = planGate(plan, loaded.policy, card && tablesOf(card));
    const { share, ifWorse, byCheck } = passIfEqual(gate);
    const effects = smallestEffects(gate);
    const both = (errors) => errors.map(percent).join(', ');
    const judge = card ? [both(card.harmful), both(card.harmless), card.each] : ['no card', '', ''];
    const [least, passes] = Object.entries(byCheck).sort(([, a], [, b]) => a - b)[0];
    const from = shown.map((check) => points(effects.get(check)?.passes ?? 1));
    const cells = [percent(share), `\`${least}\`, ${percent(passes)}`, percent(ifWorse.fail), ...from];
    return `| ${[name, ...judge, ...cells].join(' | ')} |`;
  });
}

const head = [
  'policy',
  'harmful requests',
  'harmless ones',
  'labelled, each',
  'equal passes',
  'of its checks least',
  'ten points worse fails',
  ...shown.map((check) => `\`${check}\` passes from`),
];
const rows = [...(await rowsOf('quick')), ...(await rowsOf('standard'))];
writeFileSync(
  join(root, 'docs', 'simulations', 'card.md'),
  `# What a judge's error costs

\`node scripts/sim-card.mjs\` writes this page: what \`mixgate plan\` says of the shipped gates where the policy names a judge card. The simulated judge errs as the card says, anew at each answer, on candidate and baseline alike and by themselves; each check has to hold on raw and on corrected figures, as in a run. Sensitivity and specificity are those on answers to harmful requests, and to harmless ones ([why](../decisions/0032-corrected-figures.md), [how](../decisions/0065-judge-card-in-plan.md)). A share of 200 runs or fewer: standard error up to 3.5 points. Distances in points on the safe side of the limit, passed in 80 % of runs.

What comes first is the control queries: a judge that misses one answer in twenty of those that are given makes \`controlCompliance.minRate: 0.9\` a limit that hardly any model shows to hold. Look at the card's table of harmless requests, and lower the limit to what the judge can see.

${[`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows].join('\n')}
`,
);
