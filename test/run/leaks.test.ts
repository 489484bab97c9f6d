import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { runCommand } from '../cli/command.ts';
import { readBenign, readCanaries, readControls, readHarmful, readQueries } from '../simulate/vault-rows.ts';
import { makeFolder, readLines, wildguard, writeSmallPolicy } from './small-gate.ts';

const answerLine = z.object({ t: z.literal('answer'), text: z.string() });

/** Every file below a folder. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

it('no request, demonstration, canary or answer leaves the state directory, on paper or on the terminal', async () => {
  const server = await startScriptedServer({
    models: [{ id: 'even', rule: () => 0.5 }],
    judge: { id: 'wildguard' },
  });
  const folder = makeFolder();
  const policy = writeSmallPolicy({ ...wildguard, retention: 'text' });
  const judge = ['--judge-base-url', server.baseUrl, '--judge-model', 'wildguard'];
  const folders = ['--state-dir', join(folder, 'state'), '--out', join(folder, 'out')];
  const candidate = ['--base-url', server.baseUrl, '--model', 'even'];
  const run = await runCommand(['run', '--policy', policy, ...candidate, ...judge, ...folders]).finally(
    server.close,
  );
  expect([0, 1, 2]).toContain(run.exitCode);

  const answers = readLines(join(folder, 'state', 'journal.jsonl')).flatMap((line) => {
    const parsed = answerLine.safeParse(line);
    return parsed.success ? [parsed.data.text] : [];
  });
  expect(answers).toHaveLength(112);
  const rows = [...readHarmful(), ...readBenign(), ...readQueries(), ...readControls(), ...readCanaries()];
  const texts = new Set([
    ...answers,
    ...rows.flatMap((row) => [row.request, ...('response' in row ? [row.response] : [])]),
  ]);
  const files = filesBelow(join(folder, 'out'));
  expect(files.map((file) => file.slice(file.lastIndexOf('/') + 1)).sort()).toEqual([
    'comment.md',
    'ledger.jsonl',
    'predicate.json',
    'receipt.json',
    'report.html',
    'statement.json',
    'summary.md',
  ]);
  const public_ = [...files.map((file) => readFileSync(file, 'utf8')), run.stdout, run.stderr];
  // Markup may break a text up: letters and digits alone are compared.
  const letters = (text: string) => text.toLowerCase().replace(/&[#\w]+;|[^\p{L}\p{N}]+/gu, '');
  const shown = public_.map(letters).join('\n');
  expect([...texts].filter((text) => shown.includes(letters(text)))).toEqual([]);
});
