import { describe, expect, it } from 'vitest';
import { repairSchedule } from '../../shared/app/schedule/repair-schedule.ts';
import { unscaledTimings } from '../../shared/app/timings.ts';
import { systemClock } from '../../shared/clock.ts';
import type { RoutineName } from '../../shared/domain/names.ts';
import { createDeliveryQueue } from '../../shared/storage/queues/delivery-queue.ts';
import { createRoutineStore } from '../../shared/storage/tables/routine-store.ts';
import { dueKey, shardOf } from '../../shared/storage/tables/schedule-row.ts';
import { createScheduleStore } from '../../shared/storage/tables/schedule-store.ts';
import { aRoutine, aSchedule, aTrigger, at, projectName, routineName, triggerName } from '../builders.ts';
import { dueSlotsOf } from './schedule-store-suite.ts';
import { createTestStorage } from './test-storage.ts';

// What no code of ours does to the due index: rows are taken away and damaged behind its back.

const storage = await createTestStorage();
const deps = {
  clock: systemClock,
  routines: createRoutineStore(storage),
  schedule: createScheduleStore(storage),
  deliveries: createDeliveryQueue(storage),
  timings: unscaledTimings,
  window: { lookaheadSeconds: 300, misfireGraceSeconds: 300 },
};
const table = storage.clients.tables.schedule;
const project = projectName('demo');
const main = triggerName('main');
const yearly = aSchedule('0 0 1 1 *');
const nominal = at('2100-01-01T00:00:00Z');
const repair = (name: RoutineName) => repairSchedule(deps, { project, name });
const dueOf = async (name: RoutineName) => {
  const slots = await dueSlotsOf(deps.schedule, shardOf(project, name), at('2200-01-01T00:00:00Z'));
  return slots.filter(({ routine }) => routine === name);
};

/** A routine that waits for the year 2100. */
const seed = async (text: string) => {
  const name = routineName(text);
  await deps.routines.put(aRoutine({ name, triggers: [aTrigger({ trigger: yearly })] }), null);
  const slot = { project, routine: name, triggerName: main, trigger: yearly, plan: 1, nominal };
  await deps.schedule.write(project, name, [{ triggerName: main, from: null, to: slot }]);
  return { name, slot, key: dueKey(slot) };
};

/** The routine fires at another time since, and its writer died before it wrote the schedule. */
const changePlan = async (name: RoutineName) => {
  const stored = await deps.routines.get(project, name);
  if (stored?.kind !== 'routine') throw new Error('expected the routine');
  const trigger = aTrigger({ trigger: aSchedule('0 0 2 1 *'), plan: 2, since: at('2026-01-01T00:00:00Z') });
  await deps.routines.put({ ...stored.routine, generation: 2, triggers: [trigger] }, stored);
};

describe('a schedule', () => {
  it('that is sound is left alone', async () => {
    const { name, slot } = await seed('sound');
    const before = await deps.schedule.read(project, name);
    expect(await repair(name)).toBe(false);
    expect(await deps.schedule.read(project, name)).toEqual(before);
    expect(await dueOf(name)).toEqual([slot]);
  });

  it('whose due row is gone waits for the same slot again', async () => {
    const { name, slot, key } = await seed('gone');
    await table.deleteEntity(key.partitionKey, key.rowKey);
    expect(await repair(name)).toBe(true);
    expect(await dueOf(name)).toEqual([slot]);
    expect(await repair(name)).toBe(false);
  });

  it('whose due row cannot be read gets it anew', async () => {
    const { name, slot, key } = await seed('damaged');
    await table.updateEntity({ ...key, trigger: '{"type":"weekly"}' }, 'Merge');
    expect(await repair(name)).toBe(true);
    expect(await dueOf(name)).toEqual([slot]);
    expect(await repair(name)).toBe(false);
  });

  it.each(['gone', 'damaged'])('of an older plan whose due row is %s goes over to the new plan', async (how) => {
    const { name, key } = await seed(`older-${how}`);
    if (how === 'gone') await table.deleteEntity(key.partitionKey, key.rowKey);
    else await table.updateEntity({ ...key, trigger: 'x' }, 'Merge');
    await changePlan(name);
    expect(await repair(name)).toBe(true);
    const due = await dueOf(name);
    expect(due).toMatchObject([{ plan: 2 }]);
    expect(due[0]?.nominal.toISOString()).toMatch(/-01-02T00:00:00.000Z$/);
    expect(await repair(name)).toBe(false);
  });

  it('of a deleted routine is emptied', async () => {
    const { name } = await seed('deleted');
    const stored = await deps.routines.get(project, name);
    if (stored?.kind !== 'routine') throw new Error('expected the routine');
    await deps.routines.remove({ project, name, generation: 2, deletedAt: at('2026-01-01T00:00:00Z') }, stored);
    expect(await repair(name)).toBe(true);
    expect(await dueOf(name)).toEqual([]);
    expect(await repair(name)).toBe(false);
  });
});
