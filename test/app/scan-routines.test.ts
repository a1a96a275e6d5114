import { describe, expect, it } from 'vitest';
import { scanRoutines, startScan } from '../../shared/app/operations/scan-routines.ts';
import type { WorkMessage } from '../../shared/app/ports/messages.ts';
import { repairSchedule } from '../../shared/app/schedule/repair-schedule.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import type { RoutineName } from '../../shared/domain/names.ts';
import type { Run } from '../../shared/domain/run.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { aRun, aSchedule, aTrigger, at, routineName, triggerName } from '../builders.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

const hourly = { type: 'schedule', cronExpression: '0 * * * *' } as const;
const claim = (until: string) => ({
  owner: 'o',
  attempt: 1,
  startedAt: at('2026-03-02T12:00:00Z'),
  leaseUntil: at(until),
});
const nothing = { routines: 0, lostRuns: 0, repairedSchedules: 0, unreadableRoutines: 0 };

/** It is noon on 5 March; the scan of that day is on its way. */
const start = async () => {
  const world = createWorld('2026-03-01T12:00:30Z');
  await world.put(aDraft(hourly));
  const next = at('2026-03-05T13:00:00Z');
  const [state] = await world.deps.schedule.read(demo, daily);
  const to = { project: demo, routine: daily, triggerName: triggerName('main'), trigger: aSchedule('0 * * * *') };
  await world.deps.schedule.write(demo, daily, [
    { triggerName: to.triggerName, from: state ?? null, to: { ...to, plan: 1, nominal: next } },
  ]);
  world.clock.set(at('2026-03-05T12:00:00Z'));
  let drawn = 0;
  const aRunAt = async (iso: string, state: Run['state'], over: Partial<Run> = {}) => {
    const id = dispatchRunId(at(iso), (++drawn).toString(16).padStart(19, '0'));
    const run = aRun({ project: demo, routine: daily, id, triggeredAt: at(iso), state, ...over });
    await world.deps.runs.create(run);
    return async () => (await world.deps.runs.get(demo, run.routine, id))?.run.state;
  };
  /** Begins a scan and does what its messages ask for, until there are none. */
  const scan = async () => {
    await startScan(world.deps);
    world.clock.advance(3600);
    let chunks = 0;
    for (let due = world.deps.work.receive(); due.length > 0; due = world.deps.work.receive()) {
      for (const received of due) {
        if (received.message.kind === 'scan') await scanRoutines(world.deps, received.message);
        await world.deps.work.remove(received);
        chunks += 1;
      }
    }
    return { chunks, ended: await world.deps.scans.read() };
  };
  return { world, aRunAt, scan };
};

describe('a scan that finds nothing', () => {
  it('changes nothing, and says that it was there', async () => {
    const { world, aRunAt, scan } = await start();
    const completed = { phase: 'completed', endedAt: at('2026-03-03T12:00:00Z'), answer: {} } as const;
    const state = await aRunAt('2026-03-03T12:00:00Z', completed);
    const before = await world.deps.schedule.read(demo, daily);
    const { ended } = await scan();
    expect(ended).toEqual({
      ...{ ...nothing, routines: 1 },
      startedAt: at('2026-03-05T12:00:00Z'),
      endedAt: at('2026-03-05T13:00:00Z'),
    });
    expect(await state()).toEqual(completed);
    expect(await world.deps.schedule.read(demo, daily)).toEqual(before);
  });

  it('comes an hour late, so that after an outage the queues are worked off first', async () => {
    const { world } = await start();
    await startScan(world.deps);
    expect(world.deps.work.sent.at(-1)).toMatchObject({ message: { kind: 'scan' }, delaySeconds: 3600 });
  });

  it('looks at each routine once, a hundred in a message, deleted ones too', async () => {
    const { world, scan } = await start();
    for (let index = 0; index < 250; index += 1) await world.put(aDraft(hourly), routineName(`r${index}`));
    await world.service.deleteRoutine(demo, routineName('r7'));
    expect(await scan()).toMatchObject({ chunks: 3, ended: { routines: 251, repairedSchedules: 0 } });
  });
});

