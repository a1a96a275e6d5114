import { expect, test } from 'vitest';
import type { ThreadStore } from '../../shared/app/ports/thread-store.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { at, projectName, routineName } from '../builders.ts';

/** What every thread store does. Each test has a thread of its own. */
export const threadStoreSuite = (create: () => Promise<ThreadStore>): void => {
  const project = projectName('threads');
  const holderOf = (digit: string) => ({
    routine: routineName(`routine-${digit}`),
    runId: dispatchRunId(at('2026-01-01T00:00:00Z'), digit.repeat(20)),
  });

  test('a thread that no run had has no holder', async () => {
    expect(await (await create()).read(project, 'thread_none')).toEqual({ version: null });
  });

  test('a thread is given to one after the other, over what was read', async () => {
    const store = await create();
    const first = await store.read(project, 'thread_one');
    expect(await store.give(project, 'thread_one', { holder: holderOf('1'), over: first })).toBe(true);
    const second = await store.read(project, 'thread_one');
    expect(second.holder).toEqual(holderOf('1'));
    expect(await store.give(project, 'thread_one', { holder: holderOf('2'), over: first })).toBe(false);
    expect(await store.give(project, 'thread_one', { holder: holderOf('2'), over: second })).toBe(true);
    expect((await store.read(project, 'thread_one')).holder).toEqual(holderOf('2'));
  });

  test('of twenty that want a thread at once, one gets it', async () => {
    const store = await create();
    const over = await store.read(project, 'thread_race');
    const holders = Array.from({ length: 20 }, (_, index) => holderOf((index % 16).toString(16)));
    const given = await Promise.all(holders.map((holder) => store.give(project, 'thread_race', { holder, over })));
    expect(given.filter(Boolean)).toHaveLength(1);
  });

  test('threads of one name in two projects are two', async () => {
    const store = await create();
    const over = await store.read(project, 'thread_two');
    await store.give(project, 'thread_two', { holder: holderOf('1'), over });
    expect(await store.read(projectName('other'), 'thread_two')).toEqual({ version: null });
  });
};
