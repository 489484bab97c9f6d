import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepReceipt, readLastReceipt } from '../../src/publish/receipts-branch.ts';
import { buildReceipt } from '../../src/receipt/build.ts';
import { canonicalJson } from '../../src/receipt/digest.ts';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { failReceipt, passReceipt } from '../report/sample-receipts.ts';
import { type GithubServer, noPermission, startGithub } from './github-server.ts';
import { buildClient } from './publishing.ts';

let github: GithubServer;
const at = { repository: 'acme/models', branch: 'receipts' };

beforeEach(async () => {
  github = await startGithub();
});
afterEach(async () => {
  expect(github.problems).toEqual([]);
  await github.close();
});

const client = () => buildClient({ apiUrl: github.url, sleeps: [] });
const intact = ({ evidence, run }: Receipt) => buildReceipt(evidence, run);
const runOf = (receipt: Receipt, policyName = 'standard') => ({
  policyName,
  receipt,
  receiptText: `${canonicalJson(receipt)}\n`,
  ledgerText: '{"trial":1}\n',
});
const keep = (receipt: Receipt, policyName?: string) =>
  keepReceipt(client(), { ...at, sleep: async () => {} }, runOf(receipt, policyName));
const pass = intact(passReceipt());
const fail = intact(failReceipt());

describe('the branch of receipts', () => {
  it('begins with the first run, and grows by one commit a run', async () => {
    const first = await keep(pass);
    expect(await readLastReceipt(client(), at, 'standard')).toEqual(pass);
    const second = await keep(fail);
    expect(github.git.commits.get(first)?.parents).toEqual([]);
    expect(github.git.commits.get(second)?.parents).toEqual([first]);
    expect(await readLastReceipt(client(), at, 'standard')).toEqual(fail);
    const folder = `standard/${pass.evidence.asOf.slice(0, 10)}-${pass.digest.slice(0, 16)}`;
    expect(github.git.read('receipts', `${folder}/receipt.json`)).toBe(`${canonicalJson(pass)}\n`);
    expect(github.git.read('receipts', `${folder}/ledger.jsonl`)).toBe('{"trial":1}\n');
  });

  it('keeps policies apart, and a policy’s name in its folder', async () => {
    await keep(pass, 'quick');
    await keep(fail, '../../main');
    expect(await readLastReceipt(client(), at, 'quick')).toEqual(pass);
    expect(github.git.read('receipts', '..-..-main/latest.json')).toContain(fail.digest);
    expect(await readLastReceipt(client(), at, 'standard')).toBeNull();
  });

  it('loses none of several runs at once', async () => {
    await keep(pass);
    const names = ['a', 'b', 'c', 'd'];
    await Promise.all(names.map((name) => keep(fail, name)));
    for (const name of names) expect(await readLastReceipt(client(), at, name)).toEqual(fail);
  });

  it.each([409, 422])('builds on what moved the branch meanwhile (%i)', async (status) => {
    await keep(pass);
    github.faults.push({ method: 'PATCH', path: /git\/refs/, times: 2, answer: { status, body: {} } });
    await keep(fail);
    expect(await readLastReceipt(client(), at, 'standard')).toEqual(fail);
  });

  it('never forces, and gives up after six tries', async () => {
    await keep(pass);
    github.faults.push({ method: 'PATCH', path: /git\/refs/, answer: { status: 422, body: {} } });
    await expect(keep(fail)).rejects.toMatchObject({ status: 422 });
    expect(github.requests.filter((line) => line.startsWith('PATCH'))).toHaveLength(6);
    expect(await readLastReceipt(client(), at, 'standard')).toEqual(pass);
  });

  it('says that it may not write, at once', async () => {
    github.faults.push({ method: 'POST', path: /git\/trees/, answer: noPermission });
    await expect(keep(pass)).rejects.toMatchObject({ status: 403 });
  });

  it('is not believed where a kept receipt was changed', async () => {
    const changed = { ...runOf(pass), receiptText: `${canonicalJson({ ...pass, digest: fail.digest })}\n` };
    await keepReceipt(client(), { ...at, sleep: async () => {} }, changed);
    await expect(readLastReceipt(client(), at, 'standard')).rejects.toMatchObject({
      code: 'RECEIPT_CHANGED',
    });
  });
});
