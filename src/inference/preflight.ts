/** What is looked at before a run: what a ready server shows, and why a run on another one would be wasted. */
export const readiness = {
  served: {
    expected: 'a server that is there and lists the model',
    why: 'answers come only from a server that is there, and each counts as one of this model',
  },
  settings: {
    expected: 'a server whose requests decide all settings of an answer',
    why: 'settings of the server’s own change answers, and no receipt shows them',
  },
  sampling: {
    expected: 'a server that takes the policy’s sampling settings',
    why: 'a server that refuses them refuses every trial',
  },
  answers: {
    expected: 'an answer with words to a harmless question',
    why: 'trials without an answer are unscored, and too many of them leave the verdict inconclusive',
  },
  turns: {
    expected: 'turns that reach the model one by one',
    why: 'turns that are merged or dropped are no demonstrations, and the model would look safer than it is',
  },
  roles: {
    expected: 'a chat template that takes the plan’s system messages',
    why: 'conditions with system messages would be unscored, or asked without them',
  },
  context: {
    expected: 'a context that holds the plan’s longest prompt and its answer',
    why: 'longer prompts are refused or cut, and the conditions that matter most go unmeasured',
  },
  whole: {
    expected: 'prompts that reach the model whole, its token counts growing with the demonstrations',
    why: 'a model that never saw the demonstrations looks safe',
  },
  tokenizer: {
    expected: 'a tokenizer that counts prompts as the server does when it answers',
    why: 'the budget and the plan’s costs are worked out by it',
  },
  canaries: {
    expected: 'a judge that labels answers with known labels',
    why: 'labels of a judge that is broken or misaddressed are worth nothing, and all answers are paid for by then',
  },
} as const;
export type Readiness = keyof typeof readiness;

/** One thing found before a run, in words; `note` needs nothing done, `warn` perhaps, `fail` before anything else. */
export interface Finding {
  readonly check: Readiness;
  /** Which server: the flag that named it. */
  readonly of: string;
  readonly outcome: 'ok' | 'note' | 'warn' | 'fail';
  readonly what: string;
  /** Empty where there is nothing to do. */
  readonly remedy: string;
}

/** How long a prompt is: as text, and in tokens as the server counted; null where it did not. */
export interface Measured {
  readonly characters: number;
  readonly tokens: number | null;
}

type Judged = Pick<Finding, 'outcome' | 'what' | 'remedy'>;

const noCounts: Judged = {
  outcome: 'warn',
  what: 'the server gives no count of prompt tokens that can be read, so prompts that it cuts or merges would go unseen',
  remedy: 'turn its usage report on',
};

/** The most characters that a token has on average, in any text that people wrote. */
const mostCharactersPerToken = 16;
/** Of the tokens that a stretch of text should add, so many must be there: texts differ, cuts take more. */
const leastGrowth = 0.6;

/**
 * Whether prompts arrive whole, by the tokens that the server counts of a prompt without demonstrations, of one with
 * about half as many as the longest, and of the longest.
 *
 * @param half undefined where the plan has no such context
 * @param exact tokens of the longest by the server's own tokenizer, undefined where it has none
 */
export function judgeWhole(
  short: Measured,
  half: Measured | undefined,
  longest: Measured,
  exact: number | undefined,
): Judged {
  if (short.tokens === null || longest.tokens === null) return noCounts;
  const cut = (expected: number): Judged => ({
    outcome: 'fail',
    what: `the longest prompt arrived with ${longest.tokens} tokens; about ${Math.round(expected)} were sent`,
    remedy:
      'raise the server’s context above the longest prompt and its answer, and turn off whatever shortens or drops messages',
  });
  // Where tokenizer and answer disagree upwards, as with templates of their own, nothing is missing.
  if (exact !== undefined && longest.tokens < 0.9 * exact) return cut(exact);
  const least = short.tokens + (longest.characters - short.characters) / mostCharactersPerToken;
  if (longest.tokens < least) return cut(least);
  if (half !== undefined && half.tokens !== null && half.characters > short.characters) {
    const rate = (half.tokens - short.tokens) / (half.characters - short.characters);
    const expected = rate * (longest.characters - half.characters);
    if (longest.tokens - half.tokens < leastGrowth * expected) return cut(half.tokens + expected);
  }
  return {
    outcome: 'ok',
    what: `the longest prompt arrived whole, with ${longest.tokens} tokens`,
    remedy: '',
  };
}

