import { checkJournal, readJournalEntries, requireWholeJournal } from '../inference/journal-check.ts';
import { ServerChangedError } from '../inference/served.ts';
import { askAndJudge, type Measured } from './ask-and-judge.ts';
import { keepOutOfGit, refuseStateAsOut, requireFolder } from './folders.ts';
import { type GateInputs, warnBeforeRun } from './gate-inputs.ts';
import type { ComparedWhen, GateRequest, GateTools } from './gate-request.ts';
import { refuseUnaffordable } from './plan-cost.ts';
import { requireCard } from './read-card.ts';
import { withRepeats } from './repeat.ts';
import type { RunIdentity } from './run-identity.ts';
import { meetServers } from './servers.ts';
import { judgeOf, type Stage } from './stage.ts';
import { identityOfStage } from './stage-identity.ts';
import { openState, type RunState } from './state.ts';
import { surroundingsOf } from './surroundings.ts';
import { weightsOf } from './weights.ts';

/**
 * Asks and judges the plan's trials against live servers. What was answered is in the state directory whatever
 * happens: an interrupted run that is started again asks nothing twice.
 *
 * @param input.clear takes an older run's files away, which would pass for this one's from here on
 * @param conclude writes what the run found; answers are then kept or taken away as the policy's retention says
 */
export async function measure<T>(
  input: {
    readonly request: GateRequest;
    readonly inputs: GateInputs;
    readonly tools: GateTools;
    readonly clear: (outDir: string) => void;
    readonly compared: ComparedWhen;
  },
  conclude: (measured: Measured) => T | Promise<T>,
): Promise<T> {
  const { request, inputs, tools, compared } = input;
  warnBeforeRun(inputs, compared, tools.log);
  const { policy } = inputs.loaded;
  const around = surroundingsOf(tools);
  const met = await meetServers({ ...request, model: inputs.candidate.model }, policy, tools.signal);
  const servers = { ...met, served: { ...met.served, ...(await weightsOf(inputs, met, tools.signal)) } };
  refuseStateAsOut(request);
  requireFolder(request.outDir, '--out');
  requireFolder(request.stateDir, '--state-dir', 0o700);
  const stage: Stage = { request, inputs, servers, compared, around, log: tools.log };
  const all = withRepeats(inputs.plan, request.repeatFraction, policy.suite.seed);
  requireCard(inputs, judgeOf(stage, undefined), servers.judges);
  const cost = await refuseUnaffordable({ ...inputs, plan: all }, servers, tools);
  const state = openState({ ...request, identity: identityOfServers(stage), policy, around });
  try {
    input.clear(request.outDir);
    keepOutOfGit(request.stateDir);
    const measured = await askAndJudge(stage, state, cost);
    const left = requireWhole(measured);
    const result = await conclude(measured);
    state.finish(policy.retention, left);
    return result;
  } catch (error) {
    // Whenever it was found out: a server that is changed back must not make its old answers good again.
    if (error instanceof ServerChangedError) state.spoil(error.field);
    throw error;
  } finally {
    state.close();
  }
}

function identityOfServers(stage: Stage): RunIdentity {
  const { request, servers } = stage;
  const { shard } = request;
  return identityOfStage(stage, {
    answeredBy: servers.replicas.map(({ endpoint }) => endpoint.baseUrl),
    served: servers.served,
    workflowRun: request.github?.runId,
    shard: shard && `${shard.index}/${shard.of}`,
  });
}

/**
 * Holds the journal, as it lies on the disk, to what is concluded from it.
 *
 * @returns what caps left undone
 * @throws EvidenceError JOURNAL_TWICE or JOURNAL_INCOMPLETE naming the trial
 */
export function requireWhole({
  stage,
  state,
  asked,
  judged,
}: Pick<Measured, 'asked' | 'judged'> & {
  readonly stage: Pick<Stage, 'inputs'>;
  readonly state: Pick<RunState, 'journal'>;
}): { readonly missing: number; readonly unjudged: number } {
  const ids = stage.inputs.plan.trials.map(({ trialId }) => trialId);
  const { file } = state.journal;
  const report = checkJournal(ids, readJournalEntries(file));
  const stopped = ids.filter(
    (id) => asked.get(id)?.t === 'notRun' || judged.rulings.get(id)?.label === 'notRun',
  );
  requireWholeJournal(report, new Set(stopped), file);
  return { missing: report.missing.length, unjudged: report.unjudged.length };
}
