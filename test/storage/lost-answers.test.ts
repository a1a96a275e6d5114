import { afterAll, describe, expect, inject, test, vi } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import type { Run } from '../../shared/domain/run.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { createStorageClients } from '../../shared/storage/storage-clients.ts';
import { createRoutineStore } from '../../shared/storage/tables/routine-store.ts';
import { runKey } from '../../shared/storage/tables/run-row.ts';
import { createRunStore } from '../../shared/storage/tables/run-store.ts';
import { createScheduleStore } from '../../shared/storage/tables/schedule-store.ts';
import { createThreadStore } from '../../shared/storage/tables/thread-store.ts';
import { aRoutine, aRun, aSchedule, at, projectName, routineName, triggerName } from '../builders.ts';
import { startStorageProxy } from './storage-proxy.ts';
import { createTestStorage } from './test-storage.ts';

const proxy = await startStorageProxy(inject('azurite'));
const storage = await createTestStorage(proxy.connectionString);
const routines = createRoutineStore(storage);
const schedule = createScheduleStore(storage);
const runs = createRunStore(storage);
/** The same store, past the proxy. */
const others = createRunStore({
  ...storage,
  clients: createStorageClients({ ...storage.config, connectionString: inject('azurite') }, systemClock),
});
afterAll(() => proxy.close());

let names = 0;
const freshRoutine = () => routineName(`r${++names}`);
const project = projectName('lost');
const noon = at('2026-01-01T12:00:00Z');
const one = at('2026-01-01T13:00:00Z');

// Each write succeeds, its answer is lost, and the SDK's repeat is refused: that refusal is the success of the same write.

