// npm run paper: the findings of arXiv 2606.20508, one row each: what the paper published, the truth of a world set to
// its figures or of an organism, and what one seeded run of the gate makes of it. Writes docs/paper.md and
// docs/images/paper.svg.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderFigure } from './paper/figure.mjs';
import { listOrganismFindings } from './paper/organisms.mjs';
import { renderPage } from './paper/page.mjs';
import { listWorldFindings } from './paper/worlds.mjs';

const root = join(import.meta.dirname, '..');
const worlds = listWorldFindings();
const organisms = await listOrganismFindings();
writeFileSync(join(root, 'docs', 'paper.md'), renderPage(worlds, organisms));
writeFileSync(join(root, 'docs', 'images', 'paper.svg'), renderFigure([...worlds, ...organisms]));
const held = [...worlds, ...organisms].filter(({ holds }) => holds !== undefined);
console.log(
  `docs/paper.md: ${held.length} findings, ${held.filter(({ holds }) => holds).length} intervals hold the truth`,
);
