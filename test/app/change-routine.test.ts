import { describe, expect, it } from 'vitest';
import { ConflictError, StorageUnavailableError } from '../../shared/domain/errors.ts';
import { serviceOf } from '../service-of.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

type World = ReturnType<typeof createWorld>;
const start = '2026-03-01T12:04:00Z';

/** Its slot is beyond the horizon. */
const hourly = { type: 'schedule', cronExpression: '17 * * * *' } as const;

const crash = async (): Promise<never> => {
  throw new Error('crash');
};

/** Everything the tick will ever find due. */
const dueOf = async (world: World) => {
  const slots = [];
  for (let shard = 0; shard < world.deps.schedule.shardCount; shard += 1) {
    for await (const batch of world.deps.schedule.due(shard, new Date('2100-01-01T00:00:00Z')))
      slots.push(...batch.slots);
  }
  return slots.map(({ nominal, plan }) => [nominal.toISOString().slice(11, 16), plan]);
};

describe('a change of what fires', () => {
  it('leaves no message behind but those of its slots', async () => {
    const world = createWorld(start);
    await world.put(aDraft(everyFiveMinutes));
    expect(world.deps.work.sent).toMatchObject([{ message: { kind: 'reconcile', generation: 1 }, delaySeconds: 30 }]);
    expect(world.deps.work.messages).toEqual([]);
    expect(world.deps.deliveries.messages).toHaveLength(1);
    expect(await dueOf(world)).toEqual([['12:10', 1]]);
  });

  it('that changes nothing of it sends nothing at all', async () => {
    const world = createWorld(start);
    await world.put(aDraft(everyFiveMinutes));
    await world.put(aDraft(everyFiveMinutes, { description: 'other' }));
    await world.service.setRoutineEnabled(demo, daily, true);
    expect(world.deps.work.sent).toHaveLength(1);
    expect(world.deps.deliveries.sent).toHaveLength(1);
  });

  it.each([
    ['before the routine is written', { routines: { put: crash } }, []],
    ['before the slots inside the horizon are sent', { deliveries: { send: crash } }, ['12:05:00', '12:10:00']],
    ['before the schedule is written', { schedule: { write: crash } }, ['12:05:00', '12:10:00']],
    ['before the reconcile message is taken back', { work: { remove: crash } }, ['12:05:00', '12:10:00']],
  ])('heals when it crashes %s', async (_when, faults, fired) => {
    const world = createWorld(start);
    const deps = world.deps;
    const broken = serviceOf({
      ...deps,
      ...Object.fromEntries(
        Object.entries(faults).map(([port, methods]) => [port, { ...deps[port as 'routines' | 'work'], ...methods }]),
      ),
    });
    await expect(broken.putRoutine(demo, daily, aDraft(everyFiveMinutes))).rejects.toThrow('crash');
    await world.runUntil('2026-03-01T12:11:00Z');
    expect(await world.firedAt()).toEqual(fired);
    expect(world.calls).toHaveLength(fired.length);
    expect(world.deps.work.messages).toEqual([]);
  });

  it('stands although the schedule could not be written: the caller is answered, reconcile does the rest', async () => {
    const world = createWorld(start);
    const schedule = {
      ...world.deps.schedule,
      write: async () => {
        throw new StorageUnavailableError('no answer');
      },
    };
    const { routine } = await serviceOf({ ...world.deps, schedule }).putRoutine(demo, daily, aDraft(everyFiveMinutes));
    expect(routine.generation).toBe(1);
    await world.runUntil('2026-03-01T12:11:00Z');
    expect(await world.firedAt()).toEqual(['12:05:00', '12:10:00']);
  });

  it('by a slow writer does not bring back what a later one has taken away', async () => {
    const world = createWorld(start);
    let isFirst = true;
    const schedule = {
      ...world.deps.schedule,
      read: async (...args: Parameters<typeof world.deps.schedule.read>) => {
        if (isFirst) {
          isFirst = false;
          // While the first writer is on its way to the schedule, a second one disables the routine and is done.
          await world.service.setRoutineEnabled(demo, daily, false);
        }
        return world.deps.schedule.read(...args);
      },
    };
    await serviceOf({ ...world.deps, schedule }).putRoutine(demo, daily, aDraft(everyFiveMinutes));
    expect(await dueOf(world)).toEqual([]);
    await world.runUntil('2026-03-01T12:11:00Z');
    expect(await world.firedAt()).toEqual([]);
    expect(await dueOf(world)).toEqual([]);
  });

  it('by a slow writer does not bring back what was spent before it and taken away after it', async () => {
    const world = createWorld(start);
    await world.put(aDraft(hourly));
    await world.service.setRoutineEnabled(demo, daily, false);
    let isFirst = true;
    const schedule = {
      ...world.deps.schedule,
      write: async (...args: Parameters<typeof world.deps.schedule.write>) => {
        if (isFirst) await world.service.setRoutineEnabled(demo, daily, false);
        isFirst = false;
        return world.deps.schedule.write(...args);
      },
    };
    await serviceOf({ ...world.deps, schedule }).setRoutineEnabled(demo, daily, true);
    expect(await dueOf(world)).toEqual([]);
  });

  it('whose write is refused after it had stood for a moment fires all the same: a later writer built upon it', async () => {
    const world = createWorld(start);
    let isFirst = true;
    const routines = {
      ...world.deps.routines,
      put: async (...args: Parameters<typeof world.deps.routines.put>) => {
        const isWritten = await world.deps.routines.put(...args);
        if (!isFirst) return isWritten;
        isFirst = false;
        // The answer is lost, another client changes the description, and the client's repeat is refused.
        await world.put(aDraft(hourly, { description: 'theirs' }));
        return false;
      },
    };
    await serviceOf({ ...world.deps, routines }).putRoutine(demo, daily, aDraft(hourly));
    await world.runUntil('2026-03-01T12:05:00Z');
    expect(await dueOf(world)).toEqual([['12:17', 1]]);
    expect(world.deps.work.messages).toEqual([]);
  });

  it('by a process that was held up until its reconcile message had come and gone fires all the same', async () => {
    const world = createWorld(start);
    const routines = {
      ...world.deps.routines,
      put: async (...args: Parameters<typeof world.deps.routines.put>) => {
        await world.runUntil('2026-03-01T12:06:00Z');
        expect(world.deps.work.messages).toEqual([]);
        return world.deps.routines.put(...args);
      },
    };
    await serviceOf({ ...world.deps, routines }).putRoutine(demo, daily, aDraft(everyFiveMinutes));
    await world.runUntil('2026-03-01T12:11:00Z');
    expect(await world.firedAt()).toEqual(['12:05:00', '12:10:00']);
  });

  it('has every slot visible in time, however long the messages before it took to send', async () => {
    const world = createWorld('2026-03-01T12:00:00Z');
    const deliveries = {
      send: async (...args: Parameters<typeof world.deps.deliveries.send>) => {
        await world.deps.deliveries.send(...args);
        world.clock.advance(8);
      },
    };
    const draft = aDraft({ type: 'schedule', cronExpression: '1,2,3 * * * *' });
    await serviceOf({ ...world.deps, deliveries, minIntervalSeconds: 60 }).putRoutine(demo, daily, draft);
    const late = world.deps.deliveries.messages.filter(
      ({ message, visibleAt }) => message.kind === 'fire' && visibleAt.getTime() > message.nominal,
    );
    expect(world.deps.deliveries.messages).toHaveLength(3);
    expect(late).toEqual([]);
  });

  it('meets a tick that advances the schedule at the same time, and is written all the same', async () => {
    const world = createWorld(start);
    await world.put(aDraft(everyFiveMinutes));
    world.clock.set(new Date('2026-03-01T12:06:00Z'));
    let isFirst = true;
    const schedule = {
      ...world.deps.schedule,
      write: async (...args: Parameters<typeof world.deps.schedule.write>) => {
        if (isFirst) await world.tick();
        isFirst = false;
        return world.deps.schedule.write(...args);
      },
    };
    await serviceOf({ ...world.deps, schedule }).setRoutineEnabled(demo, daily, false);
    expect(await dueOf(world)).toEqual([]);
  });

  it('leaves the schedule to reconcile when it is refused for twenty seconds', async () => {
    const world = createWorld(start);
    const { read } = world.deps.schedule;
    let reads = 0;
    const schedule = {
      ...world.deps.schedule,
      read: (...of: Parameters<typeof read>) => {
        reads += 1;
        world.clock.advance(11);
        return read(...of);
      },
      write: async () => false,
    };
    await serviceOf({ ...world.deps, schedule }).putRoutine(demo, daily, aDraft(everyFiveMinutes));
    expect(reads).toBe(2);
    expect(world.deps.work.messages).toMatchObject([
      { message: { kind: 'reconcile' } },
      { message: { kind: 'reconcile' } },
    ]);
  });

  it('that loses against other writers three times in a row is a conflict', async () => {
    const world = createWorld(start);
    const routines = { ...world.deps.routines, put: async () => false };
    const losing = serviceOf({ ...world.deps, routines });
    await expect(losing.putRoutine(demo, daily, aDraft(everyFiveMinutes))).rejects.toBeInstanceOf(ConflictError);
    await world.runUntil('2026-03-01T12:05:10Z');
    expect(world.deps.work.messages).toEqual([]);
  });

  it('that loses once reads again and wins', async () => {
    const world = createWorld(start);
    let isFirst = true;
    const routines = {
      ...world.deps.routines,
      put: async (...args: Parameters<typeof world.deps.routines.put>) => {
        if (isFirst) await world.put(aDraft(everyFiveMinutes, { description: 'theirs' }));
        isFirst = false;
        return world.deps.routines.put(...args);
      },
    };
    const ours = aDraft(everyFiveMinutes, { description: 'ours' });
    const { routine } = await serviceOf({ ...world.deps, routines }).putRoutine(demo, daily, ours);
    expect(routine).toMatchObject({ generation: 2, description: 'ours' });
  });
});

