import { z } from 'zod';
import { failureOf, type Octokit, type Repository, repositoryOf } from './octokit.ts';

/** The check run that one attempt of a job opens. */
export interface CheckDraft {
  /** `owner/name` */
  readonly repository: string;
  readonly headSha: string;
  readonly name: string;
  readonly runId: number;
  readonly attempt: number;
}

export type Conclusion = 'success' | 'failure' | 'neutral' | 'cancelled';

/** A line of a file in the repository, and what is to be said there. */
export interface Remark {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly title: string;
  readonly message: string;
}

export interface CheckEnd {
  readonly conclusion: Conclusion;
  readonly title: string;
  /** Markdown. */
  readonly summary: string;
  readonly remarks: readonly Remark[];
}

/** A check run in progress. */
export interface OpenCheck {
  /** Says how far the run is; what GitHub thinks of that changes nothing. */
  update(progress: string): void;
  /** Ends it, after the updates under way. @throws what octokit throws */
  complete(octokit: Octokit, end: CheckEnd): Promise<void>;
}

/** GitHub refuses more characters (65,535) and more annotations at once. */
const maxSummaryChars = 64_000;
const mostRemarks = 50;
const maxMessageChars = 8000;

const runSchema = z.object({ id: z.int(), external_id: z.string().nullish() });
const listSchema = z.object({ check_runs: z.array(runSchema) });

/**
 * Opens a check run in progress.
 *
 * @throws what octokit throws
 */
export async function openCheck(octokit: Octokit, draft: CheckDraft): Promise<OpenCheck> {
  const repository = repositoryOf(draft.repository);
  const check_run_id = await createRun(octokit, repository, draft);
  const place = { ...repository, check_run_id };
  let underWay: Promise<unknown> = Promise.resolve();
  return {
    update: (progress) => {
      const output = { title: progress.slice(0, 200), summary: 'The gate is running.' };
      underWay = underWay
        .then(() => octokit.rest.checks.update({ ...place, status: 'in_progress', output }))
        .catch(() => {});
    },
    complete: async (client, { conclusion, title, summary, remarks }) => {
      // An update that is late would put a finished check back into progress.
      await underWay;
      const output = {
        title: title.slice(0, 200),
        summary: summary.slice(0, maxSummaryChars),
        annotations: remarks.slice(0, mostRemarks).map(renderRemark),
      };
      await client.rest.checks.update({ ...place, status: 'completed', conclusion, output });
    },
  };
}

async function createRun(
  octokit: Octokit,
  place: Repository,
  { headSha, name, runId, attempt }: CheckDraft,
): Promise<number> {
  const external_id = `mixgate ${runId}.${attempt}`;
  const create = async () =>
    runSchema.parse(
      (
        await octokit.rest.checks.create({
          ...place,
          name,
          head_sha: headSha,
          status: 'in_progress',
          external_id,
        })
      ).data,
    ).id;
  try {
    return await create();
  } catch (error) {
    if (failureOf(error).status < 500) throw error;
    // It may have been made before the answer was lost.
    const { data } = await octokit.rest.checks.listForRef({ ...place, ref: headSha, check_name: name });
    const made = listSchema.parse(data).check_runs.find((one) => one.external_id === external_id);
    return made?.id ?? (await create());
  }
}

function renderRemark({ path, line, title, message }: Remark) {
  return {
    path,
    start_line: line,
    end_line: line,
    annotation_level: 'failure' as const,
    title: title.slice(0, 250),
    message: message.slice(0, maxMessageChars),
  };
}
