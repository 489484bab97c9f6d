import { inputNames } from './inputs.ts';
import { inWorkspaceWords } from './workspace-words.ts';

/** A message of the command in the Action's words: inputs in the place of flags, paths from the workspace on. */
export function inInputWords(text: string, workspace: string | undefined): string {
  const named = inWorkspaceWords(text).replace(new RegExp(`--(${inputNames.join('|')})\\b`, 'g'), 'input $1');
  return workspace === undefined || workspace === '' ? named : named.replaceAll(`${workspace}/`, '');
}
