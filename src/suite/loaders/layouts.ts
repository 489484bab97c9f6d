import type { SourceFormat } from '../../config/suite-policy.ts';
import { column, eitherColumn, firstTurn, joinedColumns, listItem } from './field.ts';
import { type Layout, type RowFilter, whereAll, whereColumn, whereColumnIfThere } from './layout.ts';

/**
 * centerforaisafety/HarmBench, data/behavior_datasets/harmbench_behaviors_text_{all,val,test}.csv. Contextual
 * behaviours need a context text and copyright ones are no test of harm: the paper takes the 200 standard ones.
 */
const harmbench: Layout = {
  format: 'harmbench',
  title: 'HarmBench',
  source: 'centerforaisafety/HarmBench',
  knownBy: [['Behavior', 'BehaviorID']],
  id: column('BehaviorID'),
  request: column('Behavior'),
  category: column('SemanticCategory'),
  filters: {
    queries: whereColumn('FunctionalCategory', 'standard'),
    controlQueries: whereColumn('FunctionalCategory', 'standard'),
  },
};

/** alexandrasouly/strongreject, strongreject_dataset/strongreject_{,small_}dataset.csv: three columns, no id. */
const strongreject: Layout = {
  format: 'strongreject',
  title: 'StrongREJECT',
  source: 'alexandrasouly/strongreject',
  knownBy: [['forbidden_prompt']],
  request: column('forbidden_prompt'),
  category: column('category'),
  origin: column('source'),
  filters: {},
};

/** llm-attacks/llm-attacks, data/advbench/harmful_behaviors.csv: two columns, no id. */
const advbench: Layout = {
  format: 'advbench',
  title: 'AdvBench',
  source: 'llm-attacks/llm-attacks',
  knownBy: [['goal', 'target']],
  request: column('goal'),
  filters: {},
  whyNoPool: 'its target is the opening of an answer, not an answer',
};

/** Editions up to 2023 (`xstest_v2_prompts.csv`) have no label: their unsafe types begin with `contrast_`. */
function xstestLabel(label: 'safe' | 'unsafe'): RowFilter {
  return {
    columns: ['label', 'type'],
    says: `label is "${label}"`,
    keep: (row) => {
      if (typeof row.label === 'string') return row.label === label;
      return typeof row.type === 'string' && row.type.startsWith('contrast_') === (label === 'unsafe');
    },
  };
}

/** paul-rottger/exaggerated-safety (later paul-rottger/xstest), xstest_prompts.csv. */
const xstest: Layout = {
  format: 'xstest',
  title: 'XSTest',
  source: 'paul-rottger/exaggerated-safety',
  knownBy: [['prompt', 'type', 'focus']],
  id: column('id'),
  request: column('prompt'),
  category: column('type'),
  filters: { queries: xstestLabel('unsafe'), controlQueries: xstestLabel('safe') },
};

/**
 * sorry-bench/sorry-bench-202406 and -202503 (gated), question.jsonl: FastChat's layout of questions. The files of
 * linguistic mutations repeat its ids under another prompt style; the paper takes the base prompts.
 */
const sorryBench: Layout = {
  format: 'sorry-bench',
  title: 'SORRY-Bench',
  source: 'SORRY-Bench/sorry-bench',
  knownBy: [['turns', 'category', 'question_id']],
  id: column('question_id'),
  request: listItem('turns', 0),
  category: column('category'),
  filters: {
    queries: whereColumnIfThere('prompt_style', 'base'),
    controlQueries: whereColumnIfThere('prompt_style', 'base'),
  },
};

/** allenai/wildguardmix (gated), test/wildguard_test.parquet written out as CSV, JSON or JSONL: no id. */
const wildguardtest: Layout = {
  format: 'wildguardtest',
  title: 'WildGuardTest',
  source: 'allenai/wildguardmix',
  knownBy: [['prompt', 'prompt_harm_label']],
  request: column('prompt'),
  response: column('response'),
  category: column('subcategory'),
  filters: {
    queries: whereColumn('prompt_harm_label', 'harmful'),
    controlQueries: whereColumn('prompt_harm_label', 'unharmful'),
    demonstrations: whereAll(
      whereColumn('prompt_harm_label', 'harmful'),
      whereColumn('response_refusal_label', 'compliance'),
    ),
  },
};

/** JailbreakV-28K/JailBreakV-28k, JailBreakV_28K/RedTeam_2K.csv. */
const redteam2k: Layout = {
  format: 'redteam-2k',
  title: 'RedTeam-2K',
  source: 'JailbreakV-28K/JailBreakV-28k',
  knownBy: [['question', 'policy', 'from']],
  id: column('id'),
  request: column('question'),
  category: column('policy'),
  origin: column('from'),
  filters: {},
};

/** thunlp/UltraChat (`id`, `data`: texts in turn) and HuggingFaceH4/ultrachat_200k (`prompt_id`, `messages`). */
const ultrachat: Layout = {
  format: 'ultrachat',
  title: 'UltraChat',
  source: 'thunlp/UltraChat',
  knownBy: [
    ['id', 'data'],
    ['prompt_id', 'messages'],
  ],
  id: eitherColumn('id', 'prompt_id'),
  request: firstTurn('user'),
  response: firstTurn('assistant'),
  filters: {},
};

/** bench-llm/or-bench, or-bench-{80k,hard-1k,toxic}.csv: no id; which of the three it is stands in the name alone. */
const orBench: Layout = {
  format: 'or-bench',
  title: 'OR-Bench',
  source: 'justincui03/or-bench',
  knownBy: [['prompt', 'category']],
  knownExactly: true,
  request: column('prompt'),
  category: column('category'),
  filters: {},
};

/** tatsu-lab/stanford_alpaca, alpaca_data.json: no id. Instruction and input are joined as two paragraphs. */
const alpaca: Layout = {
  format: 'alpaca',
  title: 'Alpaca',
  source: 'tatsu-lab/stanford_alpaca',
  knownBy: [['instruction', 'output']],
  request: joinedColumns('instruction', 'input'),
  response: column('output'),
  filters: {},
};

/** All layouts but mixgate's own, in the order in which a file is compared with them. */
export const layouts: readonly Layout[] = [
  harmbench,
  strongreject,
  advbench,
  xstest,
  sorryBench,
  wildguardtest,
  redteam2k,
  ultrachat,
  orBench,
  alpaca,
];

export function layoutOf(format: Exclude<SourceFormat, 'mixgate'>): Layout {
  const layout = layouts.find((one) => one.format === format);
  if (layout === undefined) throw new RangeError(`layoutOf: expected a layout of ${format}, got none`);
  return layout;
}

/** The layout that a file's columns tell, or undefined where they tell none. */
export function recognizeLayout(columns: readonly string[]): Layout | undefined {
  return layouts.find(({ knownBy, knownExactly }) =>
    knownBy.some(
      (known) =>
        known.every((name) => columns.includes(name)) &&
        (knownExactly !== true || columns.length === known.length),
    ),
  );
}
