import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/errors.ts';
import { type SourceFormat, sourceFormats } from '../../../src/config/suite-policy.ts';
import { layoutOf, layouts, recognizeLayout } from '../../../src/suite/loaders/layouts.ts';
import { parseControlQueries, parsePool, parseQueries } from '../../../src/suite/source-file.ts';
import { sampleFiles } from './sample-files.ts';

function errorOf(work: () => unknown): ConfigError {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('expected a ConfigError, got none');
}
const remedyOf = (error: ConfigError) => error.complaints[0]?.remedy ?? '';

describe('the published layouts', () => {
  it('each have a description, and a sample here', () => {
    const published = sourceFormats.filter((format) => format !== 'mixgate');
    expect(layouts.map(({ format }) => format)).toEqual(published);
    expect([...new Set(sampleFiles.map(({ format }) => format))]).toEqual(published);
    for (const format of published) expect(layoutOf(format).format).toBe(format);
  });

  for (const { format, file, text, queries, controlQueries, demonstrations } of sampleFiles) {
    const bytes = Buffer.from(text);

    it(`${format} (${file}) gives evaluation and control queries`, () => {
      expect(parseQueries(bytes, file, format).rows).toEqual(queries);
      expect(parseControlQueries(bytes, file, format).rows).toEqual(controlQueries);
    });

    it(`${format} (${file}) ${demonstrations ? 'gives demonstrations' : 'is refused as a pool, with the reason'}`, () => {
      if (demonstrations !== undefined) {
        expect(parsePool(bytes, file, format).rows).toMatchObject(demonstrations);
        return;
      }
      const error = errorOf(() => parsePool(bytes, file, format));
      expect(error.code).toBe('POOL_WITHOUT_RESPONSES');
      expect(error.message).toContain(layouts.find((one) => one.format === format)?.title);
      expect(remedyOf(error)).toContain('responses come from your own file');
    });

    it(`${format} (${file}) is recognised where no format is named`, () => {
      const error = errorOf(() => parseQueries(bytes, file));
      expect(error.code).toBe('FORMAT_UNDECLARED');
      expect(remedyOf(error)).toContain(`add format: ${format}`);
      expect(errorOf(() => parsePool(bytes, file)).code).toBe(
        demonstrations === undefined ? 'POOL_WITHOUT_RESPONSES' : 'FORMAT_UNDECLARED',
      );
    });

    it(`${format} (${file}) under another format names the right one`, () => {
      const other: SourceFormat = format === 'redteam-2k' ? 'harmbench' : 'redteam-2k';
      const error = errorOf(() => parseQueries(bytes, file, other));
      expect(error.code).toBe('FORMAT_MISMATCH');
      expect(remedyOf(error)).toBe(`write format: ${format}`);
    });
  }

  it('category and origin come along into a pool', () => {
    const text =
      'prompt,response,prompt_harm_label,response_refusal_label,subcategory\nA?,B.,harmful,compliance,x\n';
    expect(parsePool(Buffer.from(text), 'w.csv', 'wildguardtest').rows).toMatchObject([
      { id: 'wildguardtest-1', request: 'A?', response: 'B.', category: 'x' },
    ]);
  });

  it('a dialogue whose first request has no answer is no demonstration', () => {
    const text = JSON.stringify({ prompt_id: 'a', messages: [{ role: 'user', content: 'Hello?' }] });
    const error = errorOf(() => parsePool(Buffer.from(text), 'u.jsonl', 'ultrachat'));
    expect(error.code).toBe('POOL_INVALID');
    expect(error.message).toBe('u.jsonl:1 response: expected a text that is not empty, got nothing');
  });

  it('ids of rows without one do not depend on what a filter leaves out', () => {
    const rows = [
      { prompt: 'A?', prompt_harm_label: 'unharmful' },
      { prompt: 'B?', prompt_harm_label: 'harmful' },
    ];
    const bytes = Buffer.from(JSON.stringify(rows));
    expect(parseQueries(bytes, 'w.json', 'wildguardtest').rows[0]?.id).toBe('wildguardtest-2');
  });

  it('a file without the meant rows says which rows are meant', () => {
    const text = JSON.stringify([{ prompt: 'A?', prompt_harm_label: 'unharmful' }]);
    const error = errorOf(() => parseQueries(Buffer.from(text), 'w.json', 'wildguardtest'));
    expect(error.message).toBe(
      'w.json: expected at least one row in which prompt_harm_label is "harmful", got 1 row, none of them so',
    );
  });

  it('mixgate’s own rows pass whatever other columns they have', () => {
    const text = 'id,request,goal,target\n1,Name a colour.,x,y\n';
    expect(parseQueries(Buffer.from(text), 'own.csv').rows).toEqual([{ id: '1', request: 'Name a colour.' }]);
  });

  it('a list of requests in mixgate’s layout is refused as a pool, with the reason', () => {
    const error = errorOf(() => parsePool(Buffer.from('id,request\n1,Name a colour.\n'), 'own.csv'));
    expect(error.code).toBe('POOL_WITHOUT_RESPONSES');
  });

  it('a CSV without its header is a mismatch that does not quote its first row', () => {
    const error = errorOf(() =>
      parseQueries(Buffer.from('SECRET goal,SECRET target\na,b\n'), 'h.csv', 'advbench'),
    );
    expect(error.code).toBe('FORMAT_MISMATCH');
    expect(JSON.stringify(error.complaints)).not.toContain('SECRET');
  });

  it('columns of OR-Bench among others are no OR-Bench', () => {
    expect(recognizeLayout(['prompt', 'category'])?.format).toBe('or-bench');
    expect(recognizeLayout(['prompt', 'category', 'answer'])).toBeUndefined();
  });
});
