/**
 * The report's style sheet: system fonts, light and dark by the reader's own setting, printable. Colours keep a contrast
 * of at least 4.5 to 1 for text and 3 to 1 for marks; the series colours are also told apart by their marks.
 */
export const styleSheet = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #d5dae0;
  --fail: #b42318; --inconclusive: #8a5300; --pass: #18703a; --notPlanned: #57606a; --band: #eef1f4;
  --s0: #0b62b8; --s1: #b8430a; --s2: #18703a; --s3: #7d3bb5; --s4: #7a5b00; --s5: #ad1f63; }
@media (prefers-color-scheme: dark) { :root { --page: #0e1116; --card: #161b22; --ink: #e8ecf1; --soft: #a0aab6;
  --line: #343c47; --fail: #ff8378; --inconclusive: #f0b04a; --pass: #5fce83; --notPlanned: #a0aab6; --band: #1f262f;
  --s0: #6cb2ff; --s1: #ff9d62; --s2: #5fce83; --s3: #c79bf5; --s4: #e0c04c; --s5: #ff8fbd; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI",
  "Helvetica Neue", "Liberation Sans", Arial, sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 70rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.5rem; }
.verdict { background: var(--card); border: 1px solid var(--line); border-left: .5rem solid var(--tone);
  border-radius: .5rem; padding: 1.25rem 1.5rem; }
.kicker { margin: 0; color: var(--tone); font-weight: 700; font-size: 1.05rem; }
h1 { font-size: 1.6rem; line-height: 1.3; margin: .25rem 0 .5rem; }
h2 { font-size: 1.2rem; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
.verdict p { max-width: none; }
.warning { color: var(--inconclusive); font-weight: 650; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1.25rem 1.5rem;
  margin: 1rem 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .75rem; margin: 1rem 0 0;
  padding: 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
.figures dt { color: var(--soft); font-size: .875rem; line-height: 1.3; }
@media (min-width: 60rem) { .figures dt { min-height: 2.6em; } }
.figures dd { margin: 0; font-size: 1.35rem; font-weight: 650; }
.figures dd small { display: block; font-size: .875rem; font-weight: 400; color: var(--soft); }
section dl { display: grid; gap: 0; margin: 0; }
section dl div { display: grid; grid-template-columns: 14rem 1fr; gap: 1rem; padding: .4rem 0;
  border-bottom: 1px solid var(--line); }
section dl div:last-child { border-bottom: 0; }
section dt { color: var(--soft); }
section dd { margin: 0; }
ul { margin: .5rem 0; padding-left: 1.25rem; }
li { margin: .35rem 0; }
.scroll { overflow-x: auto; }
.sideways { display: none; color: var(--soft); font-size: .875rem; }
.scroll:focus-visible { outline: 2px solid var(--s0); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .925rem; overflow-wrap: normal; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding-bottom: .5rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .6rem; border-bottom: 1px solid var(--line); }
thead th { background: var(--band); white-space: nowrap; }
tbody th { font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.figure { white-space: nowrap; font-variant-numeric: tabular-nums; }
.figure small, td small, th small { color: var(--soft); font-weight: 400; font-size: .92em; }
td small, th small { display: block; }
.outcome { white-space: nowrap; font-weight: 650; }
.fail { --tone: var(--fail); } .inconclusive { --tone: var(--inconclusive); }
.pass { --tone: var(--pass); } .notPlanned { --tone: var(--notPlanned); }
.outcome { color: var(--tone); }
code { font: .875em ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  background: var(--band); border-radius: .25rem; padding: .1em .35em; unicode-bidi: isolate; }
.digest { overflow-wrap: anywhere; }
svg { display: block; max-width: 100%; height: auto; font: 13px system-ui, "Liberation Sans", sans-serif; }
.plot { width: 48rem; min-width: 34rem; }
.gauge { width: 8.5rem; min-width: 8.5rem; height: 1.5rem; }
svg text { fill: var(--ink); } svg .soft { fill: var(--soft); }
svg .grid { stroke: var(--line); } svg .axis { stroke: var(--soft); }
svg .zero { stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 5 4; }
svg .limit { stroke: var(--ink); stroke-width: 2; }
svg .whisker, svg .path { fill: none; stroke: var(--tone); stroke-width: 2; }
svg .thin { stroke: var(--tone); stroke-width: 1; }
svg .before .path { stroke-width: 1.5; stroke-dasharray: 4 3; } svg .before .mark { fill: var(--card); stroke: var(--tone); stroke-width: 1.5; }
svg .mark { fill: var(--tone); stroke: var(--card); stroke-width: 1; }
.s0 { --tone: var(--s0); } .s1 { --tone: var(--s1); } .s2 { --tone: var(--s2); }
.s3 { --tone: var(--s3); } .s4 { --tone: var(--s4); } .s5 { --tone: var(--s5); }
td .cell { display: block; padding: .3rem .5rem; border-radius: .25rem;
  background: color-mix(in srgb, var(--s1) var(--shade), var(--card)); }
td .cell small { color: inherit; }
.h0 { --shade: 0%; } .h1 { --shade: 5%; } .h2 { --shade: 10%; } .h3 { --shade: 15%; } .h4 { --shade: 20%; }
.h5 { --shade: 25%; } .h6 { --shade: 30%; } .h7 { --shade: 35%; } .h8 { --shade: 40%; } .h9 { --shade: 45%; }
footer { color: var(--soft); font-size: .875rem; padding-bottom: 2rem; }
@media (max-width: 40rem) { header, main, footer { padding: 0 .75rem; } header { padding-top: .75rem; }
  section, .verdict { padding: 1rem; } h1 { font-size: 1.3rem; }
  section dl div { grid-template-columns: 1fr; gap: 0; } th, td { padding: .5rem .35rem; }
  .sideways { display: block; position: sticky; left: 0; }
  tbody th code { overflow-wrap: anywhere; } thead th { white-space: normal; } }
@media print { :root { color-scheme: light; --page: #ffffff; --card: #ffffff; --ink: #000000; --soft: #444444;
  --line: #bbbbbb; --band: #eeeeee; --fail: #b42318; --inconclusive: #8a5300; --pass: #18703a; --notPlanned: #444444;
  --s0: #0b62b8; --s1: #b8430a; --s2: #18703a; --s3: #7d3bb5; --s4: #7a5b00; --s5: #ad1f63; }
  body { font-size: 10pt; } section { border: 0; padding: 0; margin: 1.5rem 0; } tr, svg, li { break-inside: avoid; }
  h2, h3, section > p { break-after: avoid; } .figures { grid-template-columns: repeat(4, 1fr); } .figures dd { font-size: 1.1rem; }
  h1 { font-size: 1.2rem; } .scroll { overflow: visible; } .plot { min-width: 0; } .sideways { display: none; }
  .gauge { width: 6rem; min-width: 0; } table { font-size: 7.5pt; } th, td { padding: .25rem; overflow-wrap: anywhere; }
  thead th, .figure { white-space: normal; } thead th { overflow-wrap: normal; } td .cell { padding: .1rem; } }
`;
