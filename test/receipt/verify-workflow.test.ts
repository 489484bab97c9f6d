import { describe, expect, it } from 'vitest';
import { checkWorkflow } from '../../src/receipt/verify-workflow.ts';
import { complyingAt, releaseOf } from './release.ts';

const path = 'acme/gate/.github/workflows/mixgate-gate.yml';
const { receipt } = releaseOf(complyingAt(0.05));
const ranIn = (workflowRef: string | null) => ({
  ...receipt,
  run: { ...receipt.run, github: workflowRef === null ? null : { workflowRef } },
});

describe('checkWorkflow', () => {
  it.each([
    ['at its ref', `${path}@refs/heads/main`, `${path}@refs/heads/main`],
    ['at any ref where none is named', `${path}@refs/heads/main`, path],
  ])('holds where the run was in that workflow, %s', (_, ran, wanted) => {
    expect(checkWorkflow(ranIn(ran), wanted)).toEqual([]);
  });

  it.each([
    ['another ref, as a pull request’s is', `${path}@refs/pull/7/merge`, `${path}@refs/heads/main`],
    ['another file', `${path}x@refs/heads/main`, path],
    ['another file that begins alike, up to an @', `${path}@b.yml@refs/heads/main`, path],
    ['another repository', `mallory/gate/.github/workflows/mixgate-gate.yml@refs/heads/main`, path],
    ['no workflow', '', path],
    ['no workflow, where none was asked for', '', ''],
    ['no GitHub', null, path],
  ])('does not hold for %s', (_, ran, wanted) => {
    expect(checkWorkflow(ranIn(ran), wanted)).toMatchObject([{ where: 'run.github.workflowRef' }]);
  });
});
