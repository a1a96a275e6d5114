import { readFileSync, writeFileSync } from 'node:fs';
import { toBusyMarkdown } from './busy-table.ts';
import { toMarkdown } from './matrix.ts';

// Run this after a change of the rows, or of what is busy: docs/agents.md shows them.
const page = new URL('../../docs/agents.md', import.meta.url);
const table = /^\| an agent that … .*\n(?:\|.*\n)*/m;
const busy = /^\| status \| busy \|\n(?:\|.*\n)*\nCodes: .*\n/m;
writeFileSync(
  page,
  readFileSync(page, 'utf8')
    .replace(table, () => `${toMarkdown()}\n`)
    .replace(busy, () => `${toBusyMarkdown()}\n`),
);
