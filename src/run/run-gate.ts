import { buildEvidence, buildReceipt } from '../receipt/build.ts';
import { readGateInputs } from './gate-inputs.ts';
import type { GateRequest, GateResult, GateTools } from './gate-request.ts';
import { measure } from './measure.ts';
import { partsOf } from './parts.ts';
import { runBesideBaseline } from './run-beside-baseline.ts';
import { whatForbidsStored } from './stored-baseline.ts';
import { removeReceiptFiles, writeReceiptFiles } from './write-receipt.ts';

/**
 * The whole gate, stage by stage: plan, run, judge, analyse and decide, receipt. Between the stages lies plain
 * saved data: an interrupted run that is started again with the same state directory asks nothing twice.
 *
 * @throws MixgateError for whatever makes the verdict `error`; nothing that was answered is lost by it
 */
export async function runGate(request: GateRequest, tools: GateTools): Promise<GateResult> {
  if (request.baselineUrl !== undefined) return runWithBaselineUrl(request, tools);
  const inputs = await readGateInputs(request, tools.signal);
  return measure({ request, inputs, tools, clear: removeReceiptFiles, compared: 'asItGoes' }, (measured) => {
    const { evidence, ledger } = buildEvidence(partsOf({ ...measured, request }));
    const receipt = buildReceipt(evidence, measured.run);
    const { candidateFile } = inputs;
    return {
      receipt,
      files: writeReceiptFiles({ outDir: request.outDir, receipt, ledger, candidateFile }),
    };
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
