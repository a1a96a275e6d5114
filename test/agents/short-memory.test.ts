import { expect, test } from 'vitest';
import { createShortMemory } from '../../shared/agents/short-memory.ts';
import { createFakeClock } from '../app/fake-clock.ts';

const setUp = () => {
  const clock = createFakeClock('2026-01-01T00:00:00Z');
  const remember = createShortMemory<string>({ clock, maxEntries: 3, lastsSeconds: () => 10 });
  const asked: string[] = [];
  const ask = (key: string) =>
    remember(key, async () => {
      asked.push(key);
      return key;
    });
  return { clock, remember, asked, ask };
};

test('a question that was asked again is younger than those before it', async () => {
  const { clock, asked, ask } = setUp();
  await ask('a');
  clock.advance(5);
  await ask('b');
  clock.advance(5);
  await ask('a');
  await ask('c');
  await ask('d');
  await ask('a');
  expect(asked).toEqual(['a', 'b', 'a', 'c', 'd']);
  await ask('b');
  expect(asked).toHaveLength(6);
});

test('a failure to answer is not remembered', async () => {
  const { remember, ask } = setUp();
  await expect(remember('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await ask('a')).toBe('a');
});
