import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import { diskWords } from '../config/disk-words.ts';
import { ConfigError } from '../config/errors.ts';
import { makeFolder } from '../config/make-folder.ts';
import { parsePolicy } from '../config/read-policy.ts';
import { show } from '../config/show.ts';
import { shippedFile } from '../package-root.ts';
import { sourcesOf } from '../run/read-sources.ts';
import { printResult } from './terminal.ts';

interface InitOptions {
  readonly out: string;
  readonly uses?: string;
  readonly json?: boolean;
}

/** `mixgate init`: what a repository needs to have its releases gated, written once and never over anything. */
export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('write policy, candidate file and workflows to start from; what is there already stays')
    .option('--out <folder>', 'the root of your repository', '.')
    .option('--uses <action>', 'mixgate by its commit, OWNER/mixgate@SHA, for the workflows')
    .option('--json', 'print what was written as JSON')
    .action(({ out, uses, json }: InitOptions) => {
      const result = writeStarter(out, starterFiles(uses === undefined ? undefined : parseUses(uses)));
      printResult(json, result, () => describeStarter(result));
    });
}

interface StarterFile {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly text: string;
}

export interface Starter {
  readonly written: readonly string[];
  /** What was there already, and is as it was. */
  readonly kept: readonly string[];
  /** Whether a workflow, written or kept, still has to be told which mixgate it uses. */
  readonly placeholder: boolean;
}

const action = 'OWNER/mixgate@FULL_COMMIT_SHA';

const candidate = `# What a release pull request changes. No address and no key: those stand in the workflow.
model: my-model # the name under which your server serves it
checkpoint: my-model-1
family: my-model # releases of one family can be subtracted by mixgate compare
trainingStage: instruct # base, sft, dpo, rl, instruct, or another word
# digest: sha256:... # of the weights: mixgate model digest DIR
`;

/**
 * Policy, pools, candidate file and workflows, from the same files that the documents show.
 *
 * @param uses the Action by its commit; a placeholder where absent
 */
export function starterFiles(uses: string = action): StarterFile[] {
  const { policy, sources } = starterPolicy();
  const [tool = '', commit = ''] = uses.split('@');
  const folder = dirname(shippedFile('docs', 'workflows', 'gate.yml'));
  const workflows = readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .sort()
    .map((name) => ({
      path: `.github/workflows/mixgate-${name}`,
      text: readFileSync(join(folder, name), 'utf8')
        .replaceAll('OWNER/mixgate', tool)
        .replaceAll('FULL_COMMIT_SHA', commit),
    }));
  return [
    { path: 'safety/policy.yml', text: policy },
    { path: 'safety/candidate.yml', text: candidate },
    ...sources,
    ...workflows,
  ];
}

/** The shipped policy for pull requests, with its files beside it, and without a baseline until a run is accepted. */
function starterPolicy(): { readonly policy: string; readonly sources: StarterFile[] } {
  const file = shippedFile('policies', 'quick.yml');
  const text = readFileSync(file, 'utf8');
  const named = sourcesOf(parsePolicy(text, file)).flatMap(({ path }) => (path === undefined ? [] : [path]));
  const placed = [...new Set(named)].map((path) => ({
    path,
    own: `${basename(dirname(path))}/${basename(path)}`,
  }));
  const policy = placed
    .reduce((moved, { path, own }) => moved.replaceAll(path, own), text)
    .replace(
      /^(name: .*\n)/m,
      '$1# Until a run is accepted (workflow "propose a baseline"); then take this line out.\nbaseline: none\n',
    );
  return {
    policy,
    sources: placed.map(({ path, own }) => ({
      path: `safety/${own}`,
      text: readFileSync(join(dirname(file), path), 'utf8'),
    })),
  };
}

/**
 * Writes what is not there yet.
 *
 * @throws ConfigError INIT_UNWRITABLE where the folder takes no file
 */
export function writeStarter(root: string, files: readonly StarterFile[]): Starter {
  const written: string[] = [];
  const kept: string[] = [];
  for (const { path, text } of files) {
    if (writeNew(join(root, path), text)) written.push(path);
    else kept.push(path);
  }
  const placeholder = files.some(({ path }) => isWorkflow(path) && holdsPlaceholder(join(root, path)));
  return { written, kept, placeholder };
}

const isWorkflow = (path: string) => path.startsWith('.github/');

function holdsPlaceholder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true
    ? readFileSync(file, 'utf8').includes(action)
    : false;
}

/** @returns false where anything stands there, a link to nowhere included */
function writeNew(file: string, text: string): boolean {
  try {
    makeFolder(dirname(file));
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no access';
    if (code === 'EEXIST' && existsSync(dirname(file))) return false;
    throw new ConfigError(
      {
        code: 'INIT_UNWRITABLE',
        where: file,
        expected: 'a folder that takes new files',
        got: diskWords(cause),
        remedy: 'name the root of your repository with --out',
      },
      { cause },
    );
  }
}

/** @throws ConfigError USES_INVALID: a tag or a branch can be moved to other code */
export function parseUses(uses: string): string {
  if (/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*@[0-9a-f]{40}$/.test(uses)) return uses;
  throw new ConfigError({
    code: 'USES_INVALID',
    where: '--uses',
    expected: 'OWNER/mixgate@ and the 40 hexadecimal digits of a commit',
    got: show(uses),
    remedy: 'a tag or a branch can be moved: name the commit that you have read',
  });
}

/** What was done in a line each, then what to do in five. */
function describeStarter({ written, kept, placeholder }: Starter): string {
  const pin = placeholder
    ? `Replace ${action} in .github/workflows by the commit that you use (or delete these files and run mixgate init --uses OWNER/mixgate@COMMIT).`
    : 'Read the workflows in .github/workflows, and delete those that you do not want.';
  return [
    ...written.map((path) => `written ${path}`),
    ...kept.map((path) => `kept    ${path} (it was there already)`),
    '',
    `1. ${pin}`,
    '2. On GitHub set the variables CANDIDATE_URL, JUDGE_URL and JUDGE_MODEL and the secrets CANDIDATE_KEY, JUDGE_KEY and LEDGER_KEY.',
    '3. Name your model in safety/candidate.yml, your pools and limits in safety/policy.yml; try: mixgate plan --policy safety/policy.yml',
    '4. Merge these files; then open a pull request that changes safety/candidate.yml, and read its comment.',
    '5. Make the job `gate` a required check, and let no pull request edit it away: docs/github.md, "Three recipes".',
  ].join('\n');
}
