import { describe, expect, it } from 'vitest';
import type { RoutineDraft, TriggerDraft } from '../../shared/domain/routine-draft.ts';
import { anAction, triggerName } from '../builders.ts';
import { createWorld, daily, demo } from './world.ts';

const every = (minutes: number): TriggerDraft => ({ type: 'schedule', cronExpression: `*/${minutes} * * * *` });

const withTriggers = (triggers: Readonly<Record<string, TriggerDraft | false>>): RoutineDraft => ({
  enabled: true,
  triggers: Object.entries(triggers).map(([name, trigger]) => ({
    name: triggerName(name),
    enabled: trigger !== false,
    trigger: trigger === false ? every(5) : trigger,
  })),
  action: anAction(),
  catchUp: { policy: 'skip_missed' },
  concurrencyPolicy: 'always_enqueue',
});

const start = '2026-03-01T12:00:30Z';
type World = ReturnType<typeof createWorld>;

const history = async (world: World) =>
  (await world.runsOf()).map((run) => `${run.triggeredAt.toISOString().slice(11, 16)} ${run.triggerName}`);

describe('several triggers', () => {
  it('fire each by itself, also at the same instant', async () => {
    const world = createWorld(start);
    await world.put(
      withTriggers({ fast: every(10), slow: every(15), once: { type: 'timer', at: '2026-03-01T12:07:00Z' } }),
    );
    await world.runUntil('2026-03-01T12:31:00Z');
    expect((await history(world)).sort()).toEqual([
      '12:07 once',
      '12:10 fast',
      '12:15 slow',
      '12:20 fast',
      '12:30 fast',
      '12:30 slow',
    ]);
    expect(new Set(world.calls.map(({ runId }) => runId)).size).toBe(6);
  });

  it('may be off one by one: a disabled one fires nothing, and nothing of its time off when it is on again', async () => {
    const world = createWorld(start);
    await world.put(withTriggers({ off: false, on: every(10) }));
    await world.runUntil('2026-03-01T12:21:00Z');
    await world.put(withTriggers({ off: every(5), on: every(10) }));
    await world.runUntil('2026-03-01T12:31:00Z');
    expect((await history(world)).sort()).toEqual(['12:10 on', '12:20 on', '12:25 off', '12:30 off', '12:30 on']);
  });

  it('keep their pending slots when another one is edited, added or removed', async () => {
    const world = createWorld(start);
    await world.put(withTriggers({ kept: every(5), edited: every(10) }));
    await world.runUntil('2026-03-01T12:04:00Z');
    const pending = world.deps.deliveries.messages.map(({ messageId }) => messageId);
    expect(pending).toHaveLength(1);
    await world.put(withTriggers({ kept: every(5), edited: every(15), added: every(30) }));
    await world.put(withTriggers({ kept: every(5), added: every(30) }));
    expect(world.deps.deliveries.messages.map(({ messageId }) => messageId)).toEqual(pending);
    const routine = await world.service.getRoutine(demo, daily);
    expect(routine.triggers.map(({ name, plan }) => `${name} ${plan}`)).toEqual(['added 2', 'kept 1']);
    await world.runUntil('2026-03-01T12:31:00Z');
    expect((await history(world)).filter((line) => !line.endsWith('kept'))).toEqual(['12:30 added']);
    expect((await history(world)).filter((line) => line.endsWith('kept'))).toHaveLength(6);
  });
});
