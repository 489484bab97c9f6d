import { describeError } from '../config/errors.ts';
import type { WaiverOutcome } from '../publish/apply-waiver.ts';
import type { OpenCheck } from '../publish/check-run.ts';
import type { GateResult } from '../run/gate-request.ts';
import type { GateFiles } from './gate-files.ts';
import type { ActionInputs, Env } from './inputs.ts';
import type { Job } from './job.ts';
import type { Runner } from './runner.ts';

/** What the Action is given from outside. */
export interface ActionTools {
  readonly now: () => Date;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What every step of publishing needs. */
export interface Publishing {
  readonly env: Env;
  readonly runner: Runner;
  readonly tools: ActionTools;
  readonly session: Session;
}

/** The check run of this job, where the workflow asks for one. */
interface FollowedCheck {
  readonly job: Job;
  readonly check: OpenCheck;
}

/** What one run of the Action knows by now, for whoever ends it. */
export interface Session {
  readonly startedAt: Date;
  check: FollowedCheck | null;
  checkTried: boolean;
  job: Job | null;
  /** Of the trusted policy; a head that renames its own must not part an error from its comment. */
  policyName: string | null;
}

/** A run that has a verdict, and what it was asked with. */
export interface Outcome {
  readonly result: GateResult;
  readonly inputs: ActionInputs;
  readonly job: Job;
  readonly files: GateFiles;
  readonly policyName: string;
  readonly waiver: WaiverOutcome | null;
  readonly green: boolean;
  /** What stands below the verdict, and does not follow from the receipt. */
  readonly notes: string;
}

/** Runs a step of publishing whose failure must not change the verdict. */
export function tolerate<T>(runner: Runner, what: string, step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    runner.warning(`the ${what} could not be written: ${describeError(error)}`);
    return undefined;
  }
}
