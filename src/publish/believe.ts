import { isNewerRun, type Marker } from './marker.ts';
import type { Octokit } from './octokit.ts';

/** The run that speaks. */
export interface Speaker {
  readonly runId: number;
  readonly attempt: number;
  /** When this job began, by its own clock. */
  readonly startedAt: Date;
}

/** The clocks of a runner and of GitHub differ by less. */
const clockMs = 5 * 60_000;

/**
 * Whether a text of ours names a newer run and yet was written before this job began: a newer run mostly writes later,
 * and whoever may edit the text may name any run in it, also one that will never be.
 *
 * @param marker the run that the text names
 * @param updatedAt when GitHub last saw the text change
 */
export function isDoubtful(
  marker: Pick<Marker, 'runId' | 'attempt'>,
  updatedAt: string,
  speaker: Speaker,
): boolean {
  return isNewerRun(marker, speaker) && Date.parse(updatedAt) < speaker.startedAt.getTime() - clockMs;
}

/** Whether a pull request has another head by now; false where GitHub does not tell. */
export async function hasMoved(
  octokit: Octokit,
  pull: { readonly owner: string; readonly repo: string; readonly pull_number: number },
  headSha: string | null,
): Promise<boolean> {
  if (headSha === null) return false;
  try {
    const { data } = await octokit.rest.pulls.get(pull);
    return data.head.sha !== headSha;
  } catch {
    return false;
  }
}
