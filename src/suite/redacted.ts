import { ConfigError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';

/** Names of the policy's sources that hold placeholders instead of text. */
export interface RedactedSources {
  readonly demonstrations: readonly string[];
  readonly queries: readonly string[];
}

/** Which sources the policy marks `redacted`: what they stand for was not shown, or not asked. */
export function redactedSources({ suite }: Policy): RedactedSources {
  const names = (sources: readonly { readonly name: string; readonly redacted: boolean }[]) =>
    sources.filter(({ redacted }) => redacted).map(({ name }) => name);
  return {
    demonstrations: names([...suite.harmfulDemonstrations, ...suite.benignDemonstrations]),
    queries: names([...suite.queries, ...suite.controlQueries]),
  };
}

/** What a user should know before a dry run costs anything; undefined where every source is real. */
export function dryRunNote(policy: Policy): string | undefined {
  const { demonstrations, queries } = redactedSources(policy);
  const names = [...queries, ...demonstrations];
  if (names.length === 0) return undefined;
  return `a dry run: placeholders stand for ${names.join(', ')}, so the verdict cannot be a pass`;
}

/** How the shipped placeholders begin; also what people write who blank a row by hand. */
const placeholder = /^\s*\[redacted\b/i;

/**
 * Placeholders that nobody marked would be judged as if they were harmful requests, and their harmlessness would
 * read as a pass.
 *
 * @throws ConfigError SOURCE_REDACTED where a source that is not marked holds a placeholder
 */
export function refuseUnmarkedPlaceholders(
  source: { readonly name: string; readonly location: string; readonly redacted: boolean },
  rows: readonly { readonly id: string; readonly request: string; readonly response?: string }[],
): void {
  if (source.redacted) return;
  const found = rows.filter(({ request, response }) => [request, response].some(isPlaceholder)).length;
  if (found === 0) return;
  throw new ConfigError({
    code: 'SOURCE_REDACTED',
    where: `${source.location} (${source.name})`,
    expected: 'requests and responses, or redacted: true beside its name',
    got: `${found} of ${rows.length} rows with placeholders ("[redacted …")`,
    remedy: 'name the file that holds the text, or mark the source redacted: true for a dry run',
  });
}

/** A text that stands for one that is not here. */
export function isPlaceholder(text: string | undefined): boolean {
  return text !== undefined && placeholder.test(text);
}
