import { describe, expect, it } from 'vitest';
import { countOutcomes } from '../../shared/app/operations/count-outcomes.ts';
import type { OutcomeRecord } from '../../shared/app/ports/outcome-store.ts';
import { unscaledTimings } from '../../shared/app/timings.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import type { Run, RunState } from '../../shared/domain/run.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { aRun, at, projectName } from '../builders.ts';
import { createMemoryOutcomeStore } from '../memory/outcome-store.ts';
import { createMemoryRunStore } from '../memory/run-store.ts';
import { countingRandomness, silent } from '../service-ports.ts';
import { createFakeClock } from './fake-clock.ts';

const endedAt = at('2026-03-01T12:00:00Z');
const error = { type: 'timeout', message: '' };
const completed: RunState = { phase: 'completed', endedAt, answer: {} };
const failed: RunState = { phase: 'failed', endedAt, error };
const killed: RunState = { phase: 'killed', endedAt, error };

const start = () => {
  const clock = createFakeClock('2026-03-01T12:00:30Z');
  const written: OutcomeRecord[] = [];
  const outcomes = {
    ...createMemoryOutcomeStore(),
    write: async (record: OutcomeRecord) => {
      written.push(record);
    },
  };
  const randomness = countingRandomness();
  let flush = (): void => undefined;
  const repeat = (milliseconds: number, act: () => void) => {
    expect(milliseconds).toBe(60_000);
    flush = act;
  };
  const store = createMemoryRunStore();
  const runs = countOutcomes(store, { outcomes, clock, repeat, randomness, log: silent, timings: unscaledTimings });
  let drawn = 0;
  const aNewRun = (over: Partial<Run> = {}): Run =>
    aRun({ id: dispatchRunId(at('2026-03-01T12:00:00Z'), (++drawn).toString(16).padStart(19, '0')), ...over });
  const afterAMinute = async () => {
    clock.advance(60);
    flush();
    await new Promise((resolve) => setImmediate(resolve));
    return written.splice(0);
  };
  return { store, runs, outcomes, aNewRun, afterAMinute };
};

describe('ended runs', () => {
  it('are counted by their end and written once a minute, each project by itself', async () => {
    const { runs, aNewRun, afterAMinute } = start();
    const other = projectName('other');
    for (const state of [completed, completed, failed, killed]) await runs.create(aNewRun({ state }));
    await runs.create(aNewRun({ project: other, state: failed }));
    expect(await afterAMinute()).toEqual([
      {
        project: 'demo',
        minute: at('2026-03-01T12:01:00Z'),
        instance: 16,
        counts: { completed: 2, failed: 1, killed: 1 },
      },
      {
        project: 'other',
        minute: at('2026-03-01T12:01:00Z'),
        instance: 16,
        counts: { completed: 0, failed: 1, killed: 0 },
      },
    ]);
    expect(await afterAMinute()).toEqual([]);
  });

  it('count when their row is written, and not before', async () => {
    const { runs, aNewRun, afterAMinute } = start();
    const run = aNewRun();
    const created = await runs.create(run);
    expect(await afterAMinute()).toEqual([]);
    await runs.replace({ ...run, state: completed }, created?.version ?? '');
    expect(await afterAMinute()).toMatchObject([{ counts: { completed: 1 } }]);
  });

  it('that were written by somebody else do not count', async () => {
    const { runs, aNewRun, afterAMinute } = start();
    const run = aNewRun({ state: completed });
    await runs.create(run);
    await afterAMinute();
    expect(await runs.create(run)).toBeNull();
    expect(await runs.replace(run, 'outdated')).toBeNull();
    expect(await afterAMinute()).toEqual([]);
  });

  it('that cannot be written, since storage does not answer, are lost and trouble nobody', async () => {
    const { runs, outcomes, aNewRun, afterAMinute } = start();
    const write = outcomes.write;
    outcomes.write = () => Promise.reject(new StorageUnavailableError('no answer'));
    await runs.create(aNewRun({ state: completed }));
    expect(await afterAMinute()).toEqual([]);
    outcomes.write = write;
    await runs.create(aNewRun({ state: failed }));
    expect(await afterAMinute()).toMatchObject([{ counts: { completed: 0, failed: 1 } }]);
  });
});