describe('a run that nothing has happened to for a day', () => {
  it.each<[string, string, Run['state'], string]>([
    ['queued', '2026-03-03T12:00:00Z', { phase: 'queued' }, '2026-03-03T12:00:00.000Z'],
    [
      'claimed by a process that is gone',
      '2026-03-03T12:00:00Z',
      { phase: 'dispatching', claim: claim('2026-03-03T12:00:45Z') },
      '2026-03-03T12:00:45.000Z',
    ],
    [
      'between two attempts',
      '2026-03-03T12:00:00Z',
      { phase: 'backing_off', retryAt: at('2026-03-03T12:00:05Z') },
      '2026-03-03T12:00:05.000Z',
    ],
  ])('%s, is failed as lost, with what it was and since when', async (_what, iso, state, since) => {
    const { aRunAt, scan } = await start();
    const stateNow = await aRunAt(iso, state);
    expect((await scan()).ended).toMatchObject({ lostRuns: 1, repairedSchedules: 0 });
    const message = `The run was ${state.phase}, and nothing has happened to it since ${since}.`;
    expect(await stateNow()).toMatchObject({ phase: 'failed', error: { type: 'lost', message } });
    expect((await scan()).ended).toMatchObject({ lostRuns: 0 });
  });

  it('frees its routine', async () => {
    const { world, aRunAt, scan } = await start();
    const state = { phase: 'dispatching', claim: claim('2026-03-03T12:00:45Z') } as const;
    await aRunAt('2026-03-03T12:00:00Z', state, { exclusive: 'skip_if_active' });
    const [run] = await world.runsOf();
    if (run === undefined) throw new Error('expected the run');
    const over = await world.deps.runs.readHold(demo, daily);
    await world.deps.runs.writeHold(demo, daily, {
      over,
      to: { active: { runId: run.id, until: at('2026-03-03T12:00:45Z') } },
    });
    await scan();
    expect(await world.deps.runs.readHold(demo, daily)).not.toHaveProperty('active');
  });

  it.each<[string, string, Run['state']]>([
    ['asked for less than a day ago', '2026-03-04T14:00:00Z', { phase: 'queued' }],
    [
      'being called now, of a slot caught up on late',
      '2026-03-03T12:00:00Z',
      { phase: 'dispatching', claim: claim('2026-03-05T12:59:00Z') },
    ],
    ['about to be tried again', '2026-03-03T12:00:00Z', { phase: 'backing_off', retryAt: at('2026-03-05T13:10:00Z') }],
  ])('is none that was %s', async (_what, iso, state) => {
    const { aRunAt, scan } = await start();
    const stateNow = await aRunAt(iso, state);
    expect((await scan()).ended).toMatchObject({ lostRuns: 0 });
    expect(await stateNow()).toEqual(state);
  });

  it('is none that waits for another run to end', async () => {
    const { world, aRunAt, scan } = await start();
    const stateNow = await aRunAt('2026-03-03T12:00:00Z', { phase: 'queued' }, { exclusive: 'coalesce_if_active' });
    const [run] = await world.runsOf();
    if (run === undefined) throw new Error('expected the run');
    const over = await world.deps.runs.readHold(demo, daily);
    const active = {
      runId: dispatchRunId(at('2026-03-05T12:59:00Z'), 'f'.repeat(20)),
      until: at('2026-03-05T13:01:00Z'),
    };
    await world.deps.runs.writeHold(demo, daily, { over, to: { active, waiting: run.id } });
    expect((await scan()).ended).toMatchObject({ lostRuns: 0 });
    expect(await stateNow()).toEqual({ phase: 'queued' });
  });
});

describe('a run that waited for another one, and that nothing has happened to for a day', () => {
  it.each([
    ['is lost when that one is active no more', true, '2026-03-05T12:59:00Z'],
    ['is lost when a third one has its place', false, '2026-03-05T13:01:00Z'],
  ])('%s', async (_what, isWaiting, until) => {
    const { world, aRunAt, scan } = await start();
    await aRunAt('2026-03-03T12:00:00Z', { phase: 'queued' }, { exclusive: 'coalesce_if_active' });
    const [run] = await world.runsOf();
    if (run === undefined) throw new Error('expected the run');
    const runId = dispatchRunId(at('2026-03-05T12:00:00Z'), 'f'.repeat(20));
    const over = await world.deps.runs.readHold(demo, daily);
    const to = { active: { runId, until: at(until) }, waiting: isWaiting ? run.id : runId };
    await world.deps.runs.writeHold(demo, daily, { over, to });
    expect((await scan()).ended).toMatchObject({ lostRuns: 1 });
  });
});

