import { describe, expect, test } from 'vitest';
import type { DueSlot, ScheduleStore, TriggerSchedule } from '../../shared/app/ports/schedule-store.ts';
import type { TriggerName } from '../../shared/domain/names.ts';
import { shardOf } from '../../shared/storage/tables/schedule-row.ts';
import { aSchedule, aTimer, at, projectName, routineName, triggerName } from '../builders.ts';

export const dueSlotsOf = async (store: ScheduleStore, shard: number, horizon: Date): Promise<readonly DueSlot[]> => {
  const slots: DueSlot[] = [];
  for await (const batch of store.due(shard, horizon)) slots.push(...batch.slots);
  return slots;
};

const noon = at('2026-03-01T12:00:00Z');
const minutesAfterNoon = (minutes: number): Date => new Date(noon.getTime() + minutes * 60_000);
const farHorizon = at('2030-01-01T00:00:00Z');

/** What every schedule store does. Each test has a routine of its own, and looks at nothing else. */
export const scheduleStoreSuite = (create: () => Promise<ScheduleStore>): void => {
  const project = projectName('schedule');
  let routines = 0;
  const start = async () => {
    routines += 1;
    const store = await create();
    const routine = routineName(`routine-${routines}`);
    const shard = shardOf(project, routine);
    const slot = (over: Partial<DueSlot> = {}): DueSlot => ({
      ...{ project, routine, triggerName: triggerName('main'), trigger: aSchedule('*/5 * * * *'), plan: 1 },
      nominal: noon,
      ...over,
    });
    const due = async (horizon = farHorizon) =>
      (await dueSlotsOf(store, shard, horizon)).filter((one) => one.routine === routine);
    const state = async (name: TriggerName = triggerName('main')): Promise<TriggerSchedule | null> =>
      (await store.read(project, routine)).find((one) => one.triggerName === name) ?? null;
    const write = (...changes: Parameters<ScheduleStore['write']>[2]) => store.write(project, routine, changes);
    const plan = (slots: readonly DueSlot[]) =>
      write(...slots.map((to) => ({ triggerName: to.triggerName, from: null, to })));
    return { store, routine, slot, due, state, write, plan };
  };

  test('a planned slot is due from its nominal time on, and not before', async () => {
    const { plan, slot, due } = await start();
    const planned = slot({ nominal: at('2026-03-01T12:00:00.005Z') });
    expect(await plan([planned])).toBe(true);
    expect(await due(noon)).toEqual([]);
    expect(await due(at('2026-03-01T12:00:00.004Z'))).toEqual([]);
    expect(await due(at('2026-03-01T12:00:00.005Z'))).toEqual([planned]);
  });

  test('slots come earliest first, with all that their trigger says', async () => {
    const { plan, slot, due } = await start();
    const late = slot({ triggerName: triggerName('a'), nominal: minutesAfterNoon(10) });
    const early = slot({ triggerName: triggerName('b'), trigger: aTimer('2026-03-01T12:00:00.123Z'), plan: 7 });
    await plan([late, early]);
    expect(await due()).toEqual([early, late]);
  });

  test('triggers whose names differ only in case or in dots are different triggers', async () => {
    const { plan, slot, due, store, routine } = await start();
    const names = ['main', 'Main', 'm.ain', 'm-ain', 'm_ain'].map(triggerName);
    await plan(names.map((name) => slot({ triggerName: name })));
    expect((await due()).map((one) => one.triggerName).sort()).toEqual(names.toSorted());
    expect(await store.read(project, routine)).toHaveLength(names.length);
  });

  describe('an advance', () => {
    test('replaces the slot by its successor and says so in the state of the routine', async () => {
      const { store, plan, slot, due, state } = await start();
      await plan([slot()]);
      const before = await state();
      const next = minutesAfterNoon(5);
      expect(await store.advance([{ slot: slot(), next }])).toEqual({ advanced: 1, lost: 0 });
      expect(await due()).toEqual([slot({ nominal: next })]);
      expect(await state()).toMatchObject({ triggerName: 'main', plan: 1, next });
      expect((await state())?.version).not.toBe(before?.version);
    });

    test('says how far its successor was judged, and forgets it with the next one', async () => {
      const { store, plan, slot, due } = await start();
      await plan([slot()]);
      const [next, catchUpUntil] = [minutesAfterNoon(5), minutesAfterNoon(20)];
      await store.advance([{ slot: slot(), next, catchUpUntil }]);
      const judged = slot({ nominal: next, catchUpUntil });
      expect(await due()).toEqual([judged]);
      await store.advance([{ slot: judged, next: minutesAfterNoon(25) }]);
      expect((await due())[0]?.catchUpUntil).toBeUndefined();
    });

    test('of a spent trigger leaves no slot', async () => {
      const { store, plan, slot, due, state } = await start();
      await plan([slot()]);
      expect(await store.advance([{ slot: slot(), next: null }])).toEqual({ advanced: 1, lost: 0 });
      expect(await due()).toEqual([]);
      expect(await state()).toMatchObject({ plan: 1, next: null });
    });

    test('counts as lost what another tick advanced or a change planned anew, and leaves it alone', async () => {
      const { store, plan, slot, due } = await start();
      const [a, b, c] = ['a', 'b', 'c'].map((name) => slot({ triggerName: triggerName(name) }));
      if (a === undefined || b === undefined || c === undefined) throw new Error('three slots');
      await plan([a, { ...b, plan: 2 }, c]);
      await store.advance([{ slot: a, next: minutesAfterNoon(5) }]);
      const all = [a, b, c].map((one) => ({ slot: one, next: minutesAfterNoon(60) }));
      expect(await store.advance(all)).toEqual({ advanced: 1, lost: 2 });
      expect((await due()).map((one) => [one.triggerName, one.plan, one.nominal])).toEqual([
        ['b', 2, noon],
        ['a', 1, minutesAfterNoon(5)],
        ['c', 1, minutesAfterNoon(60)],
      ]);
    });

    test('of a hundred slots loses only those that are gone', async () => {
      const { store, routine, plan, slot, due } = await start();
      const slots = Array.from({ length: 100 }, (_, index) => slot({ triggerName: triggerName(`t${index}`) }));
      expect(await plan(slots)).toBe(true);
      const gone = [slots[0], slots[40], slots[41], slots[99]].flatMap((one) => one ?? []);
      await store.advance(gone.map((one) => ({ slot: one, next: null })));
      const next = minutesAfterNoon(5);
      const result = await store.advance(slots.map((one) => ({ slot: one, next })));
      expect(result).toEqual({ advanced: 96, lost: 4 });
      expect(await due()).toHaveLength(96);
      expect(await store.read(project, routine)).toHaveLength(100);
    });

    test('of slots of many routines advances each of them', async () => {
      const { store, slot } = await start();
      const names = Array.from({ length: 20 }, (_, index) => routineName(`advanced-${routines}-${index}`));
      const slots = names.map((name) => slot({ routine: name }));
      for (const to of slots) await store.write(project, to.routine, [{ triggerName: to.triggerName, from: null, to }]);
      const next = minutesAfterNoon(5);
      expect(await store.advance(slots.map((one) => ({ slot: one, next })))).toEqual({ advanced: 20, lost: 0 });
      for (const name of names) expect(await store.read(project, name)).toMatchObject([{ next }]);
    });

    test('of nothing does nothing', async () => {
      const { store } = await start();
      expect(await store.advance([])).toEqual({ advanced: 0, lost: 0 });
    });
  });

  describe('a change of the schedule', () => {
    test('replaces the plan that was read', async () => {
      const { plan, slot, due, state, write } = await start();
      await plan([slot()]);
      const to = slot({ plan: 2, nominal: minutesAfterNoon(3) });
      expect(await write({ triggerName: to.triggerName, from: await state(), to })).toBe(true);
      expect(await due()).toEqual([to]);
      expect(await state()).toMatchObject({ plan: 2, next: to.nominal });
    });

    test('may keep the slot and change only what it carries', async () => {
      const { plan, slot, due, state, write } = await start();
      await plan([slot()]);
      const to = slot({ trigger: aSchedule('0 * * * *', 'Europe/Berlin') });
      expect(await write({ triggerName: to.triggerName, from: await state(), to })).toBe(true);
      expect(await due()).toEqual([to]);
    });

    test('makes a plan spent and starts it again', async () => {
      const { plan, slot, due, state, write } = await start();
      await plan([slot()]);
      const { triggerName: name } = slot();
      expect(await write({ triggerName: name, from: await state(), to: { spentPlan: 4 } })).toBe(true);
      expect(await due()).toEqual([]);
      expect(await state()).toMatchObject({ plan: 4, next: null });
      expect(await write({ triggerName: name, from: await state(), to: slot({ plan: 5 }) })).toBe(true);
      expect(await due()).toEqual([slot({ plan: 5 })]);
    });

    test('of more changes than a transaction takes makes them all', async () => {
      const { store, routine, plan, slot, write, due } = await start();
      const slots = Array.from({ length: 60 }, (_, index) => slot({ triggerName: triggerName(`t${index}`) }));
      expect(await plan(slots)).toBe(true);
      const states = await store.read(project, routine);
      const replaced = states.map((from) => ({
        triggerName: from.triggerName,
        from,
        to: slot({ triggerName: from.triggerName, plan: 2, nominal: minutesAfterNoon(1) }),
      }));
      expect(await write(...replaced)).toBe(true);
      expect((await due()).map(({ plan }) => plan)).toEqual(slots.map(() => 2));
      expect((await store.read(project, routine)).map(({ plan }) => plan)).toEqual(slots.map(() => 2));
    });

    test('is refused as a whole when one trigger was advanced since it was read', async () => {
      const { store, plan, slot, due, state, write } = await start();
      const other = slot({ triggerName: triggerName('other') });
      await plan([slot(), other]);
      const from = await state();
      const fromOther = await state(other.triggerName);
      await store.advance([{ slot: slot(), next: minutesAfterNoon(5) }]);
      const changes = [
        { triggerName: other.triggerName, from: fromOther, to: { spentPlan: 2 } },
        { triggerName: slot().triggerName, from, to: { spentPlan: 2 } },
      ];
      expect(await write(...changes)).toBe(false);
      expect(await due()).toEqual([other, slot({ nominal: minutesAfterNoon(5) })]);
    });

    test('is refused when nothing was expected and a plan is there', async () => {
      const { plan, slot } = await start();
      await plan([slot()]);
      expect(await plan([slot({ plan: 2 })])).toBe(false);
    });

    test('of a spent plan is refused when it was written since it was read', async () => {
      const { slot, due, state, write } = await start();
      const { triggerName: name } = slot();
      await write({ triggerName: name, from: null, to: { spentPlan: 1 } });
      const from = await state();
      await write({ triggerName: name, from, to: slot({ plan: 2 }) });
      expect(await write({ triggerName: name, from, to: { spentPlan: 3 } })).toBe(false);
      expect(await due()).toEqual([slot({ plan: 2 })]);
    });

    test('of nothing succeeds', async () => {
      const { write } = await start();
      expect(await write()).toBe(true);
    });

    test('of every trigger of the largest routine is one change', async () => {
      const { plan, slot, due, store, routine, write } = await start();
      const slots = Array.from({ length: 25 }, (_, index) => slot({ triggerName: triggerName(`old${index}`) }));
      await plan(slots);
      const removed = (await store.read(project, routine)).map((from) => ({ ...from, from, to: { spentPlan: 2 } }));
      const added = slots.map((_, index) => slot({ triggerName: triggerName(`new${index}`), plan: 2 }));
      const additions = added.map((to) => ({ triggerName: to.triggerName, from: null, to }));
      expect(await write(...removed, ...additions)).toBe(true);
      expect((await due()).every((one) => one.plan === 2)).toBe(true);
    });
  });

  test('the due row that a state row speaks of is there until the trigger is advanced', async () => {
    const { store, routine, plan, slot, state } = await start();
    await plan([slot()]);
    const first = await state();
    if (first === null) throw new Error('expected a state');
    expect(await store.checkDue(project, routine, first)).toBe('there');
    await store.advance([{ slot: slot(), next: minutesAfterNoon(5) }]);
    expect(await store.checkDue(project, routine, first)).toBe('missing');
    const second = await state();
    if (second === null) throw new Error('expected a state');
    expect(await store.checkDue(project, routine, second)).toBe('there');
    expect(await store.checkDue(project, routine, { ...second, plan: 9 })).toBe('missing');
  });

  test('the heartbeat of the last tick is there, and none before the first', async () => {
    const store = await create();
    const heartbeat = { at: at('2026-03-01T12:00:00.250Z'), durationMs: 1234, lagSeconds: 0, unusable: 2 };
    await store.writeHeartbeat({ ...heartbeat, lagSeconds: 99 });
    await store.writeHeartbeat(heartbeat);
    expect(await store.readHeartbeat()).toEqual(heartbeat);
  });
};
