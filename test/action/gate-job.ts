import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import type { ScriptedServer } from '../../src/simulate/scripted-server.ts';
import type { TreeFile } from '../publish/github-git.ts';
import { type GithubServer, startGithub } from '../publish/github-server.ts';
import {
  allowed,
  type Command,
  pullRequestEvent,
  runStep,
  type Step,
  type StepResult,
  type Workspace,
} from './runner.ts';
import { makeVaultWorkspace, startModels } from './vault-job.ts';

const key = 'sk-vault-key-0123456789';

/** The commits of the runner's pull request. */
export const commits = { base: 'b'.repeat(40), head: 'a'.repeat(40) };

/** All files of a workspace as a commit has them; folders that runs leave behind stay out. */
export function filesOf(workspace: Workspace): Record<string, string> {
  const names = readdirSync(workspace.path, { recursive: true, encoding: 'utf8' });
  const files = names.filter(
    (name) => !name.startsWith('mixgate-out') && statSync(join(workspace.path, name)).isFile(),
  );
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(workspace.path, name), 'utf8')]));
}

/** A pull request of a repository with the vault policy, and a GitHub to comment on. */
export interface GateJob {
  readonly github: GithubServer;
  readonly workspace: Workspace;
  /** Files of base and head; where absent, what stands in the workspace. */
  lay(base: Readonly<Record<string, TreeFile>>, head: Readonly<Record<string, TreeFile>>): void;
  /** Runs the Action on one of the scripted models; holds its log to what a log of ours may hold. */
  run(
    model: string,
    change?: Partial<Step> & { with?: Readonly<Record<string, string>> },
  ): Promise<StepResult>;
  close(): Promise<void>;
}

export async function openGateJob(models: Pick<ScriptedServer, 'baseUrl'>): Promise<GateJob> {
  const github = await startGithub();
  const workspace = makeVaultWorkspace();
  let laid = false;
  const lay: GateJob['lay'] = (base, head) => {
    laid = true;
    github.git.commit(commits.base, base);
    github.git.commit(commits.head, head);
  };
  return {
    github,
    workspace,
    lay,
    run: async (model, change = {}) => {
      const { with: inputs, ...step } = change;
      if (!laid) {
        for (const sha of Object.values(commits)) github.git.commit(sha, filesOf(workspace));
      }
      const result = await runStep({
        workspace,
        event: pullRequestEvent(),
        apiUrl: github.url,
        ...step,
        inputs: {
          policy: 'gate/vault.yml',
          'base-url': models.baseUrl,
          'api-key': key,
          model,
          'github-token': 'ghs_0123456789',
          'state-dir': join(workspace.temp, `state-${model}-${step.runId ?? 500}`),
          ...inputs,
        },
      });
      expectSafeLog(result);
      return result;
    },
    close: async () => {
      expect(github.problems).toEqual([]);
      await github.close();
    },
  };
}

/** A job before each test of a file, on models that all its tests share. */
export async function useGateJobs(): Promise<{ readonly models: ScriptedServer; readonly job: OpenJob }> {
  const models = await startModels();
  let current: GateJob | undefined;
  const open = (): GateJob => {
    if (current === undefined) throw new Error('useGateJobs: there is no job outside a test');
    return current;
  };
  beforeEach(async () => {
    current = await openGateJob(models);
  });
  afterEach(async () => {
    models.setFault(null);
    await open().close();
  });
  afterAll(() => models.close());
  const job: OpenJob = {
    get github() {
      return open().github;
    },
    get workspace() {
      return open().workspace;
    },
    lay: (base, head) => open().lay(base, head),
    run: (model, change) => open().run(model, change),
  };
  return { models, job };
}

/** The job of the test that runs. */
type OpenJob = Omit<GateJob, 'close'>;

/** A candidate file; with the inputs of `byFile` it alone names the model. */
export const candidate = (model: string, more = '') =>
  `model: ${model}\ncheckpoint: acme/${model}-2\n${more}`;
export const byFile = { candidate: 'gate/candidate.yml', model: '' };

/** The body of the job's first comment; empty where there is none. */
export const firstComment = ({ github }: Pick<GateJob, 'github'>): string => github.comments[0]?.body ?? '';

function expectSafeLog(result: StepResult): void {
  expect(result.commands.filter((one) => !allowed.has(one.name))).toEqual([]);
  const said = [
    ...result.log,
    ...result.commands.filter((one) => one.name !== 'add-mask').map((one) => one.message),
  ];
  expect(said.join('\n')).not.toContain(key);
}

export const annotations = (result: StepResult, name: string): Command[] =>
  result.commands.filter((one) => one.name === name);
