import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { describeComparison } from '../report/compare-text.ts';
import { type DemoRelease, type DemoTools, type DemoTour, runDemoTour } from '../run/demo-tour.ts';
import type { GateResult } from '../run/gate-request.ts';
import { describeChecks } from './result-text.ts';
import { print, stopSignal, terminalLog } from './terminal.ts';

/** `mixgate demo`: a tour of the product on tiny models whose behaviour is known, with real inference. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description(
      'a tour on five embedded tiny models: a release that passes, two that are blocked, two stages compared, a receipt that was tampered with',
    )
    .option('--out <folder>', 'where the receipts go', 'mixgate-demo')
    .action(async ({ out }: { out: string }) => {
      const log = terminalLog(process.stderr, Date.now);
      const tools: DemoTools = {
        now: () => new Date(),
        log: { ...log, warn: eachOnce(log.warn) },
        signal: stopSignal(),
        begins: (release) => print(`\n${release.title}`),
        ended: (release, result) => {
          log.end();
          print(describeRelease(release, result));
        },
      };
      print(
        'Real inference on tiny models in this process: requests for vault codes stand in for harmful ones.',
      );
      const tour = await runDemoTour(resolve(out), tools);
      print(describeTour(tour, out));
    });
}

/** The tour runs one policy five times: what it warns of is said by the first. */
function eachOnce(warn: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (!said.has(text)) warn(text);
    said.add(text);
  };
}

function describeRelease(release: DemoRelease, { receipt }: GateResult): string {
  const { verdict, reasons } = receipt.evidence;
  return [
    `  ${release.model}: ${verdict}`,
    ...reasons.map(({ message }) => `  ${message}`),
    ...describeChecks(receipt),
  ].join('\n');
}

function describeTour({ comparison, tampered }: DemoTour, out: string): string {
  const { changed, verification } = tampered;
  const refused = verification.problems.map(
    ({ where, expected, found }) => `  ${where}: expected ${expected}, found ${found}`,
  );
  const cli = 'node dist/cli/index.js';
  return [
    '\n5. Two stages of one family, compared trial by trial',
    describeComparison(comparison),
    `\n6. Somebody writes "pass" into the receipt of ${changed}`,
    `  verify: ${verification.ok ? 'holds' : 'does not hold'}`,
    ...refused,
    '\nWhere to look',
    `  the page of a blocked release   ${join(out, 'amplification', 'report.html')}`,
    `  what its pull request would say ${join(out, 'amplification', 'comment.md')}`,
    `  the two stages side by side     ${cli} compare ${join(out, 'family-sft')} ${join(out, 'family-dpo')} --html stages.html`,
    `  an auditor's check              ${cli} verify ${join(out, 'dilution')}`,
    `  the same for the tampered one   ${cli} verify ${join(out, 'tampered')}`,
    '  what the models were taught     fixtures/organisms/README.md',
    `  a gate of your own              ${cli} init --out YOUR-REPOSITORY`,
  ].join('\n');
}
