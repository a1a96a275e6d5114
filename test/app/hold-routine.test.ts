import { describe, expect, it } from 'vitest';
import { endRun, holdAfterStandingBack, releaseHold } from '../../shared/app/delivery/hold-routine.ts';
import { unscaledTimings } from '../../shared/app/timings.ts';
import type { Hold } from '../../shared/domain/concurrency.ts';
import type { RunState } from '../../shared/domain/run.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { aRun, at, routineName } from '../builders.ts';
import { createWorld, daily, demo } from './world.ts';

const now = at('2026-03-01T12:00:00Z');
const idOf = (digit: string) => dispatchRunId(now, digit.repeat(20));
const [own, other, third] = [idOf('1'), idOf('2'), idOf('3')];
const until = at('2026-03-01T12:01:00Z');
const error = { type: 'timeout', message: '' };
const killed = { phase: 'killed', endedAt: now, error: { type: 'cancelled', message: '' } } as const;

describe('the hold of a run that stands back for the one that has its thread', () => {
  const retryAt = at('2026-03-01T12:00:05Z');
  const backingOff: RunState = { phase: 'backing_off', retryAt };
  const kept = at('2026-03-01T12:00:20Z');
  const cases: readonly (readonly [string, RunState, string, Hold])[] = [
    ['is given to that one of the same routine', backingOff, 'daily', { active: { runId: other, until: kept } }],
    ['is kept from that one of another routine', backingOff, 'other', { active: { runId: own, until: kept } }],
    ['is given up when it has waited for too long', { phase: 'failed', endedAt: now, error }, 'daily', {}],
  ];
  it.each(cases)('%s', (_what, state, routine, expected) => {
    const run = aRun({ id: own, routine: daily, exclusive: 'skip_if_active', state });
    const behind = { routine: routineName(routine), runId: other };
    const hold = { active: { runId: own, until } };
    expect(holdAfterStandingBack(run, hold, { behind, timings: unscaledTimings })).toEqual(expected);
  });
});

describe('the hold of a run that somebody else ends', () => {
  const start = async (hold: Hold) => {
    const { deps } = createWorld('2026-03-01T12:00:00Z');
    const run = aRun({ project: demo, routine: daily, id: own, exclusive: 'coalesce_if_active' });
    const stored = await deps.runs.create(run);
    if (stored === null) throw new Error('expected a new run');
    await deps.runs.writeHold(demo, daily, { over: await deps.runs.readHold(demo, daily), to: hold });
    return { deps, run, version: stored.version };
  };

  it('is given up although it changes at the same time, and wakes the one that waits', async () => {
    const { deps, run, version } = await start({ active: { runId: own, until } });
    const { readHold, writeHold } = deps.runs;
    let isFirst = true;
    const runs = {
      ...deps.runs,
      readHold: async (...of: Parameters<typeof readHold>) => {
        const over = await readHold(...of);
        if (isFirst) await writeHold(...of, { over, to: { active: { runId: own, until }, waiting: third } });
        isFirst = false;
        return over;
      },
    };
    expect(await endRun({ ...deps, runs }, { run, version }, { ...run, state: killed })).toBe(true);
    expect(await readHold(demo, daily)).not.toHaveProperty('active');
    expect(deps.deliveries.sent).toMatchObject([{ message: { kind: 'dispatch', runId: third }, delaySeconds: 0 }]);
  });

  it('is let go of by its delivery, which wakes the one that waits', async () => {
    const { deps, run } = await start({ active: { runId: own, until }, waiting: third });
    await releaseHold(deps, run);
    expect(await deps.runs.readHold(demo, daily)).not.toHaveProperty('active');
    expect(deps.deliveries.sent).toMatchObject([{ message: { kind: 'dispatch', runId: third }, delaySeconds: 0 }]);
  });

  it('is left alone when it is another one’s by then', async () => {
    const { deps, run } = await start({ active: { runId: other, until }, waiting: third });
    const before = await deps.runs.readHold(demo, daily);
    await releaseHold(deps, run);
    expect(await deps.runs.readHold(demo, daily)).toEqual(before);
    expect(deps.deliveries.sent).toEqual([]);
  });
});
