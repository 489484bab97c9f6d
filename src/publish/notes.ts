import { describeError } from '../config/errors.ts';
import type { Baseline } from '../receipt/baseline.ts';
import { code, escapeMarkdown, table } from '../report/markdown.ts';
import { renderProposedBaseline } from '../report/proposed-baseline.ts';
import { notesClose, notesOpen } from '../report/verify-comment.ts';
import type { WaiverOutcome } from './apply-waiver.ts';
import type { FileChange, GateChanges } from './gate-changes.ts';
import type { Preview } from './preview.ts';
import type { ProposedBaseline } from './proposed-baseline.ts';

/** What a comment says beside its receipt: the trusted commit, what the head changes in the gate, the waiver. */
export interface Notes {
  readonly trusted: {
    readonly commit: string;
    readonly changes: GateChanges;
    readonly workflow: FileChange | null;
    readonly preview: Preview | null;
    /** What stands for the baseline before and after the merge; null where the head leaves it alone. */
    readonly baseline: { readonly now: Baseline | null; readonly proposed: ProposedBaseline } | null;
  } | null;
  readonly waiver: WaiverOutcome | null;
}

const mostChars = 7000;
const mostRows = 12;

/** Markdown of the notes, at most 7,000 characters; '' where there is nothing to say. */
export function renderNotes({ trusted, waiver }: Notes): string {
  const parts = [
    ...noteOn('the waiver', () => waiverLines(waiver)),
    ...(trusted === null ? [] : trustedLines(trusted)),
  ];
  if (parts.length === 0) return '';
  const fits: string[] = [];
  let room = mostChars - notesOpen.length - notesClose.length - 200;
  for (const part of parts) {
    if (part.length > room) {
      fits.push('More is in the diff of this pull request.');
      break;
    }
    fits.push(part);
    room -= part.length + 2;
  }
  return [notesOpen, ...fits, notesClose].join('\n\n');
}

/** The notes speak of files of the head: one that makes its note fail must not take the others with it. */
function noteOn(what: string, render: () => string[]): string[] {
  try {
    return render();
  } catch (error) {
    return [`⚠️ **No note on ${what} could be made**: ${escapeMarkdown(describeError(error), 300)}.`];
  }
}

/** Puts the notes below the first paragraph, which states the verdict. */
export function withNotes(body: string, notes: string): string {
  if (notes === '') return body;
  const end = body.indexOf('\n\n');
  return end < 0 ? `${body.trimEnd()}\n\n${notes}\n` : `${body.slice(0, end)}\n\n${notes}${body.slice(end)}`;
}

function waiverLines(waiver: WaiverOutcome | null): string[] {
  if (waiver === null) return [];
  if (waiver.kind === 'noEffect') {
    return [`**The waiver has no effect**: ${escapeMarkdown(waiver.reason, 400)}.`];
  }
  const { signedOffBy, date, until, reason, evidenceDigest } = waiver.waiver;
  return [
    `> ⚠️ **Waived** by ${escapeMarkdown(signedOffBy)} on ${date}, until ${until}: ${escapeMarkdown(reason, 600)}<br>` +
      `\n> The verdict stands; only the job is green. Evidence waived: \`${evidenceDigest.slice(0, 16)}\`.`,
  ];
}

function trustedLines({
  commit,
  changes,
  workflow,
  preview,
  baseline,
}: NonNullable<Notes['trusted']>): string[] {
  const lines = noteOn('the workflow', () => workflowLines(workflow));
  if (changes.files.length === 0) return lines;
  return [
    ...lines,
    ...noteOn('the files that change', () => fileLines(commit, changes.files)),
    ...noteOn('the policy', () => policyLines(changes.policy)),
    ...noteOn('the preview', () => previewLines(preview)),
    ...noteOn('the proposed baseline', () => (baseline === null ? [] : [renderProposedBaseline(baseline)])),
  ];
}

function workflowLines(workflow: FileChange | null): string[] {
  if (workflow === null) return [];
  return [
    `⚠️ **This pull request changes the workflow that runs this gate** (${code(workflow.path)}, ${workflow.change}). ` +
      'On `pull_request` GitHub runs the head’s own workflow: look at that change before you trust this verdict.',
  ];
}

function fileLines(commit: string, changed: GateChanges['files']): string[] {
  const files = changed
    .slice(0, mostRows)
    .map(({ path, role, change }) => `- ${code(path)} (${escapeMarkdown(role)}): ${change}`);
  const left = changed.length - files.length;
  return [
    `**Changed here, in effect only after the merge.** This verdict used ${code(commit.slice(0, 12))} for:`,
    [...files, ...(left > 0 ? [`- and ${left} more`] : [])].join('\n'),
  ];
}

function policyLines(policy: GateChanges['policy']): string[] {
  switch (policy.kind) {
    case 'same':
      return [];
    case 'unusable':
      return [`**After the merge no gate could run**: ${escapeMarkdown(policy.reason, 600)}`];
    case 'keys': {
      if (policy.keys.length === 0)
        return ['The policy changes in its wording only; no key has another value.'];
      const rows = policy.keys
        .slice(0, mostRows)
        .map(({ where, expected, found }) => [code(where), code(expected, 80), code(found, 80)]);
      const left = policy.keys.length - rows.length;
      return [
        table({ head: ['Policy key', 'Now', 'After the merge'], align: ['left', 'left', 'left'], rows }),
        ...(left > 0 ? [`And ${left} more ${left === 1 ? 'key' : 'keys'}.`] : []),
      ];
    }
  }
}

function previewLines(preview: Preview | null): string[] {
  if (preview === null) return [];
  return 'verdict' in preview
    ? [
        `Preview, not binding: on the same evidence the changed policy would have given \`${preview.verdict}\`.`,
      ]
    : [`No preview of the changed policy’s verdict: ${escapeMarkdown(preview.unavailable, 300)}.`];
}