describe('a schedule that is not what its routine says', () => {
  it('is made so and counted, once', async () => {
    const { world, scan } = await start();
    const stored = await world.deps.routines.get(demo, daily);
    if (stored?.kind !== 'routine') throw new Error('expected the routine');
    const since = at('2026-03-05T10:00:00Z');
    const trigger = aTrigger({ trigger: aSchedule('30 * * * *'), plan: 2, since });
    await world.deps.routines.put({ ...stored.routine, generation: 2, updatedAt: since, triggers: [trigger] }, stored);
    expect((await scan()).ended).toMatchObject({ repairedSchedules: 1, lostRuns: 0 });
    const [row] = await world.deps.schedule.read(demo, daily);
    expect(row?.plan).toBe(2);
    expect((await scan()).ended).toMatchObject({ repairedSchedules: 0 });
  });

  it('is left to its writer while the definition is younger than two minutes', async () => {
    const { world } = await start();
    const stored = await world.deps.routines.get(demo, daily);
    if (stored?.kind !== 'routine') throw new Error('expected the routine');
    const updatedAt = world.clock.now();
    await world.deps.routines.put({ ...stored.routine, generation: 2, updatedAt, enabled: false }, stored);
    world.clock.advance(119);
    expect(await repairSchedule(world.deps, stored.routine)).toBe(false);
    world.clock.advance(1);
    expect(await repairSchedule(world.deps, stored.routine)).toBe(true);
  });
});

describe('trouble', () => {
  const scanMessage = (over: object = {}): WorkMessage & { readonly kind: 'scan' } => ({
    ...{ kind: 'scan', startedAt: at('2026-03-05T12:00:00Z').getTime(), found: nothing },
    ...over,
  });
  const failing = (world: Awaited<ReturnType<typeof start>>['world'], bad: RoutineName, cause: Error) => {
    const read: typeof world.deps.schedule.read = (project, name) =>
      name === bad ? Promise.reject(cause) : world.deps.schedule.read(project, name);
    return { ...world.deps, schedule: { ...world.deps.schedule, read } };
  };

  it('with one routine is counted, and keeps the scan from no other', async () => {
    const { world, aRunAt } = await start();
    const bad = routineName('a-bad-one');
    await world.put(aDraft(everyFiveMinutes), bad);
    const stateNow = await aRunAt('2026-03-03T12:00:00Z', { phase: 'queued' });
    await scanRoutines(failing(world, bad, new Error('Row "s!x" cannot be read')), scanMessage());
    expect(await world.deps.scans.read()).toMatchObject({ routines: 2, unreadableRoutines: 1, lostRuns: 1 });
    expect((await stateNow())?.phase).toBe('failed');
  });

  it('with storage ends the chunk, which comes again', async () => {
    const { world } = await start();
    const deps = failing(world, daily, new StorageUnavailableError('no answer'));
    await expect(scanRoutines(deps, scanMessage())).rejects.toThrow('no answer');
    expect(await world.deps.scans.read()).toBeNull();
  });

  it('that repeats a chunk mends nothing twice, and the end that found more stands', async () => {
    const { world, aRunAt } = await start();
    await aRunAt('2026-03-03T12:00:00Z', { phase: 'queued' });
    await scanRoutines(world.deps, scanMessage());
    await scanRoutines(world.deps, scanMessage());
    expect(await world.deps.scans.read()).toMatchObject({ routines: 1, lostRuns: 1 });
    const nextDay = at('2026-03-06T12:00:00Z');
    await scanRoutines(world.deps, scanMessage({ startedAt: nextDay.getTime() }));
    expect(await world.deps.scans.read()).toMatchObject({ startedAt: nextDay, lostRuns: 0 });
  });
});
