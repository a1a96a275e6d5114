import { busyTable } from '../../shared/agents/busy-answer.ts';

const quoted = (names: readonly (string | number)[]): string => names.map((name) => `\`${name}\``).join(', ');

/** The table as docs/agents.md shows it. */
export const toBusyMarkdown = (): string =>
  [
    '| status | busy |',
    '|---|---|',
    `| ${busyTable.always.join(', ')} | always |`,
    `| ${busyTable.perhaps.join(', ')} | with one of the headers ${quoted(busyTable.headers)} |`,
    '| | with one of the codes below |',
    ...busyTable.texts.map(({ says }) => `| | with a message like: ${says} |`),
    '',
    `Codes: ${quoted(busyTable.codes)}.`,
  ].join('\n');
