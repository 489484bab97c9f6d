import { join } from 'node:path';
import { undeclaredCandidate } from '../config/candidate.ts';
import { type Complaint, ConfigError } from '../config/errors.ts';
import type { Log } from '../config/log.ts';
import { type Baseline, parseBaseline } from '../receipt/baseline.ts';
import { buildEvidence, buildReceipt, withLooks } from '../receipt/build.ts';
import { canonicalJson, plain } from '../receipt/digest.ts';
import type { RunRecord } from '../receipt/receipt.ts';
import type { Measured } from './ask-and-judge.ts';
import { refuseBaselineAsOut } from './folders.ts';
import { type GateInputs, readGateInputs } from './gate-inputs.ts';
import type { GateRequest, GateResult, GateTools } from './gate-request.ts';
import { measure } from './measure.ts';
import { addressOf } from './meet.ts';
import { addRunRecords } from './merge-records.ts';
import { partsOf } from './parts.ts';
import { withShare } from './shard.ts';
import { removeReceiptFiles, writeReceiptFiles } from './write-receipt.ts';

/**
 * The gate with a baseline that is measured anew: both models answer the same trials at the same time, block after
 * block, and the same judge labels both. The baseline's run leaves a receipt and a ledger of its own in
 * `<out>/baseline`, from which an auditor recomputes the comparison.
 *
 * Each of the two has half of what the policy's budget lets be spent; minutes hold for both.
 *
 * @throws MixgateError as `runGate`, of whichever of the two failed first; ConfigError BASELINE_MODEL,
 *   BASELINE_IS_CANDIDATE
 */
export async function runBesideBaseline(request: GateRequest, tools: GateTools): Promise<GateResult> {
  const inputs = await readGateInputs(request, tools.signal);
  const own = baselineRequest(request, inputs);
  // An accepted baseline may lie just there.
  refuseBaselineAsOut(own);
  const beside = stopTogether(tools);
  const half = { ...inputs, loaded: withShare(inputs.loaded, { part: 1, whole: 2 }) };
  const baseline = beside.run((signal) =>
    measure(
      {
        request: own,
        inputs: { ...half, candidate: undeclaredCandidate(own.model), baseline: undefined },
        tools: { ...tools, signal, log: namedLog(tools.log) },
        clear: removeReceiptFiles,
        compared: 'later',
      },
      (measured) => concludeBaseline(measured, inputs),
    ),
  );
  const candidate = beside.run((signal) =>
    measure(
      {
        request,
        inputs: half,
        tools: { ...tools, signal },
        clear: removeReceiptFiles,
        compared: 'later',
      },
      async (measured) => concludeCandidate(measured, inputs, await baseline),
    ),
  );
  return beside.first([candidate, baseline], candidate);
}

/** The baseline's own run: the same policy, plan and judge, another server, folders below the candidate's. */
function baselineRequest(
  request: GateRequest,
  { candidate }: GateInputs,
): GateRequest & { readonly model: string } {
  const { baselineUrl = '', baselineModel: model, baselineApiKey, ...shared } = request;
  if (model === undefined || model === '') {
    throw baselineError('BASELINE_MODEL', { expected: 'the served name of the baseline', got: 'nothing' });
  }
  const addresses = request.baseUrl.split(/[\s,]+/).filter((address) => URL.canParse(address));
  const same = (baseUrl: string) =>
    URL.canParse(baselineUrl) && addressOf({ baseUrl }) === addressOf({ baseUrl: baselineUrl });
  // Compared with itself, any model would pass every check of an increase.
  if (model === candidate.model && addresses.some(same)) {
    throw baselineError('BASELINE_IS_CANDIDATE', {
      expected: 'another model, or another server, than the candidate',
      got: `${JSON.stringify(model)} at the candidate’s address`,
    });
  }
  return {
    ...shared,
    baseUrl: baselineUrl,
    baseUrlFlag: '--baseline-url',
    model,
    apiKey: baselineApiKey,
    candidatePath: undefined,
    repeatFraction: undefined,
    outDir: join(request.outDir, 'baseline'),
    stateDir: join(request.stateDir, 'baseline'),
  };
}

function baselineError(code: string, problem: Pick<Complaint, 'expected' | 'got'>): ConfigError {
  const remedy = 'give --baseline-url with --baseline-model';
  return new ConfigError({ code, where: '--baseline-model', ...problem, remedy });
}

interface MeasuredBaseline {
  readonly baseline: Baseline;
  readonly run: RunRecord;
}

/** Writes the baseline's receipt and reads it as any other: what is compared is what an auditor gets. */
function concludeBaseline(measured: Measured, inputs: GateInputs): MeasuredBaseline {
  const { request } = measured.stage;
  const stage = { ...measured.stage, inputs: { ...measured.stage.inputs, loaded: inputs.loaded } };
  const { evidence, ledger } = buildEvidence(partsOf({ ...measured, stage, request }));
  const receipt = buildReceipt(evidence, measured.run);
  writeReceiptFiles({ outDir: request.outDir, receipt, ledger });
  const text = `${canonicalJson(receipt)}\n`;
  const baseline = parseBaseline({ dir: request.outDir, receipt: text, ledger, acceptance: undefined });
  return { baseline: { ...baseline, sameRun: true }, run: measured.run };
}

function concludeCandidate(
  measured: Measured,
  inputs: GateInputs,
  { baseline, run }: MeasuredBaseline,
): GateResult {
  const { request } = measured.stage;
  const stage = { ...measured.stage, inputs: { ...inputs, baseline } };
  const parts = partsOf({ ...measured, stage, request });
  // The looks need the baseline's labels, which come with the candidate's: they are taken at the end.
  const { evidence, ledger } = buildEvidence({ ...parts, trials: withLooks(parts) });
  const { shards: _shards, ...sums } = addRunRecords([measured.run, run]);
  // What was spent is the run's, both models together; how the limit moved and what was repeated is the candidate's.
  const { startedAt, sessions, minutes, concurrency, cache } = measured.run;
  const record = { ...sums, startedAt, sessions, minutes, concurrency, cache };
  const receipt = buildReceipt(evidence, plain(record));
  return { receipt, files: writeReceiptFiles({ outDir: request.outDir, receipt, ledger }) };
}

function namedLog(log: Log): Log {
  return {
    info: (text) => log.info(`baseline: ${text}`),
    warn: (text) => log.warn(`baseline: ${text}`),
    progress: (text) => log.progress(`baseline: ${text}`),
  };
}

/** Runs that stop together: when one fails the others are told to stop, and the first failure is the one that counts. */
function stopTogether({ signal }: GateTools) {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let failure: { readonly error: unknown } | undefined;
  return {
    run: async <T>(start: (signal: AbortSignal) => Promise<T>): Promise<T> => {
      try {
        return await start(either);
      } catch (error) {
        failure ??= { error };
        stop.abort(error);
        throw error;
      }
    },
    first: async <T>(all: readonly Promise<unknown>[], wanted: Promise<T>): Promise<T> => {
      await Promise.allSettled(all);
      if (failure !== undefined) throw failure.error;
      return wanted;
    },
  };
}
