import { describe, expect, test } from 'vitest';
import type { UnreadableRow } from '../../shared/app/ports/schedule-store.ts';
import { dueKey, shardOf } from '../../shared/storage/tables/schedule-row.ts';
import { createScheduleStore } from '../../shared/storage/tables/schedule-store.ts';
import { aSchedule, at, projectName, routineName, triggerName } from '../builders.ts';
import { createMemoryScheduleStore } from '../memory/schedule-store.ts';
import { dueSlotsOf, scheduleStoreSuite } from './schedule-store-suite.ts';
import { createTestStorage } from './test-storage.ts';

const storage = await createTestStorage();
const store = createScheduleStore(storage);

describe('in memory', () => scheduleStoreSuite(async () => createMemoryScheduleStore()));
describe('on Table Storage', () => {
  test('there is no heartbeat before the first tick', async () => {
    expect(await store.readHeartbeat()).toBeNull();
  });
  scheduleStoreSuite(async () => store);
});

test('a broken due row is named, and harms no other', async () => {
  const project = projectName('broken');
  const routine = routineName('r');
  const names = ['bad', 'good'].map(triggerName);
  const slots = names.map((name) => ({
    ...{ project, routine, triggerName: name, trigger: aSchedule('0 * * * *'), plan: 1 },
    nominal: at('2026-01-01T00:00:00Z'),
  }));
  const changes = slots.map((to) => ({ triggerName: to.triggerName, from: null, to }));
  await store.write(project, routine, changes);
  const [bad, good] = slots;
  if (bad === undefined) throw new Error('two slots');
  const key = dueKey(bad);
  await storage.clients.tables.schedule.updateEntity({ ...key, trigger: '{"type":"weekly"}' }, 'Merge');
  const unreadable: UnreadableRow[] = [];
  for await (const batch of store.due(shardOf(project, routine), at('2026-01-01T00:00:00Z')))
    unreadable.push(...batch.unreadable);
  expect(unreadable).toEqual([{ key: key.rowKey, reason: expect.stringContaining('trigger') }]);
  const states = await store.read(project, routine);
  const checks = await Promise.all(
    states.map(async (state) => [state.triggerName, await store.checkDue(project, routine, state)]),
  );
  expect(Object.fromEntries(checks)).toEqual({ bad: 'unreadable', good: 'there' });
  const due = await dueSlotsOf(store, shardOf(project, routine), at('2026-01-01T00:00:00Z'));
  expect(due.filter((slot) => slot.project === project)).toEqual([good]);
});

test('due slots come with the time at which storage answered', async () => {
  const project = projectName('timed');
  const routine = routineName('r');
  const to = {
    ...{ project, routine, triggerName: triggerName('t'), trigger: aSchedule('0 * * * *'), plan: 1 },
    nominal: at('2026-01-01T00:00:00Z'),
  };
  await store.write(project, routine, [{ triggerName: to.triggerName, from: null, to }]);
  const since = Date.now();
  for await (const { answeredAt } of store.due(shardOf(project, routine), to.nominal)) {
    // Whole seconds, and a server that is busy says an older one.
    expect(answeredAt?.getTime()).toBeGreaterThan(since - 60_000);
    expect(answeredAt?.getTime()).toBeLessThanOrEqual(Date.now());
  }
  expect.assertions(2);
});

test('more due slots than one answer holds come in batches, each once', async () => {
  const project = projectName('many');
  const routine = routineName('r');
  const nominal = at('2020-01-01T00:00:00Z');
  for (let part = 0; part < 22; part += 1) {
    const changes = Array.from({ length: 50 }, (_, index) => {
      const name = triggerName(`t${part}-${index}`);
      const to = { project, routine, triggerName: name, trigger: aSchedule('0 * * * *'), plan: 1, nominal };
      return { triggerName: name, from: null, to };
    });
    await store.write(project, routine, changes);
  }
  const sizes: number[] = [];
  const seen = new Set<string>();
  for await (const { slots } of store.due(shardOf(project, routine), nominal)) {
    sizes.push(slots.length);
    for (const slot of slots) seen.add(slot.triggerName);
  }
  expect(sizes).toEqual([1_000, 100]);
  expect(seen.size).toBe(1_100);
}, 180_000);

test('routines spread over all shards', () => {
  const shards = Array.from({ length: 500 }, (_, index) => shardOf(projectName('p'), routineName(`r${index}`)));
  expect(new Set(shards).size).toBe(store.shardCount);
  // Fixed for ever: rows are where this says.
  expect(shardOf(projectName('shop'), routineName('daily-report'))).toBe(3);
});
