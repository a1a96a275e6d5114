import { describe, expect, it } from 'vitest';
import { listRuns } from '../../shared/app/runs/list-runs.ts';
import type { RunFilter } from '../../shared/domain/run-filter/run-filter.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { aRun, at } from '../builders.ts';
import { createWorld, daily, demo } from './world.ts';

const failed: RunFilter = [{ type: 'text', field: 'status', operator: 'in', values: ['failed'] }];
const endedAt = at('2026-03-01T12:00:00Z');

/** So many runs, of which the oldest has failed. */
const withRuns = async (count: number) => {
  const { deps } = createWorld('2026-03-01T12:00:00Z');
  for (let number = 0; number < count; number += 1) {
    const id = dispatchRunId(new Date(endedAt.getTime() + number * 1000), 'a'.repeat(20));
    const error = { type: 'agent_error', message: 'no' };
    const state = number === 0 ? ({ phase: 'failed', endedAt, error } as const) : ({ phase: 'queued' } as const);
    await deps.runs.create(aRun({ project: demo, routine: daily, id, state }));
  }
  return (after?: string) =>
    listRuns(deps, { project: demo, routine: daily, order: 'desc', limit: 1, filter: failed, after });
};

describe('a filtered page of runs', () => {
  it('reads a thousand runs, and goes on behind them', async () => {
    const list = await withRuns(1001);
    const { items, next } = await list();
    expect(items).toEqual([]);
    expect((await list(next)).items).toMatchObject([{ state: { phase: 'failed' } }]);
  });

  it('is the last one when the last run is on it', async () => {
    const list = await withRuns(201);
    expect(await list()).toEqual({ items: [expect.objectContaining({ triggerName: 'main' })] });
  });
});
