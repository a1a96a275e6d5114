import { expect, test } from 'vitest';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import type { RoutineDraft } from '../../shared/domain/routine-draft.ts';
import { demo } from '../app/world.ts';
import { anAction, routineName, triggerName } from '../builders.ts';
import { createVirtualService } from '../delivery/virtual-service.ts';
import { createTestStorage } from './test-storage.ts';

const storage = await createTestStorage();

/** As many triggers as a routine may have. */
const withTriggers = (letter: string): RoutineDraft => ({
  enabled: true,
  triggers: Array.from({ length: 25 }, (_, index) => ({
    name: triggerName(`${letter}${index}`),
    enabled: true,
    trigger: { type: 'schedule', cronExpression: `${index} 3 * * *` },
  })),
  action: anAction(),
  catchUp: { policy: 'skip_missed' },
  concurrencyPolicy: 'always_enqueue',
});

test('a routine whose triggers are all replaced twice, the first time without its schedule, is written', async () => {
  const { deps, put } = createVirtualService(storage.config, '2026-03-01T12:00:00Z');
  const name = routineName('many');
  await put(name, withTriggers('a'));
  const { write } = deps.schedule;
  Object.assign(deps.schedule, { write: () => Promise.reject(new StorageUnavailableError('down')) });
  await put(name, withTriggers('b'));
  Object.assign(deps.schedule, { write });
  await put(name, withTriggers('c'));
  const waiting = (await deps.schedule.read(demo, name)).filter(({ next }) => next !== null);
  expect(waiting.map(({ triggerName: trigger }) => trigger.at(0))).toEqual(Array(25).fill('c'));
});
