import { countOf } from '../config/count-of.ts';
import { ModelError } from '../config/errors.ts';
import type { Log } from '../config/log.ts';
import type { Engine } from '../inference/engine.ts';
import type { BatchAnswers, MissingAnswer } from './batch-answers.ts';
import { askingOf, writeBatch } from './batch-export.ts';
import type { GateInputs } from './gate-inputs.ts';

/** What is to be done about answers that are missing. */
export interface MissingHandling {
  /** As at the export: a file with what has to be asked again is written for this engine. */
  readonly engine: Engine;
  /** Where requests for the missing answers go. */
  readonly missingOut?: string | undefined;
  /** Counts missing answers as unscored instead of stopping. */
  readonly missingUnscored?: boolean | undefined;
}

/**
 * Either nothing is missing, or it is written for another batch, or the user has it counted as unscored.
 *
 * @throws ModelError BATCH_INCOMPLETE; ConfigError BATCH_FOLDER, OUTPUT_UNWRITABLE on the file to write
 */
export function settleMissing(
  { missing, ...handling }: MissingHandling & Pick<BatchAnswers, 'missing'>,
  inputs: Pick<GateInputs, 'plan' | 'candidate' | 'loaded'>,
  log: Log,
): void {
  const { plan } = inputs;
  const { missingOut } = handling;
  if (missing.length === 0) return;
  const told = describeMissing(missing, plan.trials.length);
  if (missingOut !== undefined) writeMissing({ missing, missingOut, engine: handling.engine }, inputs, log);
  if (handling.missingUnscored === true) {
    log.warn(`${told}; they count as unscored`);
    return;
  }
  throw new ModelError({
    code: 'BATCH_INCOMPLETE',
    where: 'the batch files',
    expected: `an answer to each of ${countOf(plan.trials.length, 'trial')}`,
    got: told,
    remedy:
      missingOut === undefined
        ? 'write them for another batch with --missing-out FILE, or count them as unscored with --missing-unscored'
        : `run ${missingOut} as a batch, then import its result beside the files at hand`,
  });
}

function writeMissing(
  again: Pick<BatchAnswers, 'missing'> & { readonly missingOut: string; readonly engine: Engine },
  { plan, candidate, loaded }: Pick<GateInputs, 'plan' | 'candidate' | 'loaded'>,
  log: Log,
): void {
  const { missing, missingOut: file, engine } = again;
  const ids = new Set(missing.map(({ id }) => id));
  const trials = plan.trials.filter(({ trialId }) => ids.has(trialId));
  writeBatch({
    file,
    named: '--missing-out',
    trials,
    asking: askingOf({ model: candidate.model, engine }, loaded.policy.sampling),
    reasoned: new Set(missing.filter(({ why }) => why === 'reasoning').map(({ id }) => id)),
  });
  log.warn(`${file} holds ${countOf(trials.length, 'prompt')} to ask again: keep it to yourself`);
}

const listed = 8;

function describeMissing(missing: readonly MissingAnswer[], planned: number): string {
  const count = (why: MissingAnswer['why']) => missing.filter((one) => one.why === why).length;
  const ids = missing.slice(0, listed).map(({ id }) => id.slice(0, 12));
  return [
    `${missing.length} of ${planned} missing (${count('absent')} in no file, ${count('failed')} failed,`,
    `${count('reasoning')} that had only reasoned): ${ids.join(', ')}${missing.length > listed ? ', …' : ''}`,
  ].join(' ');
}
