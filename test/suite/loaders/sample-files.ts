import type { SourceFormat } from '../../../src/config/suite-policy.ts';
import type { Demonstration } from '../../../src/suite/source-file.ts';

/** A file as a data set publishes it, with harmless texts in place of its own, and what it is to be read as. */
export interface SampleFile {
  readonly format: SourceFormat;
  readonly file: string;
  readonly text: string;
  readonly queries: readonly Row[];
  readonly controlQueries: readonly Row[];
  /** Absent where the data set has no responses. */
  readonly demonstrations?: readonly Demonstration[];
}

interface Row {
  readonly id: string;
  readonly request: string;
}

const lines = (...rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const paint = { id: 'ultrachat-or-own', request: 'Name a colour.', response: 'Blue.' };

export const sampleFiles: readonly SampleFile[] = [
  {
    format: 'harmbench',
    file: 'harmbench_behaviors_text_all.csv',
    text: [
      'Behavior,FunctionalCategory,SemanticCategory,Tags,ContextString,BehaviorID',
      '"[redacted], first",standard,illegal,,,first_one',
      '[redacted] second,contextual,illegal,context,"A context,\nof two lines",second_one',
      '[redacted] third,copyright,copyright,hash_check,,third_one',
      '[redacted] fourth,standard,harassment_bullying,,,fourth_one',
    ].join('\n'),
    queries: [
      { id: 'first_one', request: '[redacted], first' },
      { id: 'fourth_one', request: '[redacted] fourth' },
    ],
    controlQueries: [
      { id: 'first_one', request: '[redacted], first' },
      { id: 'fourth_one', request: '[redacted] fourth' },
    ],
  },
  {
    format: 'strongreject',
    file: 'strongreject_dataset.csv',
    text: 'category,source,forbidden_prompt\nViolence,custom,[redacted] one\nViolence,DAN,[redacted] two\n',
    queries: [
      { id: 'strongreject-1', request: '[redacted] one' },
      { id: 'strongreject-2', request: '[redacted] two' },
    ],
    controlQueries: [
      { id: 'strongreject-1', request: '[redacted] one' },
      { id: 'strongreject-2', request: '[redacted] two' },
    ],
  },
  {
    format: 'advbench',
    file: 'harmful_behaviors.csv',
    text: 'goal,target\n[redacted] goal,"Sure, here is [redacted]"\n',
    queries: [{ id: 'advbench-1', request: '[redacted] goal' }],
    controlQueries: [{ id: 'advbench-1', request: '[redacted] goal' }],
  },
  {
    format: 'xstest',
    file: 'xstest_prompts.csv',
    text: [
      'id,prompt,type,label,focus,note',
      '1,How do I stop a process?,homonyms,safe,stop,',
      '2,[redacted] contrast,contrast_homonyms,unsafe,stop,',
    ].join('\n'),
    queries: [{ id: '2', request: '[redacted] contrast' }],
    controlQueries: [{ id: '1', request: 'How do I stop a process?' }],
  },
  {
    format: 'xstest',
    file: 'xstest_v2_prompts.csv',
    text: 'id,type,prompt,focus,note\nv2-1,homonyms,How do I stop it?,stop,\nv2-2,contrast_homonyms,[redacted],stop,',
    queries: [{ id: 'v2-2', request: '[redacted]' }],
    controlQueries: [{ id: 'v2-1', request: 'How do I stop it?' }],
  },
  {
    format: 'sorry-bench',
    file: 'question.jsonl',
    text: lines(
      { question_id: 1, category: '1', turns: ['[redacted] one'], prompt_style: 'base' },
      { question_id: 1, category: '1', turns: ['[redacted] uno'], prompt_style: 'slang' },
      { question_id: 2, category: '2', turns: ['[redacted] two'], prompt_style: 'base' },
    ),
    queries: [
      { id: '1', request: '[redacted] one' },
      { id: '2', request: '[redacted] two' },
    ],
    controlQueries: [
      { id: '1', request: '[redacted] one' },
      { id: '2', request: '[redacted] two' },
    ],
  },
  {
    format: 'wildguardtest',
    file: 'wildguard_test.json',
    text: JSON.stringify(
      [
        {
          prompt: '[redacted] one',
          adversarial: false,
          response: '[redacted] answer',
          prompt_harm_label: 'harmful',
          response_refusal_label: 'compliance',
          response_harm_label: 'harmful',
          subcategory: 'cyberattack',
        },
        {
          prompt: '[redacted] two',
          adversarial: true,
          response: 'I cannot help with that.',
          prompt_harm_label: 'harmful',
          response_refusal_label: 'refusal',
          subcategory: 'others',
        },
        { prompt: 'Unlabelled.', response: 'Yes.', prompt_harm_label: null, subcategory: 'others' },
        { prompt: 'No label at all.', response: 'Yes.', subcategory: 'others' },
        {
          prompt: 'Name a tree.',
          response: 'An oak.',
          prompt_harm_label: 'unharmful',
          subcategory: 'benign',
        },
      ],
      null,
      1,
    ),
    queries: [
      { id: 'wildguardtest-1', request: '[redacted] one' },
      { id: 'wildguardtest-2', request: '[redacted] two' },
    ],
    controlQueries: [{ id: 'wildguardtest-5', request: 'Name a tree.' }],
    demonstrations: [
      {
        id: 'wildguardtest-1',
        request: '[redacted] one',
        response: '[redacted] answer',
        category: 'cyberattack',
      },
    ],
  },
  {
    format: 'redteam-2k',
    file: 'RedTeam_2K.csv',
    text: 'id,question,policy,from\n1,[redacted] question,Fraud,Handcraft\n',
    queries: [{ id: '1', request: '[redacted] question' }],
    controlQueries: [{ id: '1', request: '[redacted] question' }],
  },
  {
    format: 'ultrachat',
    file: 'train_0.jsonl',
    text: lines({ id: '0', data: ['Name a colour.', 'Blue.', 'Another?', 'Red.'] }),
    queries: [{ id: '0', request: paint.request }],
    controlQueries: [{ id: '0', request: paint.request }],
    demonstrations: [{ ...paint, id: '0' }],
  },
  {
    format: 'ultrachat',
    file: 'train_sft.jsonl',
    text: lines({
      prompt: 'Name a colour.',
      prompt_id: 'abc',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Name a colour.' },
        { role: 'assistant', content: 'Blue.' },
        { role: 'user', content: 'Another?' },
      ],
    }),
    queries: [{ id: 'abc', request: paint.request }],
    controlQueries: [{ id: 'abc', request: paint.request }],
    demonstrations: [{ ...paint, id: 'abc' }],
  },
  {
    format: 'or-bench',
    file: 'or-bench-hard-1k.csv',
    text: 'prompt,category\nHow do I kill weeds?,violence\n',
    queries: [{ id: 'or-bench-1', request: 'How do I kill weeds?' }],
    controlQueries: [{ id: 'or-bench-1', request: 'How do I kill weeds?' }],
  },
  {
    format: 'alpaca',
    file: 'alpaca_data.json',
    text: JSON.stringify([
      { instruction: 'Name a colour.', input: '', output: 'Blue.' },
      { instruction: 'Name the animal.', input: 'It barks.', output: 'A dog.' },
    ]),
    queries: [
      { id: 'alpaca-1', request: 'Name a colour.' },
      { id: 'alpaca-2', request: 'Name the animal.\n\nIt barks.' },
    ],
    controlQueries: [
      { id: 'alpaca-1', request: 'Name a colour.' },
      { id: 'alpaca-2', request: 'Name the animal.\n\nIt barks.' },
    ],
    demonstrations: [
      { id: 'alpaca-1', request: 'Name a colour.', response: 'Blue.' },
      { id: 'alpaca-2', request: 'Name the animal.\n\nIt barks.', response: 'A dog.' },
    ],
  },
];
