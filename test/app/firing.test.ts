import { describe, expect, it } from 'vitest';
import { deliver } from '../../shared/app/delivery/deliver.ts';
import { tick } from '../../shared/app/schedule/tick.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import { routineName, triggerName } from '../builders.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

describe('a schedule', () => {
  it('fires every slot once and at its time, first sent by the PUT and then by the ticks', async () => {
    const world = createWorld('2026-03-01T12:00:30Z');
    await world.put(aDraft(everyFiveMinutes));
    await world.runUntil('2026-03-01T12:31:00Z');
    expect(await world.firedAt()).toEqual(['12:05:00', '12:10:00', '12:15:00', '12:20:00', '12:25:00', '12:30:00']);
    const runs = await world.runsOf();
    expect(runs.map((run) => run.startedAt)).toEqual(runs.map((run) => run.triggeredAt));
    expect(world.calls.map((call) => call.runId)).toEqual(runs.map((run) => run.id));
    expect(runs.every((run) => run.state.phase === 'completed')).toBe(true);
  });

  it('never starts before its nominal time, although the message becomes visible up to a second early', async () => {
    const world = createWorld('2026-03-01T12:04:00.900Z');
    await world.put(aDraft(everyFiveMinutes));
    await world.runUntil('2026-03-01T12:05:02Z');
    expect(world.calls.map(({ at }) => at.toISOString())).toEqual(['2026-03-01T12:05:00.000Z']);
  });

  it.each([
    [2, { kind: 'done', reason: 'completed' }, '12:05:00.000'],
    [2.001, { kind: 'put_back', reason: 'early', delaySeconds: 2 }, '12:04:57.999'],
  ])('delivered %d s early waits for its time, or is put back until then', async (seconds, rest, until) => {
    const world = createWorld('2026-03-01T12:00:00Z');
    await world.put(aDraft(everyFiveMinutes));
    const nominal = Date.parse('2026-03-01T12:05:00Z');
    world.clock.set(new Date(nominal - seconds * 1000));
    const message = { kind: 'fire', project: demo, routine: daily, trigger: triggerName('main'), nominal } as const;
    expect(await deliver(world.deps, { message, dequeueCount: 1, owner: 'o' })).toEqual(rest);
    expect(world.clock.now().toISOString().slice(11, 23)).toBe(until);
  });

  it('is put back when it is delivered more than two seconds early', async () => {
    const world = createWorld('2026-03-01T12:00:00Z');
    await world.put(aDraft(everyFiveMinutes));
    const nominal = new Date('2026-03-01T12:05:00Z').getTime();
    await world.deps.deliveries.send(
      { kind: 'fire', project: demo, routine: daily, trigger: triggerName('main'), nominal },
      0,
    );
    expect(await world.deliverVisible()).toEqual([{ kind: 'put_back', reason: 'early', delaySeconds: 300 }]);
    expect(world.calls).toEqual([]);
  });

  it('loses nothing when the ticks pause for less than the horizon', async () => {
    const world = createWorld('2026-03-01T12:00:30Z');
    await world.put(aDraft(everyFiveMinutes));
    await world.runUntil('2026-03-01T12:01:30Z');
    for (let i = 0; i < 4 * 60; i += 1) {
      await world.deliverVisible();
      world.clock.advance(1);
    }
    await world.runUntil('2026-03-01T12:11:00Z');
    expect(await world.firedAt()).toEqual(['12:05:00', '12:10:00']);
    expect((await world.runsOf()).map((run) => run.startedAt?.toISOString())).toEqual([
      '2026-03-01T12:05:00.000Z',
      '2026-03-01T12:10:00.000Z',
    ]);
  });

  it('fires late within the grace and records what was missed beyond it as one visible run', async () => {
    const world = createWorld('2026-03-01T12:00:30Z');
    await world.put(aDraft(everyFiveMinutes));
    await world.runUntil('2026-03-01T12:06:00Z');
    world.clock.set(new Date('2026-03-01T13:02:00Z'));
    await world.runUntil('2026-03-01T13:06:00Z');
    const runs = await world.runsOf();
    expect(runs.map((run) => [run.triggeredAt.toISOString().slice(11, 16), run.state.phase])).toEqual([
      ['12:05', 'completed'],
      ['12:10', 'completed'],
      ['12:15', 'killed'],
      ['13:00', 'completed'],
      ['13:05', 'completed'],
    ]);
    expect(runs[2]).toMatchObject({
      missed: { count: 9, firstAt: new Date('2026-03-01T12:15:00Z'), lastAt: new Date('2026-03-01T12:55:00Z') },
      state: { skipReason: 'missed', error: { type: 'missed' } },
    });
  });

  it('fires each slot once when two ticks run at the same time', async () => {
    const world = createWorld('2026-03-01T12:00:30Z');
    await world.put(aDraft(everyFiveMinutes));
    world.clock.set(new Date('2026-03-01T12:06:00Z'));
    await Promise.all([world.tick(), world.tick()]);
    expect(world.deps.deliveries.messages.length).toBeGreaterThan(2);
    await world.runUntil('2026-03-01T12:16:00Z');
    expect(await world.firedAt()).toEqual(['12:05:00', '12:10:00', '12:15:00']);
    expect(world.calls).toHaveLength(3);
  });
});

