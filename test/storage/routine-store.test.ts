import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../shared/domain/json.ts';
import type { Routine } from '../../shared/domain/routine.ts';
import { createRoutineStore } from '../../shared/storage/tables/routine-store.ts';
import { anAction, aRoutine, aTrigger, projectName, routineName, triggerName } from '../builders.ts';
import { createMemoryRoutineStore } from '../memory/routine-store.ts';
import { everyRoutine } from './every-value.ts';
import { routineStoreSuite } from './routine-store-suite.ts';
import { createTestStorage } from './test-storage.ts';

const storage = await createTestStorage();
const store = createRoutineStore(storage);
const table = storage.clients.tables.routines;

describe('in memory', () => routineStoreSuite(async () => createMemoryRoutineStore()));
describe('on Table Storage', () => routineStoreSuite(async () => store));

describe('a routine comes back whole', () => {
  const readBack = async (routine: Routine) => {
    await store.put(routine, null);
    const stored = await store.get(routine.project, routine.name);
    const { items } = await store.list(routine.project, { order: 'desc', limit: 1 });
    expect(stored).toMatchObject({ kind: 'routine', routine });
    expect(items).toEqual([routine]);
    return stored?.kind === 'routine' ? stored.routine : null;
  };
  let projects = 0;
  const fresh = (over: Partial<Routine>) => aRoutine({ ...over, project: projectName(`whole${++projects}`) });

  test.each(everyRoutine)('with every field: $action.type, $catchUp.policy', async (routine) => {
    const whole = fresh(routine);
    expect(await readBack(whole)).toEqual(whole);
  });

  test('with no optional field', async () => {
    const routine = fresh({
      action: { type: 'invoke_agent_invocations_api', agentName: 'a' },
      triggers: [aTrigger({ trigger: { type: 'custom', provider: 'api', parameters: {} } })],
    });
    expect(await readBack(routine)).toEqual(routine);
  });

  test.each<[string, JsonValue]>([
    ['a text of exactly 32,768 characters', 'ä'.repeat(32_768)],
    ['a text of exactly 32,768 quotes', '"'.repeat(32_768)],
    ['JSON of exactly 32,768 characters', ['x'.repeat(32_764)]],
    ['a text that looks like JSON', '{"a":1}'],
    ['an empty text', ''],
    ['null', null],
    ['false', false],
    ['a number', 1.5],
    ['an object that looks like a typed column', { type: 'Int64', value: '1' }],
  ])('with %s for input', async (_what, input) => {
    const routine = fresh({ action: anAction({ input }) });
    expect((await readBack(routine))?.action.input).toEqual(input);
  });
});

test('the longest names and the largest definition fit', async () => {
  const name = (length: number, end: string) => 'n'.repeat(length - 1) + end;
  const triggers = Array.from({ length: 25 }, (_, index) =>
    aTrigger({
      name: triggerName(name(128, String.fromCharCode(97 + index))),
      trigger: { type: 'custom', provider: 'p', parameters: { text: 'x'.repeat(900) } },
    }),
  );
  const routine = aRoutine({
    project: projectName(name(64, 'p')),
    name: routineName(name(128, 'r')),
    triggers,
    action: anAction({ input: 'x'.repeat(32_768) }),
  });
  expect(await store.put(routine, null)).toBe(true);
  const stored = await store.get(routine.project, routine.name);
  expect(stored).toMatchObject({ routine });
});

test('a broken row is left out of a list and logged, and fails a read with its reason', async () => {
  const project = projectName('broken');
  await store.put(aRoutine({ project, name: routineName('bad'), createdKey: '01' }), null);
  await store.put(aRoutine({ project, name: routineName('good'), createdKey: '02' }), null);
  for (const rowKey of ['r!bad', 'o!01!bad']) {
    await table.updateEntity({ partitionKey: project, rowKey, triggers: '[{"name":"!"}]' }, 'Merge');
  }
  expect(await store.list(project, { order: 'asc', limit: 1 })).toEqual({ items: [], next: '01!bad' });
  const { items } = await store.list(project, { order: 'asc', limit: 1, after: '01!bad' });
  expect(items.map(({ name }) => name)).toEqual(['good']);
  expect(storage.log.warnings).toEqual([expect.stringContaining('"row":"o!01!bad"')]);
  await expect(store.get(project, routineName('bad'))).rejects.toThrow(
    'Row "r!bad" of partition "broken" cannot be read: triggers.0.name: expected a trigger name',
  );
});