it('a routine that is not there can be deleted, and nothing is sent', async () => {
  const world = createWorld(start);
  await world.service.deleteRoutine(demo, daily);
  expect(world.deps.work.sent).toEqual([]);
});

it('a PUT takes no notice of whom it authorizes when the routine is there already', async () => {
  const world = createWorld(start);
  await world.put(aDraft(everyFiveMinutes));
  const routine = await world.put(aDraft(everyFiveMinutes, { authorization: 'creator' }));
  expect(routine.authorization).toEqual({ identity: 'agent' });
});

describe('a dropped slot', () => {
  it('lets reconcile correct the schedule that sent it', async () => {
    const world = createWorld(start);
    await world.put(aDraft(everyFiveMinutes));
    // The schedule of an older definition, as only a lost reconcile could leave it behind.
    await world.deps.routines.remove(
      { project: demo, name: daily, deletedAt: world.clock.now(), generation: 2 },
      await storedRoutine(world),
    );
    await world.runUntil('2026-03-01T12:06:00Z');
    expect(await world.firedAt()).toEqual([]);
    expect(await dueOf(world)).toEqual([]);
  });
});

const storedRoutine = async (world: World) => {
  const stored = await world.deps.routines.get(demo, daily);
  if (stored?.kind !== 'routine') throw new Error('There is no routine.');
  return stored;
};