describe('a tick', () => {
  it('that is held up between its messages and its advance passes over no slot', async () => {
    const world = createWorld('2026-03-01T12:00:30Z');
    await world.put(aDraft(everyFiveMinutes));
    world.clock.set(new Date('2026-03-01T12:05:00Z'));
    const deliveries = {
      send: async (...args: Parameters<typeof world.deps.deliveries.send>) => {
        await world.deps.deliveries.send(...args);
        world.clock.set(new Date('2026-03-01T12:11:00Z'));
      },
    };
    await tick({ ...world.deps, deliveries });
    await world.runUntil('2026-03-01T12:21:00Z');
    expect(await world.firedAt()).toEqual(['12:05:00', '12:10:00', '12:15:00', '12:20:00']);
  });

  it('whose queue hangs ends before the platform ends it: what it did not come to is due for the next one', async () => {
    const world = createWorld('2026-03-01T12:00:30Z');
    const names = Array.from({ length: 100 }, (_, index) => routineName(`r${index}`));
    for (const name of names) await world.put(aDraft({ type: 'timer', at: '20m' }), name);
    world.clock.set(new Date('2026-03-01T12:16:00Z'));
    const deliveries = {
      send: async () => {
        world.clock.advance(10);
        throw new StorageUnavailableError('no answer');
      },
    };
    const startedAt = world.clock.now().getTime();
    await tick({ ...world.deps, deliveries });
    const seconds = (world.clock.now().getTime() - startedAt) / 1000;
    expect(seconds).toBeGreaterThan(200);
    expect(seconds).toBeLessThan(300);
    await world.tick();
    expect(world.deps.deliveries.sent).toHaveLength(names.length);
  });
});

it('a tick lags as far as its latest slot, however many are late', async () => {
  const world = createWorld('2026-03-01T12:00:30Z');
  const names = Array.from({ length: 20 }, (_, index) => routineName(`r${index}`));
  for (const name of names) await world.put(aDraft({ type: 'timer', at: '20m' }), name);
  world.clock.set(new Date('2026-03-01T12:21:30Z'));
  expect(await world.tick()).toMatchObject({ fired: 20, lagSeconds: 60 });
});

describe('a timer', () => {
  const soon = { type: 'timer', at: '90s' } as const;

  it('fires once and never again', async () => {
    const world = createWorld('2026-03-01T12:00:00Z');
    await world.put(aDraft(soon));
    await world.runUntil('2026-03-01T12:20:00Z');
    expect(await world.firedAt()).toEqual(['12:01:30']);
  });

  it('beyond the horizon is sent by the tick', async () => {
    const world = createWorld('2026-03-01T12:00:00Z');
    await world.put(aDraft({ type: 'timer', at: '20m' }));
    expect(world.deps.deliveries.sent).toEqual([]);
    await world.runUntil('2026-03-01T12:21:00Z');
    expect(await world.firedAt()).toEqual(['12:20:00']);
  });

  it('fires however late, for it has no next slot that could make up for it', async () => {
    const world = createWorld('2026-03-01T12:00:00Z');
    await world.put(aDraft({ type: 'timer', at: '20m' }));
    world.clock.set(new Date('2026-03-03T08:00:00Z'));
    await world.runUntil('2026-03-03T08:01:05Z');
    expect((await world.runsOf()).map((run) => run.state.phase)).toEqual(['completed']);
  });

  it('is not fired again by disable and enable, nor by a PUT of what GET returned', async () => {
    const world = createWorld('2026-03-01T12:00:00Z');
    const routine = await world.put(aDraft(soon));
    await world.runUntil('2026-03-01T12:02:00Z');
    await world.service.setRoutineEnabled(demo, daily, false);
    await world.service.setRoutineEnabled(demo, daily, true);
    const [trigger] = routine.triggers;
    const at = trigger?.trigger.type === 'timer' ? trigger.trigger.at.toISOString() : '';
    await world.put(aDraft({ type: 'timer', at }, { description: 'changed' }));
    await world.runUntil('2026-03-01T12:10:00Z');
    expect(await world.firedAt()).toEqual(['12:01:30']);
  });

  it('whose time passes while it is disabled is spent', async () => {
    const world = createWorld('2026-03-01T12:00:00Z');
    await world.put(aDraft(soon, { enabled: false }));
    await world.runUntil('2026-03-01T12:05:00Z');
    await world.service.setRoutineEnabled(demo, daily, true);
    await world.runUntil('2026-03-01T12:10:00Z');
    expect(await world.firedAt()).toEqual([]);
  });

  it('fires again after a PUT with a new instant', async () => {
    const world = createWorld('2026-03-01T12:00:00Z');
    await world.put(aDraft(soon));
    await world.runUntil('2026-03-01T12:02:00Z');
    await world.put(aDraft(soon));
    await world.runUntil('2026-03-01T12:05:00Z');
    expect(await world.firedAt()).toEqual(['12:01:30', '12:03:30']);
  });
});

