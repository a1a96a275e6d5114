import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const maxWords = 40;

/** Paragraphs, list items and table cells; code is left out. */
const passagesOf = (markdown: string): readonly string[] =>
  markdown
    .replace(/^```[\s\S]*?^```/gm, '')
    .split(/\n\s*\n|\n(?=\s*(?:[-*|#]|\d+\.))|(?<=^#.*)\n/m)
    .flatMap((passage) => (passage.trim().startsWith('|') ? passage.split('|') : [passage]));

const sentencesOf = (passage: string): readonly string[] =>
  passage
    .replace(/\s+/g, ' ')
    .trim()
    .split(/(?<=[.!?][)"”*]*) /);

const wordsIn = (sentence: string): number => sentence.split(' ').length;

/** Sentences with more words than a reader takes in at once. */
const tooLong = (markdown: string): readonly string[] =>
  passagesOf(markdown)
    .flatMap(sentencesOf)
    .filter((sentence) => wordsIn(sentence) > maxWords);

const documents = ['README.md', 'CHANGELOG.md', ...globSync('docs/*.md', { cwd: root })];

it.each(documents)(`%s has no sentence of more than ${maxWords} words`, (document) => {
  expect(tooLong(readFileSync(`${root}/${document}`, 'utf8'))).toEqual([]);
});

it('finds a long sentence in a paragraph, a list and a table, and none in code', () => {
  const words = (count: number): string => `${Array.from({ length: count }, () => 'word').join(' ')}.`;
  const text = [words(41), `- ${words(41)}`, `| a | ${words(41)} |`, `${words(30)} ${words(30)}`, words(40)].join(
    '\n\n',
  );
  expect(tooLong(`${text}\n\n\`\`\`sh\n${words(99)}\n\`\`\`\n`)).toHaveLength(3);
});