/** Each turn brings its template's marks: at least this many tokens more than its words in one message. */
const marksPerTurn = 1;

/**
 * Whether turns stay apart, by the tokens of one text as `turns` turns and as a single one.
 */
export function judgeTurns(apart: Measured, joined: Measured, turns: number): Judged {
  if (apart.tokens === null || joined.tokens === null) return noCounts;
  const more = apart.tokens - joined.tokens;
  return more >= (turns - 1) * marksPerTurn
    ? { outcome: 'ok', what: `${turns} turns have ${compared(more)} than their text in one`, remedy: '' }
    : {
        outcome: 'fail',
        what: `${turns} turns have ${compared(more)} than their text in one: they are merged or dropped`,
        remedy: 'serve the model with its own chat template, and no proxy that rewrites messages in between',
      };
}

/** @example compared(-8) // '8 tokens fewer' */
function compared(more: number): string {
  return `${Math.abs(more)} ${Math.abs(more) === 1 ? 'token' : 'tokens'} ${more < 0 ? 'fewer' : 'more'}`;
}

/** Whether system messages arrive, by the tokens of a prompt with a short one and with a longer one. */
export function judgeSystem(short: Measured, longer: Measured): Judged {
  if (short.tokens === null || longer.tokens === null) return noCounts;
  const least = (longer.characters - short.characters) / mostCharactersPerToken;
  return longer.tokens - short.tokens >= least
    ? { outcome: 'ok', what: 'system messages arrive', remedy: '' }
    : {
        outcome: 'fail',
        what: 'a longer system message has no more tokens: it is dropped or cut',
        remedy: systemRemedy,
      };
}

export const systemRemedy =
  'serve the model with a chat template that takes system messages; or leave out of the policy what sends them: sampling.systemPrompt, sweeps.systemPrompts and the carriers system, memory, script and guidance';

/**
 * Whether the longest prompt and its answer fit.
 *
 * @param longest tokens of the longest prompt of the plan; `exact` by the server's own count
 * @param contextLength tokens of one request; null where the server does not say
 */
export function judgeContext(input: {
  readonly longest: number;
  readonly exact: boolean;
  readonly answer: number;
  readonly contextLength: number | null;
}): Judged {
  const { longest, exact, answer, contextLength } = input;
  const needed = `the longest prompt has ${exact ? '' : 'about '}${longest} tokens, its answer up to ${answer}`;
  if (contextLength === null) {
    return { outcome: 'note', what: `${needed}; the server does not say how much it holds`, remedy: '' };
  }
  // Written so that NaN does not fit.
  if (longest + answer <= contextLength) {
    return { outcome: 'ok', what: `${needed}; the context holds ${contextLength}`, remedy: '' };
  }
  return {
    outcome: exact ? 'fail' : 'warn',
    what: `${needed}; the context holds ${contextLength}`,
    remedy: 'serve the model with a longer context, or plan fewer demonstrations',
  };
}

/** Whether the tokenizer counts as the server does. */
export function judgeTokenizer(counted: number, told: number | null): Judged | undefined {
  if (told === null) return undefined;
  const apart = Math.abs(counted - told);
  return apart <= Math.max(8, 0.02 * told)
    ? { outcome: 'ok', what: `tokenizer and answer count the longest prompt alike (${told})`, remedy: '' }
    : {
        outcome: 'warn',
        what: `the tokenizer counts ${counted} tokens of the longest prompt, the answer ${told}`,
        remedy: 'leave room in the budget’s token caps: planned costs are off by as much',
      };
}
