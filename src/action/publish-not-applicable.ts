import { exitCodeOf } from '../gate/verdict.ts';
import { commentOnPullRequest } from './comment-on-pull-request.ts';
import { endCheck } from './follow-check.ts';
import { type Outcome, type Publishing, tolerate } from './session.ts';

/** Nothing that is gated changed: green, said where an older verdict may stand, without a call to any server. */
export async function publishNotApplicable(
  publishing: Publishing,
  { inputs, job, policyName }: Pick<Outcome, 'inputs' | 'job' | 'policyName'>,
): Promise<number> {
  const { runner } = publishing;
  const said = 'neither the candidate file nor a file of the gate differs from the trusted commit';
  runner.log.info(`verdict notApplicable: policy ${policyName}, ${said}`);
  tolerate(runner, 'outputs', () => {
    runner.setOutput('verdict', 'notApplicable');
    runner.setOutput('policy-changed', 'false');
  });
  const body = () =>
    `## ➖ Not applicable: policy \`${policyName}\` had nothing to judge\n\nHere ${said}. No server was asked.\n`;
  tolerate(runner, 'job summary', () => runner.writeSummary(body()));
  if (inputs.shard === undefined)
    await commentOnPullRequest(publishing, { job, mode: inputs.comment, policyName, body, create: false });
  await endCheck(publishing, {
    conclusion: 'neutral',
    title: 'not applicable',
    summary: body(),
    remarks: [],
  });
  return exitCodeOf('notApplicable');
}
