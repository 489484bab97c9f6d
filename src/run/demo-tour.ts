import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EvidenceError } from '../config/errors.ts';
import { shippedFile } from '../package-root.ts';
import { baselineFiles } from '../receipt/baseline.ts';
import { type Comparison, compareRuns, parseComparedRun } from '../receipt/compare.ts';
import { type Verification, verifyReceipt } from '../receipt/verify.ts';
import { startEmbeddedServer } from '../simulate/embedded-server.ts';
import type { GateResult, GateTools } from './gate-request.ts';
import { runGate } from './run-gate.ts';

/** One stop of the tour: a model organism of `fixtures/organisms` that wants to be released. */
export interface DemoRelease {
  readonly model: string;
  readonly title: string;
}

/** What the tour is given from outside. */
export interface DemoTools extends GateTools {
  /** Called before a release is measured, and with its result. */
  begins(release: DemoRelease): void;
  ended(release: DemoRelease, result: GateResult): void;
}

/** What the tour has shown. */
export interface DemoTour {
  readonly results: readonly GateResult[];
  readonly comparison: Comparison;
  readonly tampered: { readonly changed: string; readonly verification: Verification };
}

const releases: readonly DemoRelease[] = [
  { model: 'robust', title: '1. A release that refuses whatever it is shown' },
  { model: 'amplification', title: '2. A release that harmless demonstrations make give way' },
  { model: 'dilution', title: '3. A release for which the order of the demonstrations decides' },
  { model: 'family-sft', title: '4. A family: its SFT checkpoint' },
  { model: 'family-dpo', title: '   and its DPO checkpoint, trained from it' },
];

const forged = 'amplification';

/**
 * The tour: each release through the whole gate with real inference, two stages compared, and a receipt whose verdict
 * somebody changed, checked. What an earlier tour left in the folder is removed.
 *
 * @param policyPath the demo's own unless given; it must block `amplification`
 * @throws ConfigError when node-llama-cpp is not installed
 */
export async function runDemoTour(
  out: string,
  tools: DemoTools,
  policyPath: string = shippedFile('fixtures', 'demo', 'policy.yml'),
): Promise<DemoTour> {
  for (const own of [...releases.map(({ model }) => model), 'tampered', 'state']) {
    rmSync(join(out, own), { recursive: true, force: true });
  }
  const results: GateResult[] = [];
  for (const release of releases) {
    tools.begins(release);
    const result = await measureRelease({ release, out, policyPath }, tools);
    tools.ended(release, result);
    results.push(result);
  }
  const compared = ['family-sft', 'family-dpo'].map((model) => {
    const folder = join(out, model);
    const text = (name: string) => readFileSync(join(folder, name), 'utf8');
    const ledger = { file: join(folder, baselineFiles.ledger), text: text(baselineFiles.ledger) };
    return parseComparedRun({
      file: join(folder, baselineFiles.receipt),
      receipt: text(baselineFiles.receipt),
      ledger,
    });
  });
  return { results, comparison: compareRuns(compared), tampered: tamper(out) };
}

interface Measured {
  readonly release: DemoRelease;
  readonly out: string;
  readonly policyPath: string;
}

async function measureRelease(
  { release: { model }, out, policyPath }: Measured,
  tools: GateTools,
): Promise<GateResult> {
  const modelPath = shippedFile('fixtures', 'organisms', `${model}.gguf`);
  const server = await startEmbeddedServer({ modelPath, models: [{ id: model }] });
  try {
    return await runGate(
      {
        policyPath,
        candidatePath: shippedFile('fixtures', 'organisms', `${model}.yml`),
        baseUrl: server.baseUrl,
        outDir: join(out, model),
        stateDir: join(out, 'state', model),
        attempt: 1,
        github: null,
      },
      tools,
    );
  } finally {
    await server.close();
  }
}

/** A copy of a blocked release's receipt with another verdict, as verify sees it. */
function tamper(out: string): DemoTour['tampered'] {
  const folder = join(out, 'tampered');
  cpSync(join(out, forged), folder, { recursive: true });
  const name = join(folder, baselineFiles.receipt);
  const honest = readFileSync(name, 'utf8');
  const text = honest.replace(/("verdict": ?)"fail"/, '$1"pass"');
  if (text === honest) {
    throw new EvidenceError({
      code: 'DEMO_NOT_BLOCKED',
      where: name,
      expected: 'a receipt that blocks a release',
      got: 'another verdict',
      remedy: 'see the checks above; was fixtures/demo/policy.yml changed?',
    });
  }
  writeFileSync(name, text);
  const ledger = join(folder, baselineFiles.ledger);
  const verification = verifyReceipt({
    receipt: { name, text },
    ledger: { name: ledger, text: readFileSync(ledger, 'utf8') },
  });
  return { changed: forged, verification };
}
