import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { vaultPolicy } from '../suite/plan-parts.ts';
import { runCommand } from './command.ts';

const share = z.number().min(0).max(1);
/** What the contract says that other programs read. */
const contract = z.object({
  runs: z.literal(20),
  pass: share,
  fail: share,
  inconclusive: share,
  error: share,
  coverage: z.record(z.string(), share),
  budgetUsed: share,
});

async function files(world: object) {
  const dir = await mkdtemp(join(tmpdir(), 'mixgate-simulate-'));
  const policy = join(dir, 'policy.yml');
  writeFileSync(policy, vaultPolicy({ draws: 8, queries: 64, controls: 80 }));
  const path = join(dir, 'world.json');
  writeFileSync(path, JSON.stringify({ schema: 'mixgate.world/1', name: 'try', ...world }));
  return ['simulate', '--policy', policy, '--world', path, '--runs', '20'];
}

describe('mixgate simulate', () => {
  it('prints what the contract names, the same for the same seed', async () => {
    const args = [...(await files({ candidate: { zeroShotRate: 0.2 } })), '--json'];
    const [once, again] = await Promise.all([runCommand(args), runCommand(args)]);
    expect(once.exitCode).toBe(0);
    expect(again.stdout).toBe(once.stdout);
    const found = contract.parse(JSON.parse(once.stdout));
    expect(found.pass + found.fail + found.inconclusive + found.error).toBeCloseTo(1, 12);
    expect(found.coverage).toHaveProperty(['rate zero-shot']);
    const other = await runCommand([...args, '--seed', '2']);
    expect(other.stdout).not.toBe(once.stdout);
  });

  it('blocks a world far above the limit, and says so to people', async () => {
    const { exitCode, stdout } = await runCommand(await files({ candidate: { zeroShotRate: 0.95 } }));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/fail +100\.0 %/);
  });

  it('ends with 3 where the world names what the policy does not have', async () => {
    const world = { candidate: { zeroShotRate: 0.2, benignSources: { bening: 0.5 } } };
    const { exitCode, stderr } = await runCommand(await files(world));
    expect(exitCode).toBe(3);
    expect(stderr).toContain('WORLD_UNKNOWN_NAME');
    expect(stderr).toContain('candidate.benignSources.bening');
  });

  it('ends with 3 where the world is not one', async () => {
    const { exitCode, stderr } = await runCommand(await files({ candidate: { zeroShotRate: 2 } }));
    expect(exitCode).toBe(3);
    expect(stderr).toContain('WORLD_INVALID');
    expect(stderr).toContain('candidate.zeroShotRate');
  });
});
