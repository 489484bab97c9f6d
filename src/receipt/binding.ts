import type { CandidateRecord } from '../config/candidate.ts';
import type { Policy } from '../config/policy.ts';
import type { ServedIdentity } from '../inference/served.ts';

/**
 * How the candidate's weights are tied to what was served: `measured` where the serving host's own digest of them is the
 * candidate's; `served` where the id or root that the server gives holds what the trusted policy asks for, filled from
 * the candidate file; else the candidate only says so. A head that names an old model's served name under a new digest
 * is thereby `declared`, also where the policy asks for the old checkpoint's name alone.
 */
export function bindingOf(
  { binding }: Pick<Policy, 'binding'>,
  candidate: CandidateRecord,
  served: Pick<ServedIdentity, 'model' | 'root' | 'weightsSha256'>,
): 'declared' | 'served' | 'measured' {
  const { weightsSha256 } = served;
  if (weightsSha256 !== undefined && candidate.digest?.replace(/^sha256:/, '') === weightsSha256)
    return 'measured';
  const { served: template } = binding;
  const wanted = template === undefined ? null : fillTemplate(template, candidate);
  if (template === undefined || wanted === null) return 'declared';
  const bindsDigest = template.includes('{digest');
  if (candidate.digest !== null && !bindsDigest) return 'declared';
  const holds = (name: string) => (bindsDigest ? name.includes(wanted) : holdsWhole(name, wanted));
  return [served.model, served.root].some((one) => one !== null && holds(one)) ? 'served' : 'declared';
}

/** As a whole name: `acme/m` stands neither in `acme/m2` nor in `acme/m-safe`. */
function holdsWhole(name: string, wanted: string): boolean {
  for (let at = name.indexOf(wanted); at >= 0; at = name.indexOf(wanted, at + 1)) {
    const before = name.slice(at - 1, at) + wanted.slice(0, 1);
    const after = wanted.slice(-1) + name.slice(at + wanted.length, at + wanted.length + 1);
    if (!/^[\w.+-][A-Za-z0-9]$/.test(before) && !/^[A-Za-z0-9][\w.+-]$/.test(after)) return true;
  }
  return false;
}

/** Plain text, never a regular expression; null where the candidate does not state what is asked for. */
function fillTemplate(template: string, { digest, checkpoint }: CandidateRecord): string | null {
  const hex = digest?.replace(/^sha256:/, '') ?? null;
  const values: Readonly<Record<string, string | null>> = {
    digest: hex,
    digest12: hex?.slice(0, 12) ?? null,
    checkpoint,
  };
  let missing = false;
  const filled = template.replace(/\{(digest|digest12|checkpoint)\}/g, (_, name: string) => {
    const value = values[name] ?? null;
    // One character is in every name.
    if (value === null || value.length < 4) missing = true;
    return value ?? '';
  });
  return missing ? null : filled;
}
