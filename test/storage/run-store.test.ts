import { describe, expect, test } from 'vitest';
import type { Attempt, Run, RunState } from '../../shared/domain/run.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { createRunStore } from '../../shared/storage/tables/run-store.ts';
import { anAction, aRun, at, routineName } from '../builders.ts';
import { createMemoryRunStore } from '../memory/run-store.ts';
import { everyAction, everyState, runWith } from './every-value.ts';
import { runStoreSuite } from './run-store-suite.ts';
import { createTestStorage } from './test-storage.ts';

const storage = await createTestStorage();
const store = createRunStore(storage);
const table = storage.clients.tables.runs;

describe('in memory', () => runStoreSuite(async () => createMemoryRunStore()));
describe('on Table Storage', () => runStoreSuite(async () => store));

const now = at('2026-01-01T00:00:00.123Z');
const freshRun = (over: Partial<Run>): Run => aRun({ id: dispatchRunId(now, systemRandomness.hex(10)), ...over });

const readBack = async (run: Run): Promise<Run | undefined> => {
  expect(await store.create(run)).not.toBeNull();
  return (await store.get(run.project, run.routine, run.id))?.run;
};

describe('a run comes back whole', () => {
  const error = { type: 'timeout', message: '' };
  const answer = { responseId: 'resp_1', outputText: 'ä'.repeat(16_384) };

  test.each<[string, RunState]>([
    ['queued', { phase: 'queued' }],
    ['polling', { phase: 'polling', polls: 3 }],
    ['completed with a long text', { phase: 'completed', endedAt: now, answer }],
    ['completed with an empty text', { phase: 'completed', endedAt: now, answer: { outputText: '' } }],
    ['completed with an empty answer', { phase: 'completed', endedAt: now, answer: {} }],
    ['failed without', { phase: 'failed', endedAt: now, error }],
    ['killed as skipped', { phase: 'killed', endedAt: now, error, skipReason: 'missed' }],
    ['killed as cancelled', { phase: 'killed', endedAt: now, error }],
  ])('%s', async (_what, state) => {
    const run = freshRun({ state });
    expect(await readBack(run)).toEqual(run);
  });

  const everyRun = Object.values(everyAction).flatMap((action) =>
    Object.values(everyState).map((state): [string, string, Run] => [state.phase, action.type, runWith(state, action)]),
  );
  test.each(everyRun)('%s, with every field, by %s', async (_phase, _type, run) => {
    const { id } = freshRun({});
    const whole = { ...run, id };
    expect(await readBack(whole)).toEqual(whole);
  });

  test('with no optional field', async () => {
    const {
      scheduledFireAt: _at,
      triggerTimeZone: _zone,
      ...run
    } = freshRun({
      action: { type: 'invoke_agent_responses_api', agentEndpointId: 'e' },
    });
    expect(await readBack(run)).toEqual(run);
  });

  test('with the largest input and output', async () => {
    const run = freshRun({
      action: anAction({ input: 'x'.repeat(32_768) }),
      state: { phase: 'completed', endedAt: now, answer: { outputText: '"'.repeat(32_768) } },
    });
    expect(await readBack(run)).toEqual(run);
  });
});

test('attempts that do not fit a column keep everything but the length of their messages', async () => {
  const attempts: Attempt[] = Array.from({ length: 20 }, (_, index) => ({
    ...{ number: index + 1, startedAt: now, endedAt: now },
    error: { statusCode: 500, type: 'http_error', message: '"'.repeat(1_024) },
  }));
  const back = await readBack(freshRun({ attempts }));
  expect(back?.attempts).toEqual(
    attempts.map((attempt) => ({ ...attempt, error: { ...attempt.error, message: '"'.repeat(512) } })),
  );
});

test('a broken run is left out of the lists and logged, and fails a read with its reason', async () => {
  const [bad, good] = [1, 2].map((minute) =>
    freshRun({
      routine: routineName('broken'),
      id: dispatchRunId(at(`2026-01-01T00:0${minute}:00Z`), systemRandomness.hex(10)),
    }),
  );
  if (bad === undefined || good === undefined) throw new Error('two runs');
  for (const run of [bad, good]) await store.create(run);
  const rows = table.listEntities({ queryOptions: { filter: `id eq '${bad.id}'` } });
  for await (const { partitionKey, rowKey } of rows) {
    if (partitionKey !== undefined && rowKey !== undefined) {
      await table.updateEntity({ partitionKey, rowKey, phase: 'resting' }, 'Merge');
    }
  }
  for (const order of ['asc', 'desc'] as const) {
    const { items } = await store.list(good.project, good.routine, { order, limit: 10 });
    expect(items).toEqual([good]);
  }
  expect(storage.log.warnings).toHaveLength(2);
  await expect(store.get(bad.project, bad.routine, bad.id)).rejects.toThrow('cannot be read: phase');
});

test('a run that came after the pointers of its page were read is on no page that lacks its pointer', async () => {
  const runs = [1, 2, 3].map((minute) =>
    freshRun({
      routine: routineName('between'),
      id: dispatchRunId(at(`2026-01-01T00:0${minute}:00Z`), systemRandomness.hex(10)),
    }),
  );
  for (const run of runs) await store.create(run);
  const [first, second, third] = runs;
  if (second === undefined) throw new Error('three runs');
  await table.deleteEntity(`${second.project}!${second.routine}`, `f!${second.id}`);
  const { items } = await store.list(second.project, second.routine, { order: 'asc', limit: 10 });
  expect(items).toEqual([first, third]);
});
