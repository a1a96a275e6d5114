import type { TableClient } from '@azure/data-tables';
import { describe, expect, test } from 'vitest';
import type { Run } from '../../shared/domain/run.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { createOutcomeStore } from '../../shared/storage/tables/outcome-store.ts';
import { createPoisonedStore } from '../../shared/storage/tables/poisoned-store.ts';
import { createRoutineStore } from '../../shared/storage/tables/routine-store.ts';
import { createRunStore } from '../../shared/storage/tables/run-store.ts';
import { createScanStore } from '../../shared/storage/tables/scan-store.ts';
import { createScheduleStore } from '../../shared/storage/tables/schedule-store.ts';
import { createThreadStore } from '../../shared/storage/tables/thread-store.ts';
import { at, projectName, routineName } from '../builders.ts';
import {
  everyAction,
  everyDueSlot,
  everyHeartbeat,
  everyHold,
  everyIdempotencyRecord,
  everyOutcomeRecord,
  everyPoisonedMessage,
  everyRoutine,
  everyScan,
  everyState,
  everyThreadHolder,
  everyTombstone,
  runWith,
} from './every-value.ts';
import { dueSlotsOf } from './schedule-store-suite.ts';
import { createTestStorage } from './test-storage.ts';

// A newer version runs beside this one during a deployment. What it has written, and no codec here knows, outlives a
// rewrite by this version.

const storage = await createTestStorage();
const { routines: routineTable, schedule: scheduleTable, runs: runTable } = storage.clients.tables;

const newText = 'of a newer version';
const newColumns = {
  newText,
  newNumber: 1.5,
  newFlag: false,
  newInstant: at('2026-05-01T00:00:00.123Z'),
  newInteger: 9_007_199_254_740_993n,
  newBytes: Buffer.from([0, 255]),
  newGuid: { type: 'Guid', value: '0f8fad5b-d9cb-469f-a165-70867728950e' },
};

const rowsAt = async (table: TableClient, prefix: string) => {
  const rows: { partitionKey: string; rowKey: string; columns: Readonly<Record<string, unknown>> }[] = [];
  for await (const { partitionKey = '', rowKey = '', ...columns } of table.listEntities()) {
    if (rowKey.startsWith(prefix)) rows.push({ partitionKey, rowKey, columns });
  }
  return rows;
};

/** Writes the new columns behind the store's back, into the one row whose key begins so. */
const addColumns = async (table: TableClient, prefix: string, columns: object = newColumns): Promise<void> => {
  const rows = await rowsAt(table, prefix);
  expect(rows).toHaveLength(1);
  for (const { partitionKey, rowKey } of rows) await table.updateEntity({ partitionKey, rowKey, ...columns }, 'Merge');
};

/** The columns of the one row whose key begins so. */
const columnsAt = async (table: TableClient, prefix: string) => {
  const rows = await rowsAt(table, prefix);
  expect(rows).toHaveLength(1);
  return rows[0]?.columns ?? {};
};

/** A field more in a column of JSON text. */
const withNewField = async (table: TableClient, prefix: string, column: string) => {
  const text = (await columnsAt(table, prefix))[column];
  const value = JSON.parse(String(text));
  const changed = Array.isArray(value) ? value.map((one) => ({ ...one, newText })) : { ...value, newText };
  await addColumns(table, prefix, { [column]: JSON.stringify(changed) });
};

const newNames = Object.keys(newColumns);
const hasNewColumns = expect.objectContaining(newColumns);
const hasNoNewColumns = expect.not.objectContaining({ newText });

