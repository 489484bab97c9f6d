import type { Log } from '../config/log.ts';
import { buildEvidence, buildReceipt } from '../receipt/build.ts';
import type { Receipt } from '../receipt/receipt.ts';
import { readGateInputs } from './gate-inputs.ts';
import { measure } from './measure.ts';
import { partsOf } from './parts.ts';
import { runBesideBaseline } from './run-beside-baseline.ts';
import type { Shard } from './shard.ts';
import { whatForbidsStored } from './stored-baseline.ts';
import { type ReceiptFiles, removeReceiptFiles, writeReceiptFiles } from './write-receipt.ts';

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

/**
 * The whole gate, stage by stage: plan, run, judge, analyse and decide, receipt. Between the stages lies plain
 * saved data: an interrupted run that is started again with the same state directory asks nothing twice.
 *
 * @throws MixgateError for whatever makes the verdict `error`; nothing that was answered is lost by it
 */
export async function runGate(request: GateRequest, tools: GateTools): Promise<GateResult> {
  if (request.baselineUrl !== undefined) return runWithBaselineUrl(request, tools);
  const inputs = await readGateInputs(request, tools.signal);
  return measure({ request, inputs, tools, clear: removeReceiptFiles }, (measured) => {
    const { evidence, ledger } = buildEvidence(partsOf({ ...measured, request }));
    const receipt = buildReceipt(evidence, measured.run);
    const { candidateFile } = inputs;
    return { receipt, files: writeReceiptFiles({ outDir: request.outDir, receipt, ledger, candidateFile }) };
  });
}

/** Where a stored baseline is named too, the other server is asked only if that cannot be compared. */
async function runWithBaselineUrl(request: GateRequest, tools: GateTools): Promise<GateResult> {
  const { baselineDir, baselineUrl } = request;
  if (baselineDir === undefined) return runBesideBaseline(request, tools);
  const why = await whatForbidsStored(request, tools);
  if (why === undefined) {
    tools.log.info(`the baseline in ${baselineDir} can be compared: ${baselineUrl} is not asked`);
    const { baselineUrl: _url, baselineModel: _model, baselineApiKey: _key, ...stored } = request;
    return runGate(stored, tools);
  }
  tools.log.warn(`${why}: it is measured anew at ${baselineUrl}, beside the candidate`);
  return runBesideBaseline({ ...request, baselineDir: undefined }, tools);
}
