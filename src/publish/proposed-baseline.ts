import { MixgateError } from '../config/errors.ts';
import { type Baseline, baselineFiles, parseBaseline } from '../receipt/baseline.ts';
import type { GateChanges } from './gate-changes.ts';
import type { CommitFiles } from './git-files.ts';

/** The baseline that a head would put in force after its merge, or why it would be none. */
export type ProposedBaseline = Baseline | { readonly unusable: string };

/** No ledger comes near it: a trial takes some 400 bytes of it. */
const maxBytes = 50_000_000;

/**
 * Reads the baseline of a head that changes it, to be shown beside the one in force; it decides nothing.
 *
 * @param folder the baseline's, in the repository
 * @returns null where the head leaves the baseline alone
 */
export async function readProposedBaseline(
  head: CommitFiles,
  folder: string | undefined,
  changes: GateChanges,
): Promise<ProposedBaseline | null> {
  if (folder === undefined || !changes.files.some(({ role }) => role === 'baseline')) return null;
  const read = async (name: string) => {
    const entry = await head.find(`${folder}/${name}`);
    return entry === null ? undefined : (await head.read(entry, maxBytes)).toString('utf8');
  };
  try {
    const [receipt, ledger, acceptance] = [
      await read(baselineFiles.receipt),
      await read(baselineFiles.ledger),
      await read(baselineFiles.acceptance),
    ];
    if (receipt === undefined || ledger === undefined)
      return {
        unusable: `${folder} has no ${receipt === undefined ? baselineFiles.receipt : baselineFiles.ledger}`,
      };
    return parseBaseline({ dir: folder, receipt, ledger, acceptance });
  } catch (error) {
    // The head's own fault, which says nothing about the release.
    if (error instanceof MixgateError) return { unusable: error.message };
    throw error;
  }
}