describe('a routine', () => {
  const store = createRoutineStore(storage);
  const [routine] = everyRoutine;
  if (routine === undefined) throw new Error('expected a routine');
  const read = async () => {
    const stored = await store.get(routine.project, routine.name);
    if (stored === null) throw new Error('expected a definition');
    return stored;
  };

  test('keeps them in the definition and gives them to both copies; its tombstone and its successor have none', async () => {
    const { archivedAt: _, description: _text, ...changed } = { ...routine, generation: 14 };
    await store.put(routine, null);
    await addColumns(routineTable, 'r!');
    await withNewField(routineTable, 'r!', 'action');
    await withNewField(routineTable, 'r!', 'triggers');
    const stored = await read();
    if (stored.kind !== 'routine') throw new Error('expected the routine');
    const { triggers, action } = stored.routine;
    expect(await store.put({ ...changed, triggers, action }, stored)).toBe(true);
    for (const prefix of ['r!', 'n!', 'o!']) {
      const columns = await columnsAt(routineTable, prefix);
      expect(columns).toEqual(hasNewColumns);
      expect(columns).not.toHaveProperty('archivedAt');
      expect(columns).not.toHaveProperty('description');
      expect(JSON.parse(String(columns.action))).toHaveProperty('newText', newText);
      expect(JSON.parse(String(columns.triggers))).toContainEqual(expect.objectContaining({ newText }));
    }
    const last = await read();
    if (last.kind !== 'routine') throw new Error('expected the routine');
    expect(await store.remove({ ...everyTombstone, generation: 15 }, last)).toBe(true);
    const tombstone = await columnsAt(routineTable, 'r!');
    expect(tombstone).toEqual(hasNoNewColumns);
    expect(tombstone).not.toHaveProperty('action');
    await addColumns(routineTable, 'r!');
    expect(await store.put({ ...routine, generation: 16 }, await read())).toBe(true);
    for (const prefix of ['r!', 'n!', 'o!']) expect(await columnsAt(routineTable, prefix)).toEqual(hasNoNewColumns);
  });
});

describe('a run', () => {
  const store = createRunStore(storage);
  const project = projectName('runs');
  let routines = 0;
  const start = (run: Run) => {
    routines += 1;
    const routine = routineName(`r${routines}`);
    const id = dispatchRunId(at('2026-01-01T00:00:00Z'), systemRandomness.hex(10));
    return { ...run, project, routine, id };
  };
  const claimed = runWith(everyState.dispatching, everyAction.invoke_agent_responses_api);
  const clear = async () => {
    for (const { partitionKey, rowKey } of await rowsAt(runTable, ''))
      await runTable.deleteEntity(partitionKey, rowKey);
  };

  test('keeps them over one rewrite after the other, and loses what it no longer says', async () => {
    await clear();
    const run = start(claimed);
    await store.create(run);
    await addColumns(runTable, 'r!');
    for (const column of ['attempts', 'work', 'missed', 'action']) await withNewField(runTable, 'r!', column);
    const stored = await store.get(project, run.routine, run.id);
    if (stored === null) throw new Error('expected the run');
    const polling: Run = { ...stored.run, state: everyState.polling };
    const first = await store.replace(polling, stored.version);
    expect(await columnsAt(runTable, 'r!')).not.toHaveProperty('claim');
    expect((await store.get(project, run.routine, run.id))?.version).toBe(first?.version);
    // Over what the first write gave: nothing was read in between.
    await store.replace({ ...polling, state: everyState.completed }, first?.version ?? '');
    const columns = await columnsAt(runTable, 'r!');
    expect(columns).toEqual(hasNewColumns);
    for (const gone of ['claim', 'polls', 'notBefore']) expect(columns).not.toHaveProperty(gone);
    for (const column of ['work', 'missed', 'action']) {
      expect(JSON.parse(String(columns[column]))).toHaveProperty('newText', newText);
    }
    expect(JSON.parse(String(columns.attempts))).toEqual([expect.objectContaining({ newText })]);
  });

  test('and its hold keep them when both are written', async () => {
    await clear();
    const run = start(claimed);
    const first = await store.create(run, { over: { version: null }, to: everyHold });
    await addColumns(runTable, 'a!');
    const over = await store.readHold(project, run.routine);
    const { active, version } = over;
    const second = await store.replace(run, first?.version ?? '', { over, to: { active } });
    expect(await columnsAt(runTable, 'a!')).toEqual(hasNewColumns);
    expect(await columnsAt(runTable, 'a!')).not.toHaveProperty('waitingRun');
    expect(second?.hold?.version).not.toBe(version);
    expect(await store.readHold(project, run.routine)).toEqual(second?.hold);
    const free = { over: second?.hold ?? { version: null }, to: {} };
    expect(await store.writeHold(project, run.routine, free)).toBe(true);
    const columns = await columnsAt(runTable, 'a!');
    expect(columns).toEqual(hasNewColumns);
    for (const gone of ['activeRun', 'until', 'waitingRun']) expect(columns).not.toHaveProperty(gone);
  });

  test('that follows under an idempotency key has a record of its own', async () => {
    await clear();
    const [first, second] = [start(claimed), start(claimed)];
    const next = { ...second, routine: first.routine };
    await store.createDispatched(first, { ...everyIdempotencyRecord, runId: first.id }, null);
    await addColumns(runTable, 'i!');
    const over = await store.findIdempotencyRecord(project, first.routine, everyIdempotencyRecord.key);
    const record = { ...everyIdempotencyRecord, runId: next.id };
    expect(await store.createDispatched(next, record, over)).toBe('created');
    expect(await columnsAt(runTable, 'i!')).toEqual(hasNoNewColumns);
  });

  test('that gets a thread leaves them in its row', async () => {
    await clear();
    const threads = createThreadStore(storage);
    await threads.give(project, 'thread', { holder: everyThreadHolder, over: { version: null } });
    await addColumns(runTable, 't!');
    const over = await threads.read(project, 'thread');
    const holder = { ...everyThreadHolder, routine: routineName('other') };
    expect(await threads.give(project, 'thread', { holder, over })).toBe(true);
    expect(await columnsAt(runTable, 't!')).toEqual(hasNewColumns);
  });

  test('counted in the same minute of another hour is counted in a row without them', async () => {
    await clear();
    const outcomes = createOutcomeStore(storage);
    await outcomes.write(everyOutcomeRecord);
    await addColumns(runTable, '05!');
    await outcomes.write(everyOutcomeRecord);
    expect(await columnsAt(runTable, '05!')).toEqual(hasNoNewColumns);
  });

  test('whose message is poisoned again keeps them beside the message', async () => {
    await clear();
    const poisoned = createPoisonedStore(storage);
    await poisoned.keep(everyPoisonedMessage);
    await addColumns(runTable, 'x!');
    await poisoned.keep({ ...everyPoisonedMessage, reason: 'It failed again.' });
    expect(await columnsAt(runTable, 'x!')).toEqual(
      expect.objectContaining({ ...newColumns, reason: 'It failed again.' }),
    );
  });
});

