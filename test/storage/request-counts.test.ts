import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { countOutcomes } from '../../shared/app/operations/count-outcomes.ts';
import type { DueSlot } from '../../shared/app/ports/schedule-store.ts';
import { unscaledTimings } from '../../shared/app/timings.ts';
import { systemClock } from '../../shared/clock.ts';
import { slotRunId } from '../../shared/domain/run-id.ts';
import { createDeliveryQueue } from '../../shared/storage/queues/delivery-queue.ts';
import { createOutcomeStore } from '../../shared/storage/tables/outcome-store.ts';
import { createRoutineStore } from '../../shared/storage/tables/routine-store.ts';
import { createRunStore } from '../../shared/storage/tables/run-store.ts';
import { shardOf } from '../../shared/storage/tables/schedule-row.ts';
import { createScheduleStore } from '../../shared/storage/tables/schedule-store.ts';
import { aRoutine, aRun, aSchedule, at, projectName, routineName, triggerName } from '../builders.ts';
import { startStorageProxy } from './storage-proxy.ts';
import { createTestStorage } from './test-storage.ts';

// What each operation costs, counted where the storage account would count it.

const proxy = await startStorageProxy(inject('azurite'));
const storage = await createTestStorage(proxy.connectionString);
const routines = createRoutineStore(storage);
const schedule = createScheduleStore(storage);
const runs = createRunStore(storage);
afterAll(() => proxy.close());
beforeEach(() => proxy.reset());

/** How many requests the last step made. */
const cost = (): number => {
  const { length } = proxy.requests;
  proxy.reset();
  return length;
};

const project = projectName('cost');
const routine = routineName('r');
const shard = shardOf(project, routine);
const nominal = at('2026-01-01T00:00:00Z');
const slots: readonly DueSlot[] = Array.from({ length: 40 }, (_, index) => ({
  ...{ project, routine, trigger: aSchedule('0 * * * *'), plan: 1, nominal },
  triggerName: triggerName(`t${index}`),
}));

describe('routines', () => {
  test('a read, a write, a list page and a removal are one request each', async () => {
    const daily = aRoutine({ project });
    await routines.put(daily, null);
    expect(cost()).toBe(1);
    const stored = await routines.get(project, daily.name);
    expect(cost()).toBe(1);
    if (stored?.kind !== 'routine') throw new Error('expected the routine');
    await routines.list(project, { order: 'desc', limit: 1000 });
    expect(cost()).toBe(1);
    const { name, generation } = daily;
    await routines.remove({ project, name, generation: generation + 1, deletedAt: nominal }, stored);
    expect(cost()).toBe(1);
  });
});

describe('the schedule', () => {
  test('an idle look at a shard is one request', async () => {
    for await (const _ of schedule.due(shard, nominal)) throw new Error('expected nothing to be due');
    expect(cost()).toBe(1);
  });

  test('forty slots advance in two requests, and a lost one costs a look and another try', async () => {
    const changes = slots.map((to) => ({ triggerName: to.triggerName, from: null, to }));
    await schedule.write(project, routine, changes);
    expect(cost()).toBe(1);
    expect(await schedule.read(project, routine)).toHaveLength(40);
    expect(cost()).toBe(1);
    const next = at('2026-01-01T01:00:00Z');
    const advances = slots.map((slot) => ({ slot, next }));
    await schedule.advance(advances.slice(0, 1));
    expect(cost()).toBe(1);
    expect(await schedule.advance(advances)).toEqual({ advanced: 39, lost: 1 });
    expect(cost()).toBe(4);
    const again = advances.map(({ slot }) => ({ slot: { ...slot, nominal: next }, next: null }));
    await schedule.advance(again);
    expect(cost()).toBe(2);
  });

  test('a heartbeat is one request', async () => {
    await schedule.writeHeartbeat({ at: nominal, durationMs: 1, lagSeconds: 0, unusable: 0 });
    expect(cost()).toBe(1);
  });
});

describe('runs', () => {
  test('a claim, the record of its end, and a read are one request each', async () => {
    const run = aRun();
    const claimed = await runs.create(run);
    expect(cost()).toBe(1);
    await runs.replace(run, claimed?.version ?? '');
    expect(cost()).toBe(1);
    await runs.get(run.project, run.routine, run.id);
    expect(cost()).toBe(1);
  });

  test('a claim that meets a run costs one look more', async () => {
    await runs.create(aRun());
    expect(cost()).toBe(2);
  });

  test('a page newest first is one request, oldest first two', async () => {
    for (const minute of [5, 10]) {
      const at5 = at(`2026-01-01T01:${minute.toString().padStart(2, '0')}:00Z`);
      const { triggerName: trigger } = aRun();
      await runs.create(aRun({ project, routine, id: slotRunId({ project, routine, trigger, nominal: at5 }) }));
    }
    proxy.reset();
    await runs.list(project, routine, { order: 'desc', limit: 100 });
    expect(cost()).toBe(1);
    await runs.list(project, routine, { order: 'asc', limit: 100 });
    expect(cost()).toBe(2);
  });
});

describe('the counts of ended runs', () => {
  test('cost nothing until the minute is over, then one request for each project that had any', async () => {
    const flushes: (() => void)[] = [];
    const writes: Promise<void>[] = [];
    const outcomes = createOutcomeStore(storage);
    const write: typeof outcomes.write = (record) => {
      const written = outcomes.write(record);
      writes.push(written);
      return written;
    };
    const store = countOutcomes(runs, {
      ...storage,
      timings: unscaledTimings,
      outcomes: { ...outcomes, write },
      clock: systemClock,
      repeat: (_, act) => flushes.push(act),
    });
    const flush = async () => {
      // A flush begins its write at once.
      for (const act of flushes) act();
      await Promise.all(writes);
      return cost();
    };
    const name = routineName('counted');
    const queued = aRun({ routine: name });
    const claimed = await store.create(queued);
    expect(cost()).toBe(1);
    expect(await flush()).toBe(0);
    await store.replace(
      { ...queued, state: { phase: 'completed', endedAt: nominal, answer: {} } },
      claimed?.version ?? '',
    );
    expect(cost()).toBe(1);
    expect(await flush()).toBe(1);
    expect(await flush()).toBe(0);
  });
});

test('a message is one request', async () => {
  const message = { kind: 'fire', project, routine, trigger: triggerName('t'), nominal: 0 } as const;
  await createDeliveryQueue(storage).send(message, 0);
  expect(cost()).toBe(1);
});
