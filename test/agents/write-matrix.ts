import { readFileSync, writeFileSync } from 'node:fs';
import { toMarkdown } from './matrix.ts';

// Run this after a change of the rows: docs/agents.md shows them.
const page = new URL('../../docs/agents.md', import.meta.url);
const table = /^\| an agent that … .*\n(?:\|.*\n)*/m;
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(table, () => `${toMarkdown()}\n`),
);
