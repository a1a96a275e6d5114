import { expect, test } from 'vitest';
import type { PoisonedMessage, PoisonedStore } from '../../shared/app/ports/poisoned-store.ts';
import type { ProjectName } from '../../shared/domain/names.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { at, projectName, routineName } from '../builders.ts';

const poisonedAt = at('2026-01-01T00:00:00.123Z');
const runIdAt = (second: number) => dispatchRunId(new Date(second * 1000), 'a'.repeat(20));

/** What every poison store does. It is empty at the beginning of each test. */
export const poisonStoreSuite = (create: () => Promise<PoisonedStore>): void => {
  const mine = projectName('a');
  const other = projectName('a-b');
  const message = (over: Partial<PoisonedMessage> = {}): PoisonedMessage => ({
    ...{ queue: 'delivery', body: '{"kind":"fire"}', reason: 'It ended its process.', poisonedAt },
    ...over,
  });
  const ofRun = (project: ProjectName, second: number, over: Partial<PoisonedMessage> = {}) =>
    message({ of: { project, routine: routineName('r'), runId: runIdAt(second) }, ...over });
  const listAll = async (store: PoisonedStore, limit = 100) => {
    const found: PoisonedMessage[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await store.list({ limit, after });
      expect(page.length).toBeLessThanOrEqual(limit);
      found.push(...page.map(({ id: _, ...kept }) => kept));
      after = page.at(-1)?.id;
      if (after === undefined) return found;
    }
  };

  test('a message comes back whole, of a run, of a routine or of neither', async () => {
    const store = await create();
    const body = `x${'📈'.repeat(24_000)}"`;
    const all = [
      message({ body, reason: 'no JSON' }),
      message({ queue: 'work', of: { project: mine, routine: routineName('r') } }),
      ofRun(mine, 7),
    ];
    for (const one of all.toReversed()) await store.keep(one);
    expect(await listAll(store)).toEqual(all);
  });

  test('a message that is kept again is kept once, with what was said last', async () => {
    const store = await create();
    await store.keep(ofRun(mine, 7));
    const again = ofRun(mine, 7, { reason: 'It failed again.', poisonedAt: at('2026-01-02T00:00:00Z') });
    await store.keep(again);
    expect(await listAll(store)).toEqual([again]);
  });

  test('messages of one text are two on two queues, and of two runs', async () => {
    const store = await create();
    for (const one of [ofRun(mine, 7), ofRun(mine, 7, { queue: 'work' }), ofRun(mine, 8)]) await store.keep(one);
    expect(await store.countAll()).toBe(3);
  });

  test('a long reason is cut', async () => {
    const store = await create();
    await store.keep(message({ reason: 'x'.repeat(40_000) }));
    expect((await listAll(store))[0]?.reason).toHaveLength(1_024);
  });

  test('a reason is never cut within a character', async () => {
    const store = await create();
    await store.keep(message({ reason: `${'x'.repeat(1_023)}😀` }));
    expect((await listAll(store))[0]?.reason).toBe('x'.repeat(1_023));
  });

  test.each([1, 2, 100])('those of no project come first, then projects in order, in pages of %i', async (limit) => {
    const store = await create();
    const all = [message(), ofRun(mine, 1), ofRun(mine, 2), ofRun(other, 1)];
    for (const one of all.toReversed()) await store.keep(one);
    expect(await listAll(store, limit)).toEqual(all);
  });

  test('a project counts its messages, and those of no project beside them', async () => {
    const store = await create();
    for (const one of [message(), message({ body: 'x' }), ofRun(mine, 1), ofRun(other, 1), ofRun(other, 2)])
      await store.keep(one);
    expect(await store.count(mine)).toEqual({ ofProject: 1, unattributed: 2 });
    expect(await store.count(other)).toEqual({ ofProject: 2, unattributed: 2 });
    expect(await store.count(projectName('none'))).toEqual({ ofProject: 0, unattributed: 2 });
    expect(await store.countAll()).toBe(5);
  });

  test('one is removed by its id, once or twice, and no other', async () => {
    const store = await create();
    await store.keep(ofRun(mine, 1));
    await store.keep(ofRun(mine, 2));
    const [first] = await store.list({ limit: 1 });
    await store.remove(first?.id ?? '');
    await store.remove(first?.id ?? '');
    expect(await listAll(store)).toEqual([ofRun(mine, 2)]);
  });

  test('all of a run are removed, and none of another', async () => {
    const store = await create();
    const others = [ofRun(mine, 2), ofRun(other, 1)];
    for (const one of [ofRun(mine, 1), ofRun(mine, 1, { body: 'woken' }), ...others]) await store.keep(one);
    await store.removeOfRun(mine, runIdAt(1));
    await store.removeOfRun(mine, runIdAt(3));
    expect(await listAll(store)).toEqual(others);
  });
};
