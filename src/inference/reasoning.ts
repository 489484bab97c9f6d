/** A message's text taken apart: what the model thought, and what it answered. */
export interface SplitText {
  readonly answer: string;
  /** Whether there was reasoning, be it empty of words. */
  readonly reasoned: boolean;
}

/** Marks around reasoning in the text of a server that does not keep it apart itself. */
interface Marks {
  readonly open: string;
  readonly close: string;
  /** Whether a template may have written the opening mark itself: the text then shows the closing one alone, once. */
  readonly openedByTemplate: boolean;
}

const marks: readonly Marks[] = [
  { open: '<think>', close: '</think>', openedByTemplate: true },
  // Gemma 4.
  { open: '<|channel>thought', close: '<channel|>', openedByTemplate: false },
];

/** Harmony, the format of GPT-OSS: channels, of which the last is the answer. */
const finalChannel = '<|channel|>final<|message|>';
const anyChannel = /^\s*(?:<\|start\|>assistant)?<\|channel\|>(?:analysis|commentary|final)/;
const endOfMessage = /<\|(?:end|return|call)\|>[\s\S]*$/;

/**
 * Takes reasoning out of a message's text, where the server left it in. Only marks at the beginning count, or one
 * closing mark alone; whatever else looks like one stays in the answer. Reasoning without an end leaves no answer at
 * all, and is unscored: never judged as one.
 *
 * @example splitReasoning('<think>They want a colour.</think>\nBlue.') // { answer: 'Blue.', reasoned: true }
 * @example splitReasoning('Blue.') // { answer: 'Blue.', reasoned: false }
 */
export function splitReasoning(text: string): SplitText {
  if (anyChannel.test(text)) return splitHarmony(text);
  for (const one of marks) {
    const split = splitMarked(text, one);
    if (split !== undefined) return split;
  }
  return { answer: text, reasoned: false };
}

function splitHarmony(text: string): SplitText {
  const final = text.indexOf(finalChannel);
  const reasoned = !text.trimStart().replace('<|start|>assistant', '').startsWith(finalChannel);
  if (final < 0) return { answer: '', reasoned };
  return { answer: text.slice(final + finalChannel.length).replace(endOfMessage, ''), reasoned };
}

function splitMarked(text: string, { open, close, openedByTemplate }: Marks): SplitText | undefined {
  const opened = text.trimStart().startsWith(open);
  const closedAlone = openedByTemplate && !text.includes(open) && text.split(close).length === 2;
  if (!opened && !closedAlone) return undefined;
  const end = text.indexOf(close);
  return end < 0
    ? { answer: '', reasoned: true }
    : { answer: text.slice(end + close.length).trimStart(), reasoned: true };
}
