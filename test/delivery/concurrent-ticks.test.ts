import { describe, expect, it } from 'vitest';
import type { DueBatch } from '../../shared/app/ports/schedule-store.ts';
import { tick } from '../../shared/app/schedule/tick.ts';
import type { Routine } from '../../shared/domain/routine.ts';
import type { Run } from '../../shared/domain/run.ts';
import { demo } from '../app/world.ts';
import { at, routineName } from '../builders.ts';
import { seedRoutine, slotsUntil } from '../e2e/seeded-routine.ts';
import { createTestStorage } from '../storage/test-storage.ts';
import { answered, createVirtualService, type VirtualService } from './virtual-service.ts';

const minutes = 3;

/** Routines that fire each minute, none of whose slots was sent yet. */
const aService = async (count: number) => {
  const { config } = await createTestStorage();
  const service = createVirtualService(config, '2026-03-01T12:00:00Z', () => answered);
  const routines = await Promise.all(
    Array.from({ length: count }, (_, index) => {
      const since = new Date(service.clock.now().getTime() - 90_000);
      return seedRoutine(service.deps, routineName(`ticked-${index}`), since);
    }),
  );
  return { service, routines };
};

const slotsOf = (runs: readonly Run[]): readonly string[] => runs.map((run) => run.triggeredAt.toISOString());

/** Exactly one run and one call for each slot up to now. */
const expectEachSlotOnce = async (service: VirtualService, routines: readonly Routine[]): Promise<void> => {
  const now = service.clock.now();
  for (const { name, createdAt } of routines) {
    const expected = slotsUntil(createdAt, now).map((slot) => slot.toISOString());
    const runs = await service.runsOf(name);
    expect(slotsOf(runs), name).toEqual(expected);
    expect(new Set(runs.map(({ state }) => state.phase)), name).toEqual(new Set(['completed']));
  }
  const calls = service.calls.map(({ runId }) => runId);
  expect(new Set(calls).size).toBe(calls.length);
};

/** Where the due index goes on: once for each routine, at the first slot beyond the horizon. */
const expectDueOnce = async ({ deps, clock }: VirtualService, routines: readonly Routine[]): Promise<void> => {
  const due: string[] = [];
  for (let shard = 0; shard < deps.schedule.shardCount; shard += 1) {
    for await (const batch of deps.schedule.due(shard, at('2100-01-01T00:00:00Z'))) {
      due.push(...batch.slots.map(({ routine, nominal }) => `${routine} ${nominal.toISOString()}`));
    }
  }
  const horizon = clock.now().getTime() + deps.window.lookaheadSeconds * 1000;
  const next = new Date(Math.floor(horizon / 60_000 + 1) * 60_000).toISOString();
  expect(due.toSorted()).toEqual(routines.map(({ name }) => `${name} ${next}`).toSorted());
};

describe('two ticks at once', { timeout: 300_000 }, () => {
  it('send every slot, advance every trigger once, and bring one run and one call for each slot', async () => {
    const { service, routines } = await aService(24);
    for (let minute = 0; minute < minutes; minute += 1) {
      await Promise.all([tick(service.deps), tick(service.deps)]);
      await expectDueOnce(service, routines);
      await service.live(60);
    }
    const sent = service.deps.deliveries.sent.filter(({ message }) => message.kind === 'fire');
    expect(sent.length).toBeGreaterThan(service.calls.length);
    await service.live(60);
    await expectEachSlotOnce(service, routines);
  });

  it('of which one stood still after it read the due index, for three minutes, do the same', async () => {
    const { service, routines } = await aService(20);
    const wake = Promise.withResolvers<void>();
    const reads = Promise.withResolvers<void>();
    const { schedule } = service.deps;
    let read = 0;
    const suspended = tick({
      ...service.deps,
      schedule: {
        ...schedule,
        due: async function* (shard, horizon) {
          const batches: DueBatch[] = [];
          for await (const batch of schedule.due(shard, horizon)) batches.push(batch);
          read += 1;
          if (read === schedule.shardCount) reads.resolve();
          await wake.promise;
          yield* batches;
        },
      },
    });
    await reads.promise;
    for (let minute = 0; minute < 3; minute += 1) {
      await tick(service.deps);
      await service.live(60);
    }
    const calls = service.calls.length;
    wake.resolve();
    await suspended;
    await service.live(0);
    expect(service.calls).toHaveLength(calls);
    await tick(service.deps);
    await expectDueOnce(service, routines);
    await expectEachSlotOnce(service, routines);
  });

  it('with changes at the same moment leave no slot of a disabled, deleted or changed routine', async () => {
    const { service, routines } = await aService(30);
    await Promise.all([tick(service.deps), tick(service.deps)]);
    await service.live(60);
    const changedAt = service.clock.now();
    const change = ({ name }: Routine, index: number): Promise<unknown> => {
      if (index % 3 === 0) return service.useCases.setRoutineEnabled(demo, name, false);
      if (index % 3 === 1) return service.useCases.deleteRoutine(demo, name);
      return service.useCases
        .setRoutineEnabled(demo, name, false)
        .then(() => service.useCases.setRoutineEnabled(demo, name, true));
    };
    await Promise.all([tick(service.deps), ...routines.map(change), tick(service.deps)]);
    await service.live(180);
    const again = routines.filter((_, index) => index % 3 === 2);
    await tick(service.deps);
    await expectDueOnce(service, again);
    await expectEachSlotOnce(service, again);
    for (const { name } of routines.filter((routine) => !again.includes(routine))) {
      const late = (await service.runsOf(name)).filter((run) => run.triggeredAt > changedAt);
      expect(slotsOf(late), name).toEqual([]);
    }
  });
});