describe('missed slots', () => {
  const untilOutage = async () => {
    const world = createWorld('2026-03-01T12:00:30Z');
    await world.put(aDraft(everyFiveMinutes));
    await world.runUntil('2026-03-01T12:06:00Z');
    return world;
  };

  const withoutAdvance = async () => {
    const world = await untilOutage();
    // 12:15 is sent and not advanced: the tick crashes between the two.
    world.clock.set(new Date('2026-03-01T12:11:00Z'));
    const advance = world.deps.schedule.advance;
    Object.assign(world.deps.schedule, { advance: async () => Promise.reject(new StorageUnavailableError('gone')) });
    await world.tick();
    Object.assign(world.deps.schedule, { advance });
    world.clock.set(new Date('2026-03-01T12:15:00Z'));
    await world.deliverVisible();
    return world;
  };

  it('do not count one whose run exists: its message was sent, only the advance was lost', async () => {
    const world = await withoutAdvance();
    world.clock.set(new Date('2026-03-01T12:40:00Z'));
    await world.runUntil('2026-03-01T12:41:00Z');
    const runs = await world.runsOf();
    expect(
      runs.map((run) => [run.triggeredAt.toISOString().slice(11, 16), run.state.phase, run.missed?.count]),
    ).toEqual([
      ['12:05', 'completed', undefined],
      ['12:10', 'completed', undefined],
      ['12:15', 'completed', undefined],
      ['12:20', 'killed', 3],
      ['12:35', 'completed', undefined],
      ['12:40', 'completed', undefined],
    ]);
  });

  it('leave no record when the run of the only one exists', async () => {
    const world = await withoutAdvance();
    world.clock.set(new Date('2026-03-01T12:20:01Z'));
    expect(await world.tick()).toMatchObject({ unusable: 0, failed: 0 });
    expect((await world.runsOf()).filter(({ missed }) => missed !== undefined)).toEqual([]);
  });

  it('are judged again by the next tick when their record was refused and is not there', async () => {
    const world = await untilOutage();
    world.clock.set(new Date('2026-03-01T13:00:00Z'));
    const { create } = world.deps.runs;
    Object.assign(world.deps.runs, { create: async () => null });
    await world.tick();
    Object.assign(world.deps.runs, { create });
    await world.tick();
    expect((await world.runsOf()).filter(({ missed }) => missed !== undefined)).toHaveLength(1);
  });

  it('are one record, also when the tick that wrote it crashes and the next one finds more of them', async () => {
    const world = await untilOutage();
    const advance = world.deps.schedule.advance;
    world.clock.set(new Date('2026-03-01T13:00:00Z'));
    Object.assign(world.deps.schedule, { advance: async () => Promise.reject(new StorageUnavailableError('gone')) });
    await world.tick();
    Object.assign(world.deps.schedule, { advance });
    world.clock.set(new Date('2026-03-01T13:20:00Z'));
    await world.tick();
    const missed = (await world.runsOf()).filter((run) => run.missed !== undefined);
    expect(missed.map((run) => run.missed)).toEqual([
      { count: 12, firstAt: new Date('2026-03-01T12:15:00Z'), lastAt: new Date('2026-03-01T13:10:00Z') },
    ]);
  });
});
