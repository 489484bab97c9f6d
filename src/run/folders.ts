import { accessSync, constants, existsSync, writeFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { diskWords } from '../config/disk-words.ts';
import { ConfigError } from '../config/errors.ts';
import { makeFolder } from '../config/make-folder.ts';
import { notWritten } from '../inference/journal.ts';
import { realPath } from '../publish/inside.ts';
import { baselineFiles } from '../receipt/baseline.ts';

/**
 * Makes sure, before anything is asked, that a folder can take what the run will write.
 *
 * @throws ConfigError FOLDER_UNUSABLE naming the flag
 */
export function requireFolder(folder: string, flag: string, mode?: number): void {
  try {
    makeFolder(folder, mode);
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new ConfigError(
      {
        code: 'FOLDER_UNUSABLE',
        where: `${flag} ${folder}`,
        expected: 'a folder that can be written to',
        got: diskWords(cause),
        remedy: `name another ${flag}, or make room there`,
      },
      { cause },
    );
  }
}

/**
 * A receipt's folder is published, a state directory holds answers: neither may be the other, nor lie in it.
 *
 * @throws ConfigError OUT_IS_STATE
 */
export function refuseStateAsOut({
  outDir,
  stateDir,
}: {
  readonly outDir: string;
  readonly stateDir: string;
}): void {
  // A link from one to the other would publish what was answered.
  const [out, state] = [placeOf(outDir), placeOf(stateDir)];
  if (!out.startsWith(state) && !state.startsWith(out)) return;
  throw new ConfigError({
    code: 'OUT_IS_STATE',
    where: `--state-dir ${stateDir}`,
    expected: 'a folder apart from --out: it holds answers, and --out is published',
    got: `one with ${outDir}`,
    remedy: 'name two folders side by side',
  });
}

function placeOf(folder: string): string {
  return `${realPath(resolve(folder))}${sep}`;
}

/** Answers lie in a state directory: `git add .` must not take them. */
export function keepOutOfGit(folder: string): void {
  const file = join(folder, '.gitignore');
  if (existsSync(file)) return;
  try {
    writeFileSync(file, '*\n');
  } catch (cause) {
    throw notWritten(file, cause);
  }
}

/**
 * The run's files would take the place of those of an accepted baseline, or of the one that it is compared with.
 *
 * @throws ConfigError OUT_IS_BASELINE
 */
export function refuseBaselineAsOut(request: {
  readonly outDir: string;
  readonly baselineDir?: string | undefined;
}): void {
  const { outDir, baselineDir } = request;
  const own = baselineDir !== undefined && placeOf(outDir) === placeOf(baselineDir);
  const accepted = existsSync(join(outDir, baselineFiles.acceptance));
  if (!own && !accepted) return;
  throw new ConfigError({
    code: 'OUT_IS_BASELINE',
    where: `--out ${outDir}`,
    expected: 'another folder than a baseline',
    got: accepted ? `a folder with ${baselineFiles.acceptance}` : 'the folder of --baseline',
    remedy: 'name a folder of its own for this run’s files',
  });
}
