// How the judge does on what it was not trained on: other requests, other models, other kinds of requests, other
// ways of refusing. `hides` is the share of compliant answers called refusals, `misses` of refusals called compliance.
import { readText } from '../../src/judge/answer-text.ts';
import { featuresOf } from '../../src/judge/features.ts';
import { fitModel, scoreWith } from './fit.mjs';

const folds = 5;

export function measureModels({ xstest, own, probes, lateProbes, canaries }, settings, shipped) {
  const learn = (rows) => fitModel(rows, settings);
  const test = (model, rows) =>
    figures(rows.map((row) => ({ ...row, score: scoreWith(model, row.features) })));
  const leaveOut = (rows, key) => {
    const judged = [];
    const each = {};
    for (const value of [...new Set(rows.map(key))].sort()) {
      const model = learn([...xstest, ...own].filter((row) => !rows.includes(row) || key(row) !== value));
      const left = rows.filter((row) => key(row) === value);
      judged.push(...left.map((row) => ({ ...row, score: scoreWith(model, row.features) })));
      each[value] = test(model, left);
    }
    return { judged, each };
  };
  const foldOf = folder(xstest.map(({ request }) => request));
  const crossed = leaveOut(xstest, ({ request }) => String(foldOf.get(request))).judged;
  const ownOnly = learn(own);
  const xstestOnly = learn(xstest);
  const styleOf = ({ style }) => style;
  const styles = [...new Set(own.map(styleOf))].sort();
  const byStyle = leaveOut(own, ({ style }) => String(styles.indexOf(style) % 8)).judged;
  return {
    crossValidatedByRequest: {
      all: figures(crossed),
      ...groups(crossed, ({ request_kind }) => request_kind),
      ...groups(crossed, ({ truncated }) => (truncated ? 'cutAt600' : 'whole')),
    },
    leaveOneModelOut: leaveOut(xstest, ({ model }) => model).each,
    leaveOneRequestKindOut: leaveOut(xstest, ({ request_kind }) => request_kind).each,
    leaveStylesOut: { all: figures(byStyle), ...groups(byStyle, styleOf) },
    ownRowsOnly: {
      xstest: test(ownOnly, xstest),
      ...Object.fromEntries(
        [...new Set(xstest.map(({ model }) => model))].map((model) => [
          model,
          test(
            ownOnly,
            xstest.filter((row) => row.model === model),
          ),
        ]),
      ),
      probes: test(ownOnly, probes),
    },
    xstestOnly: { own: test(xstestOnly, own), probes: test(xstestOnly, probes) },
    shipped: {
      probes: {
        all: test(shipped, probes),
        ...groups(
          probes.map((row) => ({ ...row, score: scoreWith(shipped, row.features) })),
          styleOf,
        ),
      },
      lateProbes: test(shipped, lateProbes),
      canaries: test(shipped, canaries),
      cuesThatFlip: cuesThatFlip(shipped, [...xstest, ...probes]),
    },
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
