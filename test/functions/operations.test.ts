import { describe, expect, it } from 'vitest';
import type { Status } from '../../shared/app/operations/read-status.ts';
import type { KeptMessage } from '../../shared/app/ports/poisoned-store.ts';
import { aRun, at, projectName, routineName } from '../builders.ts';
import { call } from './call.ts';
import { aFake } from './fake-services.ts';

const project = projectName('demo');
const params = { project };

const status: Status = {
  now: at('2026-03-01T12:01:30.500Z'),
  lastTick: { at: at('2026-03-01T12:00:00Z'), durationMs: 512, lagSeconds: 7, unusable: 3 },
  queues: { delivery: 1, deliveryPoison: 2, work: 3, workPoison: 4 },
  poisoned: { ofProject: 5, unattributed: 6 },
  runsLastHour: { completed: 7, failed: 8, killed: 9 },
  lastScan: {
    startedAt: at('2026-03-01T03:30:00Z'),
    endedAt: at('2026-03-01T04:30:09Z'),
    ...{ routines: 10, lostRuns: 11, repairedSchedules: 12, unreadableRoutines: 13 },
  },
};

const wire = {
  last_tick_at: '2026-03-01T12:00:00Z',
  last_tick_age_seconds: 90,
  due_lag_seconds: 7,
  tick_duration_ms: 512,
  broken_triggers: 3,
  queues: { delivery: 1, delivery_poison: 2, work: 3, work_poison: 4 },
  poisoned_messages: 5,
  unattributed_poisoned_messages: 6,
  runs_last_hour: { completed: 7, failed: 8, killed: 9 },
  last_scan: {
    at: '2026-03-01T04:30:09Z',
    routines: 10,
    lost_runs: 11,
    repaired_schedules: 12,
    unreadable_routines: 13,
  },
};

describe('the status', () => {
  const read = (answer: Status, query = '') => {
    const { services } = aFake({ service: { readStatus: async () => answer } });
    return call('project-status', services, { path: `projects/demo/status${query}`, params });
  };

  it('says all that is known, in the documentation’s instants', async () => {
    expect(await read(status)).toMatchObject({ status: 200, body: wire });
    expect((await read(status)).body).toEqual(wire);
  });

  it('gives an SDK unix seconds', async () => {
    const { body } = await read(status, '?api-version=v1');
    const at = Date.UTC(2026, 2, 1, 12, 0, 0) / 1000;
    expect(body).toEqual({
      ...wire,
      last_tick_at: at,
      last_scan: { ...wire.last_scan, at: Date.UTC(2026, 2, 1, 4, 30, 9) / 1000 },
    });
  });

  it('leaves out what is not known yet', async () => {
    const { lastTick: _tick, lastScan: _scan, ...young } = status;
    const { queues, poisoned_messages, unattributed_poisoned_messages, runs_last_hour } = wire;
    expect((await read(young)).body).toEqual({
      queues,
      poisoned_messages,
      unattributed_poisoned_messages,
      runs_last_hour,
    });
  });

  it('knows no age below zero: the clocks of two instances may differ', async () => {
    expect((await read({ ...status, now: at('2026-03-01T11:59:59Z') })).body).toMatchObject({
      last_tick_age_seconds: 0,
    });
  });
});

it('a tick by hand says what it did', async () => {
  const tick = async () => ({ fired: 1, missed: 2, failed: 3, unusable: 4, lagSeconds: 5, durationMs: 6 });
  const { services } = aFake({ service: { tick } });
  expect(await call('tick-now', services, { method: 'POST' })).toMatchObject({
    status: 200,
    body: { fired: 1, missed: 2, failed: 3, broken: 4, lag_seconds: 5, duration_ms: 6 },
  });
});

describe('poisoned messages', () => {
  const run = aRun();
  const ofRun: KeptMessage = {
    id: 'x!demo!1!2',
    queue: 'delivery',
    body: '{"kind":"fire"}',
    reason: 'It ended its process.',
    poisonedAt: at('2026-03-01T12:00:00Z'),
    of: { project, routine: routineName('daily'), runId: run.id },
  };
  const nobodys: KeptMessage = { ...ofRun, of: undefined, queue: 'work', body: `${'x'.repeat(1_023)}😀` };
  const wireOfRun = { queue: 'delivery', project: 'demo', routine: 'daily', run_id: run.id };

  it('are listed with their reason; a long body is cut', async () => {
    const { services } = aFake({ service: { listPoisoned: async () => [ofRun, nobodys] } });
    const { body } = await call('poisoned-list', services, {});
    const said = { reason: 'It ended its process.', poisoned_at: '2026-03-01T12:00:00Z' };
    expect(body).toEqual({
      data: [
        { ...wireOfRun, ...said, body: '{"kind":"fire"}' },
        { queue: 'work', ...said, body: 'x'.repeat(1_023) },
      ],
    });
  });

  it('are replayed, and the answer names those that were not', async () => {
    const replay = {
      replayed: 3,
      discarded: [{ message: ofRun, reason: 'Routine "daily" is deleted.' }],
      failed: [{ message: nobodys, reason: 'Row cannot be read' }],
      remaining: 1,
    };
    const { services } = aFake({ service: { replayPoisoned: async () => replay } });
    expect((await call('poisoned-replay', services, { method: 'POST' })).body).toEqual({
      replayed: 3,
      discarded: [{ ...wireOfRun, reason: 'Routine "daily" is deleted.' }],
      failed: [{ queue: 'work', reason: 'Row cannot be read' }],
      remaining: 1,
    });
  });

  it('are discarded, and the answer shows what is gone', async () => {
    const { services } = aFake({ service: { discardPoisoned: async () => [nobodys] } });
    expect((await call('poisoned-discard', services, { method: 'POST' })).body).toMatchObject({
      discarded: [{ queue: 'work', reason: 'It ended its process.' }],
    });
  });
});