describe('a write that succeeded behind a lost answer counts as success', () => {
  test('of a new routine, a changed and a removed one', async () => {
    const routine = aRoutine({ project, name: freshRoutine(), createdKey: '01' });
    const read = async () => {
      const stored = await routines.get(project, routine.name);
      if (stored?.kind !== 'routine') throw new Error('expected the routine');
      return stored;
    };
    proxy.fail('lost_answer');
    expect(await routines.put(routine, null)).toBe(true);
    const first = await read();
    proxy.fail('lost_answer');
    expect(await routines.put({ ...routine, generation: 2 }, first)).toBe(true);
    const second = await read();
    const tombstone = { project, name: routine.name, generation: 3, deletedAt: noon };
    proxy.fail('lost_answer');
    expect(await routines.remove(tombstone, second)).toBe(true);
    expect(await routines.get(project, routine.name)).toMatchObject({ kind: 'tombstone' });
  });

  test('of a claim and of the record of its end, with the version that is in storage', async () => {
    const claim = { owner: 'me', attempt: 1, startedAt: noon, leaseUntil: one };
    const run = aRun({ project, routine: freshRoutine(), state: { phase: 'dispatching', claim } });
    proxy.fail('lost_answer');
    const claimed = await runs.create(run);
    expect(await runs.get(project, run.routine, run.id)).toEqual({ run, version: claimed?.version });
    const ended: Run = { ...run, state: { phase: 'completed', endedAt: one, answer: {} } };
    proxy.fail('lost_answer');
    const written = await runs.replace(ended, claimed?.version ?? '');
    expect(await runs.get(project, run.routine, run.id)).toEqual({ run: ended, version: written?.version });
  });

  test('of a run with its hold, which comes as it stands when another run has written it since', async () => {
    const routine = freshRoutine();
    const run = aRun({ project, routine });
    const until = (minutes: number) => new Date(one.getTime() + minutes * 60_000);
    const taken = { active: { runId: run.id, until: until(0) } };
    proxy.fail('lost_answer');
    const before = proxy.requests.length;
    const created = await runs.create(run, { over: { version: null }, to: taken });
    // The transaction, its repeat, a look at the run, a look at the hold.
    expect(proxy.requests.length - before).toBe(4);
    expect(created?.hold).toEqual(await others.readHold(project, routine));
    const over = created?.hold ?? { version: null };
    proxy.fail('lost_answer');
    const replaced = runs.replace(run, created?.version ?? '', {
      over,
      to: { active: { ...taken.active, until: until(1) } },
    });
    const isWritten = async () => {
      const hold = await others.readHold(project, routine);
      return hold.version !== over.version && hold;
    };
    const second = await vi.waitUntil(isWritten, { timeout: 30_000, interval: 5 });
    const third = { over: second, to: { active: { ...taken.active, until: until(2) } } };
    expect(await others.writeHold(project, routine, third)).toBe(true);
    expect((await replaced)?.hold).toEqual(await others.readHold(project, routine));
    expect((await replaced)?.hold?.active?.until).toEqual(until(2));
  });

  test('of a run with columns of a newer version, which the next write keeps too', async () => {
    const run = aRun({ project, routine: freshRoutine() });
    await runs.create(run);
    const key = runKey(project, run.routine, run.id);
    const table = storage.clients.tables.runs;
    await table.updateEntity({ ...key, newText: 'new' }, 'Merge');
    const stored = await runs.get(project, run.routine, run.id);
    proxy.fail('lost_answer');
    const written = await runs.replace(run, stored?.version ?? '');
    expect(written?.version).toBe((await runs.get(project, run.routine, run.id))?.version);
    await runs.replace(run, written?.version ?? '');
    expect(await table.getEntity(key.partitionKey, key.rowKey)).toMatchObject({ newText: 'new' });
  });

  test('of a hold and of a thread', async () => {
    const routine = freshRoutine();
    const holder = { routine, runId: aRun().id };
    proxy.fail('lost_answer');
    const free = { over: { version: null }, to: {} };
    expect(await runs.writeHold(project, routine, free)).toBe(true);
    proxy.fail('lost_answer');
    const threads = createThreadStore(storage);
    expect(await threads.give(project, routine, { holder, over: { version: null } })).toBe(true);
    expect(await threads.give(project, routine, { holder, over: { version: null } })).toBe(false);
    expect(await runs.writeHold(project, routine, free)).toBe(false);
  });

  test('of a dispatch, even when its run was claimed before the repeat', async () => {
    const run = aRun({ project, routine: freshRoutine(), id: dispatchRunId(noon, systemRandomness.hex(10)) });
    const record = { key: 'key:k', runId: run.id, bodyHash: 'h', expiresAt: one };
    proxy.fail('lost_answer');
    const dispatched = runs.createDispatched(run, record, null);
    const { version } = await vi.waitUntil(() => others.get(project, run.routine, run.id), {
      timeout: 30_000,
      interval: 5,
    });
    await others.replace(run, version);
    expect(await dispatched).toBe('created');
  });

  test('of a changed schedule', async () => {
    const routine = freshRoutine();
    const name = triggerName('main');
    const to = { project, routine, triggerName: name, trigger: aSchedule('0 * * * *'), plan: 1, nominal: noon };
    const state = async () => (await schedule.read(project, routine))[0] ?? null;
    proxy.fail('lost_answer');
    expect(await schedule.write(project, routine, [{ triggerName: name, from: null, to }])).toBe(true);
    const planned = await state();
    proxy.fail('lost_answer');
    const spent = { triggerName: name, from: planned, to: { spentPlan: 2 } };
    expect(await schedule.write(project, routine, [spent])).toBe(true);
    expect(await state()).toMatchObject({ plan: 2, next: null });
  });

  test('of an advance of many, among them one that another tick had advanced', async () => {
    const routine = freshRoutine();
    const slots = Array.from({ length: 5 }, (_, index) => ({
      ...{ project, routine, triggerName: triggerName(`t${index}`), trigger: aSchedule('0 * * * *'), plan: 1 },
      nominal: noon,
    }));
    const changes = slots.map((to) => ({ triggerName: to.triggerName, from: null, to }));
    await schedule.write(project, routine, changes);
    const advances = slots.map((slot) => ({ slot, next: one }));
    await schedule.advance(advances.slice(2, 3));
    // The first transaction is refused for the third slot; a look; the second goes through and its answer is lost.
    proxy.fail('none', 'none', 'lost_answer');
    expect(await schedule.advance(advances)).toEqual({ advanced: 4, lost: 1 });
    proxy.fail('lost_answer');
    const again = slots.map((slot) => ({ slot: { ...slot, nominal: one }, next: null }));
    expect(await schedule.advance(again)).toEqual({ advanced: 5, lost: 0 });
  });
});

describe('storage that does not answer', () => {
  const get = () => routines.get(project, routineName('nobody'));

  test('for a moment is asked again', async () => {
    proxy.fail('busy', 'lost_answer', 'busy');
    expect(await get()).toBeNull();
  });

  test('is named as such when it stays busy', async () => {
    proxy.fail('busy', 'busy', 'busy', 'busy');
    await expect(get()).rejects.toThrow(StorageUnavailableError);
  });

  test('is named as such when it hangs, well within the time of a handler', { timeout: 20_000 }, async () => {
    proxy.fail('unanswered');
    await expect(get()).rejects.toThrow(/^Read t\w+routines: storage does not answer/);
  });
});
