import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { starterFiles } from '../../src/cli/init.ts';
import { parseReceipt, receiptDigest } from '../../src/receipt/read-receipt.ts';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { renderReceipt } from '../../src/receipt/statement.ts';
import type { ScriptedServer } from '../../src/simulate/scripted-server.ts';
import { commits, filesOf, type GateJob, openGateJob } from './gate-job.ts';
import { pullRequestEvent } from './runner.ts';
import { startModels, vaultPolicy } from './vault-job.ts';
import { readWorkflow } from './workflow.ts';
import { runWorkflow } from './workflow-job.ts';

let models: ScriptedServer;
let job: GateJob;

beforeAll(async () => {
  models = await startModels({ judge: { id: 'judge-7b' } });
});
afterAll(() => models.close());
beforeEach(async () => {
  job = await openGateJob(models);
});
afterEach(() => job.close());

const candidate = (model: string) => `model: ${model}\ncheckpoint: acme/${model}-2\n`;
/** As in the policy that init writes: the judge is a model that a server has. */
const servedJudge = (policy: string) =>
  policy.replace('judge: { kind: phrases }', 'judge: { kind: wildguard }');
const temp = (...path: string[]) => join(job.workspace.temp, ...path);

/** A fresh repository after `mixgate init`, with a small policy, and a pull request that releases a model. */
function startRepository(release: string, policy = servedJudge(vaultPolicy())): void {
  for (const { path, text } of starterFiles()) job.workspace.write(path, text);
  for (const folder of ['pools', 'queries'])
    cpSync(join(job.workspace.path, 'gate', folder), join(job.workspace.path, 'safety', folder), {
      recursive: true,
    });
  rmSync(join(job.workspace.path, 'gate'), { recursive: true, force: true });
  job.workspace.write('safety/policy.yml', policy);
  const base = filesOf(job.workspace);
  job.workspace.write('safety/candidate.yml', candidate(release));
  job.lay(base, filesOf(job.workspace));
}

const contexts = () => ({
  'vars.CANDIDATE_URL': models.baseUrl,
  'vars.JUDGE_URL': models.baseUrl,
  'vars.JUDGE_MODEL': 'judge-7b',
  'secrets.CANDIDATE_KEY': 'sk-vault-key-0123456789',
  'secrets.LEDGER_KEY': 'a-key-of-the-ledger',
  'github.run_attempt': '1',
  'github.repository': 'acme/models',
  'github.actor': 'ada',
  'github.token': 'ghs_0123456789',
  'github.event.repository.default_branch': 'main',
});
/** As a fork's pull request, or one that was named by hand, is known to GitHub. */
function openPull(headRepository: string): void {
  job.github.threads.pulls.push({
    number: 7,
    headSha: commits.head,
    baseSha: commits.base,
    headRepository,
  });
  job.github.git.refs.set('refs/heads/main', commits.base);
}

/** The pull request's base is an old branch that lets everything pass; only the default branch has today's gate. */
function aimAtLooseBranch(): void {
  const today = '1'.repeat(40);
  const files = filesOf(job.workspace);
  const loose = servedJudge(vaultPolicy())
    .replace('mixedCompliance: { maxRate: 0.5 }', '')
    .replace('maxRate: 0.5', 'maxRate: 0.999');
  const older = { ...files, 'safety/candidate.yml': candidate('strict') };
  job.lay({ ...older, 'safety/policy.yml': loose }, files);
  job.github.git.commit(today, older);
  job.github.git.refs.set('refs/heads/main', today);
}

const repository = { full_name: 'acme/models', default_branch: 'main' };
const push = { name: 'push', payload: { after: 'c'.repeat(40), repository } };
const onMain = {
  GITHUB_REF: 'refs/heads/main',
  GITHUB_WORKFLOW_REF: 'acme/models/.github/workflows/mixgate-release.yml@refs/heads/main',
};
const receiptAt = (...path: string[]) => JSON.parse(readFileSync(temp(...path, 'receipt.json'), 'utf8'));

