/** Private folders of the trusted files are called so, with a random end. */
export const trustedFolderPrefix = 'mixgate-trusted-';

/** A text with the private folder's paths as those of the workspace, which is where their reader looks for them. */
export function inWorkspaceWords(text: string): string {
  return text.replace(/\/[^\s'"`]*?\/mixgate-trusted-[0-9a-f-]{36}\/(?:base|head)(?=\/)/g, '');
}
