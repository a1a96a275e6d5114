import { beforeAll, describe, expect, it } from 'vitest';
import type { WorkQueue } from '../../shared/app/ports/messages.ts';
import type { DueSlot } from '../../shared/app/ports/schedule-store.ts';
import { tick } from '../../shared/app/schedule/tick.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import type { RoutineName } from '../../shared/domain/names.ts';
import { firingTriggers } from '../../shared/domain/planning/schedule-targets.ts';
import type { RoutineDraft } from '../../shared/domain/routine-draft.ts';
import { nextFireAfter } from '../../shared/domain/time/next-fire.ts';
import { demo } from '../app/world.ts';
import { at, routineName } from '../builders.ts';
import { serviceOf } from '../service-of.ts';
import { createTestStorage, type TestStorage } from '../storage/test-storage.ts';
import { type Change, changes, draftOf, kinds } from './changes.ts';
import { answered, createVirtualService, type VirtualService } from './virtual-service.ts';

let storage: TestStorage;
let routines = 0;

beforeAll(async () => {
  storage = await createTestStorage();
});

/** A routine of its own for one case, put at 12:03:30. */
const aRoutineFor = async () => {
  routines += 1;
  const name = routineName(`reconciled-${routines}`);
  const service = createVirtualService(storage.config, '2026-03-01T12:03:30Z', () => answered);
  await service.put(name, draftOf(kinds.schedule));
  service.clock.set(at('2026-03-01T12:04:30Z'));
  return { service, name };
};

/** A change whose writer dies when the definition is written: nothing of the schedule is, and its guard stays. */
const makeHalf = async ({ deps }: VirtualService, name: RoutineName, change: Change): Promise<void> => {
  const write = () => Promise.reject(new StorageUnavailableError('The process dies here.'));
  const useCases = serviceOf({ ...deps, schedule: { ...deps.schedule, write } });
  const put = (routine: RoutineName, draft: RoutineDraft) => useCases.putRoutine(demo, routine, draft);
  await change.make({ useCases, put }, name, 'schedule');
};

const describeDue = ({ triggerName, nominal, plan }: Pick<DueSlot, 'triggerName' | 'nominal' | 'plan'>): string =>
  `${triggerName} ${nominal.toISOString()} of plan ${plan}`;

const dueOf = async ({ deps }: VirtualService, name: RoutineName): Promise<readonly string[]> => {
  const slots: DueSlot[] = [];
  for (let shard = 0; shard < deps.schedule.shardCount; shard += 1) {
    for await (const batch of deps.schedule.due(shard, at('2100-01-01T00:00:00Z'))) slots.push(...batch.slots);
  }
  return slots.filter(({ routine }) => routine === name).map(describeDue);
};

/** The first slot beyond the horizon of 12:04:30; all before it were sent. */
const dueByDefinition = async ({ deps }: VirtualService, name: RoutineName): Promise<readonly string[]> => {
  const stored = await deps.routines.get(demo, name);
  if (stored?.kind !== 'routine') return [];
  return firingTriggers(stored.routine).flatMap(({ name: triggerName, trigger, plan }) => {
    const nominal = nextFireAfter(trigger, at('2026-03-01T12:09:30Z'));
    return nominal === null ? [] : [describeDue({ triggerName, nominal, plan })];
  });
};

const generationOf = async ({ deps }: VirtualService, name: RoutineName): Promise<number> => {
  const stored = await deps.routines.get(demo, name);
  if (stored === null) return 0;
  return stored.kind === 'routine' ? stored.routine.generation : stored.tombstone.generation;
};

const send = async (work: WorkQueue, name: RoutineName, generations: readonly number[]): Promise<void> => {
  for (const generation of generations)
    await work.send({ kind: 'reconcile', project: demo, routine: name, generation }, 0);
};

/** Slots of the first ten minutes that the routine as it stands owns; each has one run and one call. */
const expectRuns = async (service: VirtualService, name: RoutineName): Promise<void> => {
  const runs = await service.runsOf(name);
  const stored = await service.deps.routines.get(demo, name);
  const owned = stored?.kind === 'routine' ? firingTriggers(stored.routine) : [];
  const expected = owned.flatMap(({ trigger, since }) => {
    const slot = nextFireAfter(trigger, since);
    return slot !== null && slot <= service.clock.now() ? [slot.toISOString()] : [];
  });
  expect(runs.map((run) => run.triggeredAt.toISOString())).toEqual(expected);
  expect(service.calls).toHaveLength(expected.length);
};

describe.concurrent.each(changes)('after $title', (change) => {
  it('copies of a reconcile message of any generation, many at once, change nothing', async () => {
    const { service, name } = await aRoutineFor();
    await change.make(service, name, 'schedule');
    const before = await service.deps.schedule.read(demo, name);
    expect(await dueOf(service, name)).toEqual(await dueByDefinition(service, name));
    const generation = await generationOf(service, name);
    await send(service.deps.work, name, [
      0,
      1,
      1,
      1,
      generation,
      generation,
      generation,
      generation + 1,
      generation + 7,
    ]);
    await service.live(120);
    expect(await service.deps.schedule.read(demo, name)).toEqual(before);
    expect(await dueOf(service, name)).toEqual(await dueByDefinition(service, name));
    expect(service.deps.work.messages).toEqual([]);
    await expectRuns(service, name);
  });

  it('of which only the definition was written, copies of a reconcile message make the schedule what it says', async () => {
    const { service, name } = await aRoutineFor();
    await makeHalf(service, name, change);
    const generation = await generationOf(service, name);
    await send(service.deps.work, name, [0, 1, 1, generation, generation, generation, generation]);
    await service.live(120);
    expect(await dueOf(service, name)).toEqual(await dueByDefinition(service, name));
    expect(service.deps.work.messages).toEqual([]);
    await expectRuns(service, name);
  });
});

it('a reconcile message that comes an hour late leaves the tick to judge what was missed meanwhile', async () => {
  const { config } = await createTestStorage();
  const service = createVirtualService(config, '2026-03-01T12:03:30Z');
  const name = routineName('hour-late');
  await service.put(name, draftOf(kinds.schedule));
  service.clock.set(at('2026-03-01T12:04:30Z'));
  const [change] = changes.filter(({ title }) => title === 'a disable and an enable');
  if (change === undefined) throw new Error('There is no such change.');
  await makeHalf(service, name, change);
  const guards = service.deps.work.messages.map(({ message }) => message);
  for (const guard of [...service.deps.work.messages]) await service.deps.work.remove(guard);
  await service.live(3600);
  expect(await dueOf(service, name)).toEqual(['main 2026-03-01T12:10:00.000Z of plan 1']);

  for (const guard of [...guards, ...guards]) await service.deps.work.send(guard, 0);
  await service.live(0);
  await Promise.all([tick(service.deps), tick(service.deps)]);
  await service.live(60);
  const runs = (await service.runsOf(name)).map(({ triggeredAt, state, missed }) => {
    const time = triggeredAt.toISOString().slice(11, 16);
    return missed === undefined ? `${time} ${state.phase}` : `${time} ${missed.count} missed`;
  });
  // The message of 12:05 was on its way already; 13:00 is within the grace.
  expect(runs).toEqual(['12:05 completed', '12:10 10 missed', '13:00 completed', '13:05 completed']);
});
