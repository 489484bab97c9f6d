import type { Problem } from './difference.ts';
import type { Receipt } from './receipt.ts';

/**
 * Holds a receipt to the workflow that was to write it: one that no pull request of the repository can edit (a required
 * workflow of the organisation, or the repository's own on its default branch).
 *
 * @param workflow as the runner names it, `OWNER/REPO/.github/workflows/FILE@REF`; at any ref without `@REF`
 */
export function checkWorkflow({ run }: Receipt, workflow: string): Problem[] {
  const ran = run.github?.workflowRef ?? '';
  // `gate.yml@other.yml` is a file of its own.
  const holds = workflow.includes('@') ? ran === workflow : ran.split('@refs/')[0] === workflow;
  if (holds && ran !== '') return [];
  const found = ran === '' ? 'none: this run was in no workflow' : ran;
  return [{ where: 'run.github.workflowRef', expected: workflow, found }];
}