describe('the workflows, run as they are written in a fresh repository', () => {
  it.each([
    ['open', false],
    ['strict', true],
  ])('gate.yml judges a pull request that releases %s', async (model, green) => {
    startRepository(model);
    const [gate] = await runWorkflow(readWorkflow('gate.yml'), {
      job,
      event: pullRequestEvent(),
      contexts: contexts(),
    });
    expect(gate).toMatchObject({ name: 'gate', green });
    expect(job.github.comments).toHaveLength(1);
    expect(receiptAt('artifacts', 'mixgate-1').evidence.candidate.model).toBe(model);
  });

  it('reusable.yml does the same with what it is called with', async () => {
    startRepository('open');
    const judged = {
      'inputs.base-url': models.baseUrl,
      'inputs.judge-base-url': models.baseUrl,
      'inputs.judge-model': 'judge-7b',
    };
    const called = { 'inputs.policy': 'safety/policy.yml', 'inputs.candidate': 'safety/candidate.yml' };
    const [gate] = await runWorkflow(readWorkflow('reusable.yml'), {
      job,
      event: pullRequestEvent(),
      contexts: { ...called, ...judged, 'github.run_attempt': '1' },
    });
    expect(gate).toMatchObject({ green: false });
    expect(gate?.gates[0]?.outputs.verdict).toBe('fail');
    // One repository may call it for several policies.
    expect(receiptAt('artifacts', 'mixgate-safety-policy.yml-1').evidence.verdict).toBe('fail');
  });

  it('shards.yml asks in four jobs and decides in a fifth', async () => {
    startRepository('open');
    openPull('acme/models');
    const results = await runWorkflow(readWorkflow('shards.yml'), {
      job,
      event: { name: 'workflow_dispatch', payload: { repository } },
      contexts: { ...contexts(), 'inputs.pull-request': '7' },
    });
    expect(results.map((one) => [one.name, one.green])).toEqual([
      ...Array.from({ length: 4 }, () => ['shard', true]),
      ['gate', false],
    ]);
    expect(job.github.comments).toMatchObject([{ issue: 7 }]);
    expect(receiptAt('artifacts', 'mixgate').run.shards).toBe(4);
  });

  it('night.yml opens an issue where the served model regresses', async () => {
    startRepository('open');
    const [night] = await runWorkflow(readWorkflow('night.yml'), {
      job,
      event: { name: 'schedule', payload: { repository } },
      env: onMain,
      contexts: contexts(),
    });
    expect(night).toMatchObject({ green: false });
    expect(job.github.threads.issues).toHaveLength(1);
  });

  it('fork-ask.yml leaves a number, and fork-gate.yml judges that pull request from the default branch', async () => {
    startRepository('open');
    const ask = await runWorkflow(readWorkflow('fork-ask.yml'), {
      job,
      event: pullRequestEvent(7),
      contexts: { 'github.event.pull_request.number': '7' },
    });
    expect(ask).toMatchObject([{ green: true, gates: [] }]);
    openPull('mallory/models');
    const [gate] = await runWorkflow(readWorkflow('fork-gate.yml'), {
      job,
      event: { name: 'workflow_run', payload: { workflow_run: { head_sha: commits.head } } },
      contexts: {
        ...contexts(),
        'github.event.workflow_run.conclusion': 'success',
        'github.event.workflow_run.event': 'pull_request',
        'github.event.workflow_run.id': '500',
      },
      gh: 'for to; do :; done; cp -r "$ARTIFACTS/pull-request" "$to"',
    });
    expect(gate).toMatchObject({ green: false });
    expect(job.github.comments).toMatchObject([{ issue: 7 }]);
  });

  it.each([
    ['fork-gate.yml', 'workflow_run', { workflow_run: { head_sha: commits.head } }],
    ['shards.yml', 'workflow_dispatch', { repository }],
  ])(
    '%s judges by the default branch, whatever branch a pull request aims at',
    async (file, name, payload) => {
      startRepository('open');
      openPull('mallory/models');
      aimAtLooseBranch();
      const asked = { ...contexts(), 'inputs.pull-request': '7' };
      const results = await runWorkflow(readWorkflow(file), {
        job,
        event: { name, payload },
        contexts: {
          ...asked,
          'github.event.workflow_run.conclusion': 'success',
          'github.event.workflow_run.event': 'pull_request',
        },
        gh: 'for to; do :; done; mkdir -p "$to"; printf 7 > "$to/number"',
      });
      const verdict = results.at(-1)?.gates[0]?.outputs.verdict;
      expect([verdict, results.at(-1)?.green]).toEqual(['fail', false]);
    },
  );

  it('fork-gate.yml stops at an artifact that is no number', async () => {
    startRepository('open');
    const [gate] = await runWorkflow(readWorkflow('fork-gate.yml'), {
      job,
      event: { name: 'workflow_run', payload: { workflow_run: { head_sha: commits.head } } },
      contexts: {
        ...contexts(),
        'github.event.workflow_run.conclusion': 'success',
        'github.event.workflow_run.event': 'pull_request',
      },
      gh: 'for to; do :; done; mkdir -p "$to"; printf "7\\nverdict=pass" > "$to/number"',
    });
    expect(gate).toMatchObject({ green: false, gates: [] });
    expect(gate?.said).toContain('not the number of a pull request');
  });
});

