import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GateChanges } from '../../src/publish/gate-changes.ts';
import { renderNotes, withNotes } from '../../src/publish/notes.ts';
import { hostileText } from '../report/hostile-text.ts';

const policy = { kind: 'same' } as const;
const trusted = (changes: GateChanges) => ({
  commit: 'b'.repeat(40),
  changes,
  workflow: null,
  preview: null,
  baseline: null,
});

describe('the notes below a verdict', () => {
  it('are none where there is nothing to say', () => {
    expect(renderNotes({ trusted: trusted({ files: [], policy }), waiver: null })).toBe('');
    expect(withNotes('## pass\n\nrest\n', '')).toBe('## pass\n\nrest\n');
  });

  it('stand below the first paragraph, so that the first line stays the verdict', () => {
    expect(withNotes('## pass\n\nrest\n', 'notes')).toBe('## pass\n\nnotes\n\nrest\n');
    expect(withNotes('## pass\n', 'notes')).toBe('## pass\n\nnotes\n');
  });

  it('stay below 4,000 characters, with their end, however much changes', () => {
    const files = Array.from({ length: 500 }, (_, index) => ({
      path: `p${index}`.repeat(60),
      role: 'pool x',
      change: 'changed',
    }));
    const notes = renderNotes({
      trusted: trusted({ files, policy }),
      waiver: { kind: 'noEffect', reason: 'r'.repeat(9000) },
    });
    expect(notes.length).toBeLessThanOrEqual(4000);
    expect(notes.endsWith('<!-- /mixgate notes -->')).toBe(true);
  });

  it('let no text of a head, a waiver or an error be more than text', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const notes = renderNotes({
          trusted: {
            commit: 'b'.repeat(40),
            workflow: { path: text, role: 'workflow', change: 'changed' },
            changes: {
              files: [{ path: text, role: `pool ${text}`, change: 'changed' }],
              policy: { kind: 'unusable', reason: text },
            },
            preview: { unavailable: text },
            baseline: { now: null, proposed: { unusable: text } },
          },
          waiver: { kind: 'noEffect', reason: text },
        });
        const inside = notes.slice('<!-- mixgate notes -->'.length, -'<!-- /mixgate notes -->'.length);
        expect(inside.replaceAll(/<\/?code>/g, '')).not.toMatch(/[<>]|@\w|\n#|\]\(/);
      }),
      { numRuns: 500 },
    );
  });
});
