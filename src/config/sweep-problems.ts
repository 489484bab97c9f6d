import type { Policy } from './policy.ts';
import type { PolicyProblem } from './policy-problem.ts';

type Sweeps = Policy['suite']['sweeps'];

/** What the schema cannot say of the sweeps. */
export function sweepProblems(policy: Policy): PolicyProblem[] {
  const { sweeps } = policy.suite;
  return [
    ...fractionProblems(sweeps),
    ...repetitionProblems(countLists(sweeps)),
    ...cueProblems(sweeps),
    ...carrierProblems(sweeps),
    ...matchedProblems(policy),
    ...systemPromptProblems(sweeps),
    ...repetitionProblems(factorLists(sweeps)),
  ];
}

/** Whether any sweep shows demonstrations: one of zeros alone is the zero-shot condition by another name. */
export function showsDemonstrations(sweeps: Sweeps): boolean {
  const { benignSweep, harmfulSweep, benignSources, matchedRewrites, formatCues, carriers } = sweeps;
  const single = [benignSources, matchedRewrites, formatCues, carriers].some(
    (sweep) => sweep !== undefined && sweep.benign + sweep.harmful > 0,
  );
  const counts = [benignSweep, harmfulSweep, ...sweeps.systemPrompts].flatMap((sweep) => [
    ...(sweep?.benign ?? []),
    ...(sweep?.harmful ?? []),
  ]);
  return (
    sweeps.grid !== undefined || sweeps.orderings !== undefined || single || counts.some((count) => count > 0)
  );
}

function at(...path: (string | number)[]): (string | number)[] {
  return ['suite', 'sweeps', ...path];
}

function fractionProblems({ grid }: Sweeps): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  for (const total of grid?.totals ?? []) {
    grid?.harmfulFractions.forEach((fraction, index) => {
      const exact = total * fraction;
      if (Math.abs(exact - Math.round(exact)) <= 1e-9) return;
      problems.push({
        path: at('grid', 'harmfulFractions', index),
        expected: `a fraction that makes a whole number of harmful demonstrations at total ${total}`,
        got: fraction,
        remedy: `${fraction} of ${total} is ${exact}; change the total or the fraction`,
      });
    });
  }
  return problems;
}

/** A cue on demonstrations that are not shown would be asked as the plain condition, and called a cue. */
function cueProblems({ formatCues }: Sweeps): PolicyProblem[] {
  if (formatCues === undefined) return [];
  const { benign, harmful } = formatCues;
  const counts = { benign, harmful, all: benign + harmful };
  return formatCues.on.flatMap((kind) => {
    if (counts[kind] > 0) return [];
    const shown = kind === 'all' ? 'demonstrations' : `${kind} demonstrations`;
    const expected = `${shown} for the cue to stand on`;
    return [{ path: at('formatCues', 'on'), expected, got: kind, remedy: 'raise the count, or change on' }];
  });
}

function carrierProblems({ carriers }: Sweeps): PolicyProblem[] {
  if (carriers === undefined || carriers.benign + carriers.harmful > 0) return [];
  const expected = 'at least one demonstration: without any, all carriers are one plain request';
  return [{ path: at('carriers'), expected, got: carriers, remedy: 'raise benign or harmful' }];
}

function matchedProblems({ suite }: Policy): PolicyProblem[] {
  if (suite.sweeps.matchedRewrites === undefined) return [];
  return suite.benignDemonstrations.flatMap(({ name }, index) => {
    if (name !== 'matched') return [];
    const path = ['suite', 'benignDemonstrations', index, 'name'];
    const expected = 'another name beside sweeps.matchedRewrites, whose benign source is called matched';
    return [{ path, expected, got: name, remedy: 'rename the pool' }];
  });
}

function systemPromptProblems({ systemPrompts }: Sweeps): PolicyProblem[] {
  const seen = new Set<string>();
  return systemPrompts.flatMap(({ name }, index) => {
    const again = seen.has(name);
    seen.add(name);
    const path = at('systemPrompts', index, 'name');
    return again ? [{ path, expected: 'a name used once', got: name, remedy: 'rename one of them' }] : [];
  });
}

/** A list of the sweeps and where it stands. */
type PlacedList = readonly [PolicyProblem['path'], readonly (string | number)[] | undefined];

function countLists({ grid, benignSweep, harmfulSweep, orderings }: Sweeps): PlacedList[] {
  return [
    [at('benignSweep', 'benign'), benignSweep?.benign],
    [at('benignSweep', 'harmful'), benignSweep?.harmful],
    [at('harmfulSweep', 'benign'), harmfulSweep?.benign],
    [at('harmfulSweep', 'harmful'), harmfulSweep?.harmful],
    [at('orderings', 'rules'), orderings?.rules],
    [at('grid', 'totals'), grid?.totals],
    [at('grid', 'harmfulFractions'), grid?.harmfulFractions],
  ];
}

function factorLists({ formatCues, carriers, systemPrompts }: Sweeps): PlacedList[] {
  return [
    [at('formatCues', 'cues'), formatCues?.cues],
    [at('formatCues', 'on'), formatCues?.on],
    [at('carriers', 'carriers'), carriers?.carriers],
    ...systemPrompts.flatMap(({ benign, harmful }, index): PlacedList[] => [
      [at('systemPrompts', index, 'benign'), benign],
      [at('systemPrompts', index, 'harmful'), harmful],
    ]),
  ];
}

function repetitionProblems(lists: readonly PlacedList[]): PolicyProblem[] {
  return lists.flatMap(([path, values]) =>
    values === undefined || new Set(values).size === values.length
      ? []
      : [{ path, expected: 'each entry once', got: values, remedy: 'remove the repetition' }],
  );
}
