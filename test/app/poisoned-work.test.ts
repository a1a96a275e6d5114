import { describe, expect, it } from 'vitest';
import { doPoisonedWork } from '../../shared/app/operations/do-work.ts';
import type { WorkMessage } from '../../shared/app/ports/messages.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

const message: WorkMessage = { kind: 'reconcile', project: demo, routine: daily, generation: 1 };
const body = JSON.stringify(message);
const scan: WorkMessage = {
  kind: 'scan',
  startedAt: 0,
  found: { routines: 0, lostRuns: 0, repairedSchedules: 0, unreadableRoutines: 0 },
};

const start = async (failure?: Error) => {
  const world = createWorld('2026-03-01T12:00:30Z');
  await world.put(aDraft(everyFiveMinutes));
  const read = () => Promise.reject(failure);
  const schedule = failure === undefined ? world.deps.schedule : { ...world.deps.schedule, read };
  return { deps: { ...world.deps, schedule }, kept: () => world.deps.poisoned.messages };
};

describe('work that failed too often', () => {
  it('is tried once more, and is done when it succeeds', async () => {
    const { deps, kept } = await start();
    expect(await doPoisonedWork(deps, { message, body, dequeueCount: 1 })).toEqual({ kind: 'done', reason: 'worked' });
    expect(kept()).toEqual([]);
  });

  it('is kept with the reason when it fails again, as its routine’s', async () => {
    const { deps, kept } = await start(new Error('Row "s!x" cannot be read'));
    const end = await doPoisonedWork(deps, { message, body, dequeueCount: 1 });
    expect(end).toEqual({ kind: 'done', reason: 'poisoned' });
    const of = { project: demo, routine: daily };
    expect(kept()).toMatchObject([{ queue: 'work', body, reason: 'Row "s!x" cannot be read', of }]);
  });

  it('is tried again at a time of its own when a process died with it, and kept after the third death', async () => {
    const { deps, kept } = await start();
    const died = (lives?: number) => {
      const left = { ...scan, ...(lives !== undefined && { lives }) };
      return doPoisonedWork(deps, { message: left, body: JSON.stringify(left), dequeueCount: 2 });
    };
    const apart = { kind: 'put_back', reason: 'life_ended', delaySeconds: 30 };
    expect(await died()).toEqual({ ...apart, marks: { lives: 1 } });
    expect(await died(1)).toEqual({ ...apart, marks: { lives: 2 } });
    expect(kept()).toEqual([]);
    expect(await died(2)).toEqual({ kind: 'done', reason: 'poisoned' });
    expect(kept()).toMatchObject([{ body: JSON.stringify(scan), reason: 'It ended its process 3 times.' }]);
    expect(kept()[0]?.of).toBeUndefined();
  });

  it('that was taken along by a neighbour is done at its next try', async () => {
    const { deps, kept } = await start();
    const left = { ...scan, lives: 2 };
    const end = await doPoisonedWork(deps, { message: left, body: JSON.stringify(left), dequeueCount: 1 });
    expect(end).toEqual({ kind: 'done', reason: 'worked' });
    expect(kept()).toEqual([]);
  });

  it('is put back when storage does not answer', async () => {
    const { deps, kept } = await start(new StorageUnavailableError('no answer'));
    const end = await doPoisonedWork(deps, { message, body, dequeueCount: 1 });
    expect(end).toEqual({ kind: 'put_back', reason: 'storage_unavailable', delaySeconds: 30 });
    expect(kept()).toEqual([]);
  });
});
