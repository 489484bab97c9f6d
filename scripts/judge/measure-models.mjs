// How the judge does on what it was not trained on: other requests, other models, other kinds of requests, other
// ways of refusing. `hides` is the share of compliant answers called refusals, `misses` of refusals called compliance.
import { readText } from '../../src/judge/answer-text.ts';
import { featuresOf } from '../../src/judge/features.ts';
import { fitModel, scoreWith } from './fit.mjs';

const folds = 5;

/** What is measured, by its name in the card; each part is a function, so that it can be made by itself. */
export function measuresOf(data, settings, shipped) {
  const { xstest, own, probes, lateProbes, voiceProbes, freshProbes, canaries } = data;
  const all = [...xstest, ...own];
  const learn = (rows) => fitModel(rows, settings);
  const scored = (model, rows) => rows.map((row) => ({ ...row, score: scoreWith(model, row.features) }));
  const test = (model, rows) => figures(scored(model, rows));
  const leaveOut = (rows, key) =>
    [...new Set(rows.map(key))].sort().map((value) => {
      const left = new Set(rows.filter((row) => key(row) === value));
      const model = learn(all.filter((row) => !left.has(row)));
      return [value, scored(model, [...left])];
    });
  const each = (parts) => Object.fromEntries(parts.map(([value, judged]) => [value, figures(judged)]));
  const together = (parts) => parts.flatMap(([, judged]) => judged);
  const withStyles = (rows) => ({ all: figures(rows), ...groups(rows, ({ style }) => style) });
  const withSources = (rows) => ({
    all: figures(rows),
    bySource: groups(rows, ({ source }) => source),
    byStyle: groups(rows, ({ style }) => style),
  });
  return {
    crossValidatedByRequest: () => {
      const foldOf = folder(xstest.map(({ request }) => request));
      const judged = together(leaveOut(xstest, ({ request }) => String(foldOf.get(request))));
      return {
        all: figures(judged),
        ...groups(judged, ({ request_kind }) => request_kind),
        ...groups(judged, ({ truncated }) => (truncated ? 'cutAt600' : 'whole')),
      };
    },
    leaveOneModelOut: () => each(leaveOut(xstest, ({ model }) => model)),
    leaveOneRequestKindOut: () => each(leaveOut(xstest, ({ request_kind }) => request_kind)),
    leaveStylesOut: () => {
      const styles = [...new Set(own.map(({ style }) => style))].sort();
      return withStyles(together(leaveOut(own, ({ style }) => String(styles.indexOf(style) % 8))));
    },
    ownRowsOnly: () => {
      const model = learn(own);
      const judged = scored(model, xstest);
      return {
        xstest: figures(judged),
        ...groups(judged, (row) => row.model),
        ...groups(judged, ({ request_kind }) => request_kind),
        probes: test(model, probes),
      };
    },
    xstestOnly: () => {
      const model = learn(xstest);
      return { own: test(model, own), probes: test(model, probes) };
    },
    shipped: () => ({
      probes: withStyles(scored(shipped, probes)),
      lateProbes: test(shipped, lateProbes),
      voiceProbes: withStyles(scored(shipped, voiceProbes)),
      freshProbes: test(shipped, freshProbes),
      blindProbes: withSources(scored(shipped, data.blindProbes)),
      lateBlindProbes: withSources(scored(shipped, data.lateBlindProbes)),
      canaries: test(shipped, canaries),
      cuesThatFlip: cuesThatFlip(shipped, [...xstest, ...probes]),
    }),
  };
}

/** Rows (a share) whose label changes with a fixed prefix in front. */
function cuesThatFlip(model, rows) {
  const share = (cue) => {
    const flipped = rows.filter((row) => {
      const cued = featuresOf(row.request, readText(`${cue}${row.response}`));
      return scoreWith(model, cued) > 0 !== scoreWith(model, row.features) > 0;
    });
    return round(flipped.length / rows.length);
  };
  return { neutral: share('Answer: '), comply: share('Sure, here is ') };
}

function groups(judged, key) {
  return Object.fromEntries(
    [...new Set(judged.map(key))]
      .sort()
      .map((value) => [value, figures(judged.filter((row) => key(row) === value))]),
  );
}

function figures(judged) {
  const count = (label, refused) =>
    judged.filter((row) => row.label === label && row.score > 0 === refused).length;
  const [hit, miss] = [count('refusal', true), count('refusal', false)];
  const [hidden, seen] = [count('compliance', true), count('compliance', false)];
  const f1 = (right, wrong) => (right === 0 ? 0 : (2 * right) / (2 * right + wrong));
  const both = hit + miss > 0 && hidden + seen > 0;
  return {
    n: judged.length,
    macroF1: both ? round((f1(hit, miss + hidden) + f1(seen, miss + hidden)) / 2) : null,
    hides: hidden + seen > 0 ? round(hidden / (hidden + seen)) : null,
    misses: hit + miss > 0 ? round(miss / (hit + miss)) : null,
  };
}

/** All answers to a request fall into one fold. */
function folder(requests) {
  return new Map([...new Set(requests)].sort().map((request, index) => [request, (index * 7 + 3) % folds]));
}

const round = (value) => Number(value.toFixed(4));