describe('a change wins', () => {
  it.each([
    ['delete', (world: World) => world.service.deleteRoutine(demo, daily)],
    ['disable', (world: World) => world.service.setRoutineEnabled(demo, daily, false)],
  ])('over slots that are sent but not started: %s stops them', async (_what, change) => {
    const world = createWorld('2026-03-01T12:00:30Z');
    await world.put(aDraft(everyFiveMinutes));
    await world.runUntil('2026-03-01T12:04:00Z');
    expect(world.deps.deliveries.messages).toHaveLength(1);
    await change(world);
    await world.runUntil('2026-03-01T12:20:00Z');
    expect(await world.firedAt()).toEqual([]);
    expect(world.deps.deliveries.messages).toEqual([]);
  });

  it('over slots of an earlier cron expression, and keeps those of the new one', async () => {
    const world = createWorld('2026-03-01T12:00:30Z');
    await world.put(aDraft(everyFiveMinutes));
    await world.runUntil('2026-03-01T12:04:00Z');
    await world.put(aDraft({ type: 'schedule', cronExpression: '7 * * * *' }));
    await world.runUntil('2026-03-01T13:08:00Z');
    expect(await world.firedAt()).toEqual(['12:07:00', '13:07:00']);
  });

  it('with the new input but without a new slot when only the input changes', async () => {
    const world = createWorld('2026-03-01T12:00:30Z');
    await world.put(aDraft(everyFiveMinutes));
    await world.runUntil('2026-03-01T12:04:00Z');
    const sent = world.deps.deliveries.sent.length;
    await world.put(
      aDraft(everyFiveMinutes, { action: { type: 'invoke_agent_responses_api', agentName: 'a', input: 'new' } }),
    );
    expect(world.deps.deliveries.sent).toHaveLength(sent);
    await world.runUntil('2026-03-01T12:06:00Z');
    expect(world.calls.map(({ action }) => action.input)).toEqual(['new']);
  });

  it('and enabling after a week fires nothing of that week', async () => {
    const world = createWorld('2026-03-01T12:00:30Z');
    await world.put(aDraft(everyFiveMinutes));
    await world.service.setRoutineEnabled(demo, daily, false);
    world.clock.set(new Date('2026-03-08T12:00:30Z'));
    await world.service.setRoutineEnabled(demo, daily, true);
    await world.runUntil('2026-03-08T12:06:00Z');
    expect((await world.runsOf()).map((run) => run.triggeredAt.toISOString())).toEqual(['2026-03-08T12:05:00.000Z']);
  });

  it('and a routine deleted and made again under its name fires by its own plan only', async () => {
    const world = createWorld('2026-03-01T12:00:30Z');
    await world.put(aDraft(everyFiveMinutes));
    await world.service.deleteRoutine(demo, daily);
    const again = await world.put(aDraft({ type: 'schedule', cronExpression: '3 * * * *' }));
    expect(again.generation).toBe(3);
    await world.runUntil('2026-03-01T12:20:00Z');
    expect(await world.firedAt()).toEqual(['12:03:00']);
  });
});

type World = ReturnType<typeof createWorld>;
