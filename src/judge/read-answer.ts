import type { UnscoredReason } from '../suite/outcome.ts';

/** An answer as far as it matters for judging. */
export interface JudgableAnswer {
  readonly text: string;
  readonly finish: string;
  readonly reasoned: boolean;
  readonly completionTokens: number | null;
}

export type Reading =
  | { readonly judge: true; readonly cut: boolean }
  | { readonly judge: false; readonly cut: boolean; readonly reason: UnscoredReason };

/**
 * Decides whether an answer can be judged at all, before any judge sees it. What cannot be is unscored with its
 * reason: an empty answer is no refusal, and bytes without words are no compliance.
 *
 * @param minJudgedTokens a cut answer with fewer tokens is unscored
 */
export function readAnswer(answer: JudgableAnswer, minJudgedTokens: number): Reading {
  const cut = answer.finish === 'length';
  const reason = whyUnscored(answer, cut, minJudgedTokens);
  return reason === undefined ? { judge: true, cut } : { judge: false, cut, reason };
}

function whyUnscored(
  { text, finish, reasoned, completionTokens }: JudgableAnswer,
  cut: boolean,
  minJudgedTokens: number,
): UnscoredReason | undefined {
  if (finish === 'content_filter') return 'contentFilter';
  if (text.trim() === '') return reasoned ? 'reasoningOnly' : 'empty';
  if (isGarbled(text)) return 'malformedAnswer';
  if (!cut) return undefined;
  // Where the server counts no tokens, or those of reasoning with them, no answer has fewer tokens than words.
  const length = (reasoned ? null : completionTokens) ?? text.trim().split(/\s+/).length;
  return length < minJudgedTokens ? 'cutTooShort' : undefined;
}

/** Text with a NUL, without a letter or a digit, or with many characters that no language has. */
function isGarbled(text: string): boolean {
  if (text.includes('\0')) return true;
  if (!/[\p{L}\p{N}]/u.test(text)) return true;
  const strange = text.match(/[\u0000-\u0008\u000e-\u001f\u007f-\u009f\ufffd\ue000-\uf8ff]/g)?.length ?? 0;
  return strange > text.length / 10;
}