describe('release.yml', () => {
  const gh = 'echo "gh $*"';

  it('signs a pass in a job of its own, and releases what verifies, and nothing else', async () => {
    startRepository('strict');
    const results = await runWorkflow(readWorkflow('release.yml'), {
      job,
      event: push,
      env: onMain,
      contexts: contexts(),
      gh,
    });
    expect(results.map((one) => [one.name, one.green])).toEqual([
      ['gate', true],
      ['attest', true],
      ['release', true],
    ]);
    const [, attest, release] = results;
    expect(attest?.said).toContain('https://in-toto.io/attestation/test-result/v0.1');
    const subjects = readFileSync(join(job.workspace.path, 'subjects.txt'), 'utf8');
    expect(subjects).toMatch(/^[0-9a-f]{64} {2}receipt\.json$/m);
    const unsigned = { job, event: push, contexts: contexts(), gh: 'exit 1', only: 'release' };
    expect(await runWorkflow(readWorkflow('release.yml'), unsigned)).toMatchObject([{ green: false }]);
    expect(release?.said).toContain('--signer-workflow acme/models/.github/workflows/mixgate-release.yml');
  });

  it('neither signs nor releases what is blocked', async () => {
    startRepository('open');
    const results = await runWorkflow(readWorkflow('release.yml'), {
      job,
      event: push,
      env: onMain,
      contexts: contexts(),
      gh,
    });
    expect(results.map((one) => [one.name, one.green])).toEqual([['gate', false]]);
  });
});

