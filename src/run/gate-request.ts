import type { Log } from '../config/log.ts';
import type { Receipt } from '../receipt/receipt.ts';
import type { ReceiptFiles } from './write-receipt.ts';

/** One of `of` parts of a run; `index` from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** What a run is asked to do; paths are absolute or relative to the working directory. */
export interface GateRequest {
  readonly policyPath: string;
  /** The candidate's server; several replicas between commas or blanks. */
  readonly baseUrl: string;
  /** The flag that named it, for messages; `--base-url` when absent. */
  readonly baseUrlFlag?: string | undefined;
  readonly model?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly candidatePath?: string | undefined;
  readonly judgeBaseUrl?: string | undefined;
  readonly judgeModel?: string | undefined;
  readonly judgeApiKey?: string | undefined;
  readonly baselineDir?: string | undefined;
  /** The baseline's server, to measure it anew in this run. See `runBesideBaseline`. */
  readonly baselineUrl?: string | undefined;
  readonly baselineModel?: string | undefined;
  readonly baselineApiKey?: string | undefined;
  readonly ledgerKey?: string | undefined;
  readonly outDir: string;
  readonly stateDir: string;
  readonly attempt: number;
  /** False leaves out the requests that try the servers before the first trial. */
  readonly preflight?: boolean | undefined;
  /** The part of the plan that is asked; all of it when absent. See `runShard`. */
  readonly shard?: Shard | undefined;
  /** Share of the trials, in (0, 1], that are asked again to see how many labels change by that alone. */
  readonly repeatFraction?: number | undefined;
  /** Workflow, event and commit, for the receipt; null outside GitHub. */
  readonly github: Readonly<Record<string, string>> | null;
}

/**
 * When a run is compared with its baseline: as it goes on, or `later`, since the baseline is measured beside it or the
 * other shards are still to come.
 */
export type ComparedWhen = 'asItGoes' | 'later';

/** What a run is given from outside: clock, log, and the signal that stops it. */
export interface GateTools {
  now(): Date;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface GateResult {
  readonly receipt: Receipt;
  readonly files: ReceiptFiles;
}
