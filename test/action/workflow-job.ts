import { execFile } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Contexts, evaluate, fill, isTrue } from './expression.ts';
import type { GateJob } from './gate-job.ts';
import { parseOutputs, type Step, type StepResult } from './runner.ts';
import type { Workflow, WorkflowJob, WorkflowStep } from './workflow.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a whole workflow is run with, in the place of GitHub. */
export interface WorkflowRun {
  readonly job: GateJob;
  /** `vars.*`, `secrets.*`, `inputs.*`, `github.*`. */
  readonly contexts: Contexts;
  readonly event: Step['event'];
  readonly runId?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** This job alone, on what earlier ones left. */
  readonly only?: string;
  /** In the place of `gh`: a script in bash, called with gh's arguments. */
  readonly gh?: string;
}

export interface JobResult {
  readonly name: string;
  readonly green: boolean;
  /** Of each step of ours. */
  readonly gates: readonly StepResult[];
  /** What the scripts printed. */
  readonly said: string;
}

/**
 * Runs the jobs of a workflow one after the other, each step as it is written: ours as the runner does, scripts in
 * bash, artifacts by copying. What only GitHub can do (signing) is told and left out.
 */
export async function runWorkflow(workflow: Workflow, run: WorkflowRun): Promise<JobResult[]> {
  const results: JobResult[] = [];
  for (const [name, job] of Object.entries(workflow.jobs)) {
    if (run.only !== undefined && run.only !== name) continue;
    const ready =
      run.only !== undefined ||
      job.needs === undefined ||
      results.some((one) => one.name === job.needs && one.green);
    if (job.if === undefined ? !ready : !isTrue(evaluate(job.if, run.contexts))) continue;
    for (const [index, matrix] of matrixOf(job).entries()) {
      const contexts = { ...run.contexts, ...matrix, 'strategy.job-index': String(index) };
      results.push(await runJob(name, job, { ...run, contexts }));
    }
  }
  return results;
}

function matrixOf({ strategy }: WorkflowJob): Contexts[] {
  const [[name, values] = ['', []]] = Object.entries(strategy?.matrix ?? {});
  return strategy === undefined ? [{}] : values.map((value) => ({ [`matrix.${name}`]: value }));
}

async function runJob(name: string, job: WorkflowJob, run: WorkflowRun): Promise<JobResult> {
  let contexts: Contexts = { ...run.contexts, 'runner.temp': run.job.workspace.temp };
  const gates: StepResult[] = [];
  let [green, said] = [true, ''];
  for (const step of job.steps) {
    const always = step.if?.includes('always()') === true;
    if ((!green && !always) || (step.if !== undefined && !isTrue(evaluate(step.if, contexts)))) continue;
    const done = await runOne(step, { ...run, contexts });
    said += done.said;
    if (done.gate !== undefined) gates.push(done.gate);
    green &&= done.green;
    const outputs = Object.entries(done.outputs).map(([key, value]) => [
      `steps.${step.id}.outputs.${key}`,
      value,
    ]);
    contexts = { ...contexts, ...Object.fromEntries(outputs) };
  }
  return { name, green, gates, said };
}

interface Done {
  readonly green: boolean;
  readonly outputs: Readonly<Record<string, string>>;
  readonly said: string;
  readonly gate?: StepResult;
}

const nothing: Done = { green: true, outputs: {}, said: '' };

async function runOne(step: WorkflowStep, run: WorkflowRun): Promise<Done> {
  if (step.run !== undefined) return await runScript(step.run, step, run);
  const inputs = Object.fromEntries(
    Object.entries(step.with).map(([key, value]) => [key, fill(value, run.contexts)]),
  );
  const [action = ''] = (step.uses ?? '').split('@');
  switch (action) {
    case 'actions/checkout':
      return checkOut(inputs, run);
    case 'actions/upload-artifact':
      return upload(inputs, run);
    case 'actions/download-artifact':
      return download(inputs, run);
    case 'actions/attest':
      return { ...nothing, said: `attest ${JSON.stringify(inputs)}\n` };
    case 'OWNER/mixgate':
      return await gate(inputs, run);
    default:
      throw new Error(`runOne: ${step.uses} is no action that is known here`);
  }
}

async function gate(inputs: Record<string, string>, { job, event, runId, env }: WorkflowRun): Promise<Done> {
  const result = await job.run('', {
    event,
    runId: runId ?? 500,
    env: env ?? {},
    // What the workflow does not give has the default of action.yml.
    with: { model: '', 'api-key': '', 'base-url': '', 'state-dir': '', ...inputs },
  });
  return { green: result.exitCode === 0, outputs: result.outputs, said: '', gate: result };
}

const artifacts = ({ job }: WorkflowRun) => join(job.workspace.temp, 'artifacts');

/** The repository is there; the tool is this very source. */
function checkOut({ path }: Record<string, string>, { job }: WorkflowRun): Done {
  if (path === undefined) return nothing;
  const cli = join(job.workspace.path, path, 'dist/cli');
  mkdirSync(cli, { recursive: true });
  writeFileSync(join(cli, 'package.json'), '{"type":"module"}\n');
  writeFileSync(join(cli, 'index.js'), `import ${JSON.stringify(join(root, 'src/cli/index.ts'))};\n`);
  return nothing;
}

function upload({ name = '', path = '' }: Record<string, string>, run: WorkflowRun): Done {
  const from = resolve(run.job.workspace.path, path);
  const to = join(artifacts(run), name);
  cpSync(from, statSync(from).isDirectory() ? to : join(to, basename(from)), { recursive: true });
  return nothing;
}

function download({ name, pattern, path = '.' }: Record<string, string>, run: WorkflowRun): Done {
  const to = resolve(run.job.workspace.path, path);
  mkdirSync(to, { recursive: true });
  if (!existsSync(artifacts(run))) return nothing;
  const filter = (prefix: string) => (source: string) =>
    source === artifacts(run) || source.slice(artifacts(run).length + 1).startsWith(prefix);
  if (name !== undefined) cpSync(join(artifacts(run), name), to, { recursive: true });
  else cpSync(artifacts(run), to, { recursive: true, filter: filter((pattern ?? '').replace(/\*$/, '')) });
  return nothing;
}

/** As GitHub runs a script: bash that stops at the first error, in the workspace. */
async function runScript(script: string, { env }: WorkflowStep, run: WorkflowRun): Promise<Done> {
  const { temp, path: cwd } = run.job.workspace;
  const tools = join(temp, 'tools');
  const output = join(temp, 'script-output');
  mkdirSync(tools, { recursive: true });
  writeFileSync(output, '');
  writeFileSync(join(tools, 'gh'), `#!/usr/bin/env bash\nset -eu\n${run.gh ?? 'exit 1'}\n`);
  chmodSync(join(tools, 'gh'), 0o755);
  const variables = {
    PATH: [tools, dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: temp,
    RUNNER_TEMP: temp,
    ARTIFACTS: artifacts(run),
    GITHUB_OUTPUT: output,
    GITHUB_SHA: 'c'.repeat(40),
    ...Object.fromEntries(Object.entries(env).map(([key, value]) => [key, fill(value, run.contexts)])),
  };
  const args = ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', script];
  const [green, said] = await new Promise<[boolean, string]>((done) => {
    execFile('bash', args, { cwd, env: variables }, (error, out, err) =>
      done([error === null, `${out}${err}`]),
    );
  });
  const lines = readFileSync(output, 'utf8')
    .split('\n')
    .filter((line) => line.includes('='));
  const simple = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
  return { green, said, outputs: { ...simple, ...parseOutputs(readFileSync(output, 'utf8')) } };
}
