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

  it('is not tried again when the last try ended the process', async () => {
    const { deps, kept } = await start();
    const end = await doPoisonedWork(deps, { message: scan, body: JSON.stringify(scan), dequeueCount: 2 });
    expect(end).toEqual({ kind: 'done', reason: 'poisoned' });
    expect(kept()).toMatchObject([{ reason: 'It ended its process every time it was tried.' }]);
    expect(kept()[0]?.of).toBeUndefined();
  });

  it('is put back when storage does not answer', async () => {
    const { deps, kept } = await start(new StorageUnavailableError('no answer'));
    const end = await doPoisonedWork(deps, { message, body, dequeueCount: 1 });
    expect(end).toEqual({ kind: 'put_back', reason: 'storage_unavailable', delaySeconds: 30 });
    expect(kept()).toEqual([]);
  });
});
