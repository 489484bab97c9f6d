// npm run check:browser: every comment, report and comparison in a real browser. Fails on anything on the console, any
// request, any violation that axe finds, a page that scrolls sideways, or a size over its limit.
// `--out FOLDER` keeps pages and takes pictures; `--docs` renews the pictures of docs/images; `--only WORD` opens the pages
// with that word in their names; `--comment FILE` opens a comment that a run wrote, in place of all these.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findChromium, startChromium } from './browser/chromium.mjs';
import { openPage } from './browser/open-page.mjs';
import { keptComment, makePage, pages } from './browser/pages.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    docs: { type: 'boolean' },
    only: { type: 'string' },
    comment: { type: 'string' },
  },
});

const views = {
  comment: [
    { name: 'light-wide', width: 1000 },
    { name: 'dark-wide', width: 1000, scheme: 'dark' },
    { name: 'light-narrow', width: 400 },
    { name: 'dark-narrow', width: 400, scheme: 'dark' },
  ],
  page: [
    { name: 'light-wide', width: 1200 },
    { name: 'dark-wide', width: 1200, scheme: 'dark' },
    { name: 'light-narrow', width: 400 },
    { name: 'dark-narrow', width: 400, scheme: 'dark' },
    // A4 between margins of 1 cm.
    { name: 'print', width: 718, media: 'print' },
  ],
};

/** The pictures that the documents show. */
const shown = [
  'comment-light-wide',
  'comment-release-light-wide',
  'comment-release-dark-wide',
  'comment-release-light-narrow',
  'report-release-light-wide',
  'report-release-dark-narrow',
  'compare-stages-light-wide',
];
/** A run's own comment is the README's picture. */
const pictureOf = (name) => (name === 'comment-light-wide' ? 'comment.png' : `${name}.png`);
const mostShown = 1500;
const images = join(import.meta.dirname, '..', 'docs', 'images');

async function checkView(browser, { page, view, file, folder }) {
  const name = `${page.name}-${view.name}`;
  const tab = await openPage(browser, file, view);
  const isShown = values.docs === true && shown.includes(name);
  if (values.out !== undefined) writeFileSync(join(folder, `${name}.png`), await tab.shoot());
  if (isShown) writeFileSync(join(images, pictureOf(name)), await tab.shoot(mostShown));
  const over = await tab.overflow();
  const found = await tab.audit();
  await tab.close();
  return [
    ...tab.faults,
    ...(over > 0 ? [`scrolls sideways by ${over} pixels`] : []),
    ...found.map(({ id, help, at }) => `axe ${id}: ${help} (${at.join('; ')})`),
  ].map((fault) => `${name}: ${fault}`);
}

async function checkPage(browser, page, folder) {
  const { html, size } = await makePage(page);
  const file = join(folder, `${page.name}.html`);
  writeFileSync(file, html);
  const faults = size < page.most ? [] : [`${page.name}: ${size}, limit ${page.most}`];
  for (const view of views[page.kind])
    faults.push(...(await checkView(browser, { page, view, file, folder })));
  process.stdout.write(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${page.name} (${size} of ${page.most})\n`);
  return faults;
}

const chromium = findChromium();
if (chromium === undefined) {
  process.stdout.write(
    'check:browser skipped: no Chromium here (apt-get install chromium, or set CHROMIUM)\n',
  );
} else {
  const folder = values.out ?? mkdtempSync(join(tmpdir(), 'mixgate-browser-'));
  mkdirSync(folder, { recursive: true });
  const all = values.comment === undefined ? pages : [keptComment(values.comment)];
  const chosen = all.filter(({ name }) => name.includes(values.only ?? ''));
  const browser = startChromium(chromium);
  const faults = [];
  try {
    for (const page of chosen) faults.push(...(await checkPage(browser, page, folder)));
  } finally {
    await browser.close();
  }
  process.stdout.write(`${[...faults, `pages: ${folder}`].join('\n')}\n`);
  process.exitCode = faults.length === 0 && chosen.length > 0 ? 0 : 1;
}