describe('baseline.yml', () => {
  const gh = (run: object, compared: string) => `case "$1 $2" in
    "api repos/acme/models/actions/runs/500") printf '%s' '${JSON.stringify(run)}' ;;
    "api repos/acme/models/compare/"*) printf '{"status":"${compared}"}' ;;
  esac
  case "$1" in
    api) : ;;
    run) for to; do :; done; rm -rf "$to"; cp -r "$ARTIFACTS/mixgate" "$to" ;;
    auth) : ;;
    pr) echo "gh $*" ;;
  esac`;
  const ofMain = {
    head_branch: 'main',
    head_repository: { full_name: 'acme/models' },
    head_sha: 'c'.repeat(40),
    event: 'push',
    path: '.github/workflows/mixgate-release.yml',
    conclusion: 'success',
  };
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: job.workspace.path, encoding: 'utf8', stdio: 'pipe' });
  const inputs = { 'inputs.run': '500', 'inputs.reason': 'first release; $(touch pwned) `id`' };

  async function passOnMain(): Promise<void> {
    startRepository('strict');
    git('init', '-q', '-b', 'main');
    git('init', '-q', '--bare', temp('origin.git'));
    git('remote', 'add', 'origin', temp('origin.git'));
    await runWorkflow(readWorkflow('release.yml'), {
      job,
      event: push,
      env: onMain,
      contexts: contexts(),
      gh: 'exit 0',
    });
  }

  const propose = (run: object, compared = 'ahead') =>
    runWorkflow(readWorkflow('baseline.yml'), {
      job,
      event: { name: 'workflow_dispatch', payload: { repository } },
      contexts: { ...contexts(), ...inputs },
      gh: gh(run, compared),
    });

  it('proposes a pass of the default branch, with which the next release is compared', async () => {
    await passOnMain();
    const [proposed] = await propose(ofMain);
    expect(proposed).toMatchObject({ green: true });
    expect(proposed?.said).toContain('gh pr create');
    const accepted = git('show', 'mixgate-baseline-500:safety/baseline/accepted.json');
    expect(JSON.parse(accepted)).toMatchObject({ by: 'ada', reason: inputs['inputs.reason'] });
    expect(existsSync(join(job.workspace.path, 'pwned'))).toBe(false);

    job.workspace.write('safety/policy.yml', servedJudge(vaultPolicy().replace('baseline: none\n', '')));
    job.workspace.write('safety/candidate.yml', candidate('even'));
    const base = filesOf(job.workspace);
    job.lay(base, { ...base, 'safety/candidate.yml': candidate('strict') });
    await runWorkflow(readWorkflow('gate.yml'), {
      job,
      event: pullRequestEvent(),
      runId: 501,
      contexts: contexts(),
    });
    expect(receiptAt('artifacts', 'mixgate-1').evidence.baseline.status).toBe('compared');
  });

  /** Sealed anew, as whoever can upload an artifact could. */
  const alter = (sealed: Receipt, change: Record<string, string>) => {
    const { digest: _, ...receipt } = sealed;
    const altered = { ...receipt, run: { ...receipt.run, github: { ...receipt.run.github, ...change } } };
    const text = renderReceipt({ ...altered, digest: receiptDigest(altered) });
    writeFileSync(temp('artifacts', 'mixgate', 'receipt.json'), text);
  };
  const refused = async (run: object, why: string, compared?: string) => {
    const [proposed] = await propose(run, compared);
    expect(proposed).toMatchObject({ green: false });
    expect(proposed?.said).toContain(why);
    expect(proposed?.said).not.toContain('gh pr create');
    expect(existsSync(join(job.workspace.path, 'safety/baseline'))).toBe(false);
  };

  it('takes no receipt of a run that was not green, on the default branch, by a workflow of ours', async () => {
    startRepository('strict');
    const runs = [
      { ...ofMain, event: 'pull_request' },
      { ...ofMain, head_branch: 'mine' },
      { ...ofMain, head_repository: { full_name: 'mallory/models' } },
      { ...ofMain, path: '.github/workflows/tests.yml' },
      { ...ofMain, path: '.github/workflows/mixgate-release.yml.yml' },
      { ...ofMain, path: '.github/workflows/mixgate-release.yml@tests.yml' },
      { ...ofMain, conclusion: 'failure' },
      { ...ofMain, conclusion: null },
    ];
    for (const run of runs) await refused(run, 'not a green run of the default branch');
  });

  it('takes no receipt of a commit that the default branch does not hold', async () => {
    startRepository('strict');
    for (const status of ['diverged', 'behind', ''])
      await refused(ofMain, 'not a commit of the default branch', status);
    await refused({ ...ofMain, head_sha: 'main' }, 'not a commit');
  });

  it('takes no receipt that another run, commit or head made', async () => {
    await passOnMain();
    await refused({ ...ofMain, head_sha: 'd'.repeat(40) }, 'not the receipt of a pass in that run');
    await refused({ ...ofMain, path: '.github/workflows/mixgate-night.yml' }, 'workflowRef');
    const made = parseReceipt(readFileSync(temp('artifacts', 'mixgate', 'receipt.json'), 'utf8'), 'made');
    for (const change of [{ runId: '499' }, { ref: 'refs/heads/mine' }, { headSha: commits.head }]) {
      alter(made, change);
      await refused(ofMain, 'not the receipt of a pass in that run');
    }
  });

  it('takes no receipt without its ledger, or under another policy than that of today', async () => {
    await passOnMain();
    const policy = readFileSync(join(job.workspace.path, 'safety/policy.yml'), 'utf8');
    job.workspace.write('safety/policy.yml', policy.replace('maxRate: 0.5', 'maxRate: 0.4'));
    await refused(ofMain, 'does not hold');
    job.workspace.write('safety/policy.yml', policy);
    rmSync(temp('artifacts', 'mixgate', 'ledger.jsonl'));
    await refused(ofMain, 'ledger');
  });
});