describe('the schedule', () => {
  const store = createScheduleStore(storage);
  const { project, routine, triggerName } = everyDueSlot;
  const next = at('2026-01-01T01:00:00Z');
  const shard = 3;

  test('keeps them with a trigger from slot to slot, until it is spent', async () => {
    await store.write(project, routine, [{ triggerName, from: null, to: everyDueSlot }]);
    await addColumns(scheduleTable, 'd!');
    await addColumns(scheduleTable, 's!');
    const [due] = await dueSlotsOf(store, shard, at('2030-01-01T00:00:00Z'));
    if (due === undefined) throw new Error('expected the slot');
    expect(await store.advance([{ slot: due, next }])).toEqual({ advanced: 1, lost: 0 });
    expect(await columnsAt(scheduleTable, 'd!')).toEqual(hasNewColumns);
    expect(await columnsAt(scheduleTable, 'd!')).not.toHaveProperty('catchUpUntil');
    expect(await columnsAt(scheduleTable, 's!')).toEqual(hasNewColumns);
    const [from = null] = await store.read(project, routine);
    expect(await store.write(project, routine, [{ triggerName, from, to: { spentPlan: 50 } }])).toBe(true);
    const spent = await columnsAt(scheduleTable, 's!');
    expect(spent).toEqual(hasNewColumns);
    expect(spent).not.toHaveProperty('next');
  });

  test('replaces the state of a trigger whole that an advance has spent', async () => {
    const [from = null] = await store.read(project, routine);
    await store.write(project, routine, [{ triggerName, from, to: everyDueSlot }]);
    await store.advance([{ slot: everyDueSlot, next: null }]);
    const spent = await columnsAt(scheduleTable, 's!');
    expect(spent).not.toHaveProperty('next');
    for (const name of newNames) expect(spent).not.toHaveProperty(name);
  });

  test('keeps them beside the heartbeat and the last scan', async () => {
    const scans = createScanStore(storage);
    await store.writeHeartbeat(everyHeartbeat);
    await scans.write(everyScan);
    for (const prefix of ['tick', 'scan']) await addColumns(scheduleTable, prefix);
    await store.writeHeartbeat({ ...everyHeartbeat, unusable: 0 });
    await scans.write({ ...everyScan, lostRuns: 0 });
    for (const prefix of ['tick', 'scan']) expect(await columnsAt(scheduleTable, prefix)).toEqual(hasNewColumns);
    expect(await store.readHeartbeat()).toEqual({ ...everyHeartbeat, unusable: 0 });
    expect(await scans.read()).toEqual({ ...everyScan, lostRuns: 0 });
  });
});
