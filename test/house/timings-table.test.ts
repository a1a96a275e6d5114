import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { unscaledTimings } from '../../shared/app/timings.ts';

/** Name and value of every timing, those of a part with the part's name before theirs. */
const rowsOf = (timings: object, part = ''): readonly string[] =>
  Object.entries(timings).flatMap(([name, value]) =>
    typeof value === 'object' && !Array.isArray(value)
      ? rowsOf(value, `${name}.`)
      : [`${part}${name}: ${Array.isArray(value) ? value.join(', ') : value}`],
  );

it('docs/architecture.md has a row for every timing, with its value', () => {
  const document = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
  const table = document.slice(document.indexOf('## Timings'), document.indexOf('## What it costs'));
  const rows = [...table.matchAll(/^\| `([\w.]+)` \| ([\d., ]+) \|/gm)].map(([, name, value]) => `${name}: ${value}`);
  expect(rows).toEqual(rowsOf(unscaledTimings));
});
