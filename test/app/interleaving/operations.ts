import type { RoutineDraft } from '../../../shared/domain/routine-draft.ts';
import { at, triggerName } from '../../builders.ts';
import { aDraft, daily, demo, everyFiveMinutes } from '../world.ts';
import type { InterleavedService, Start } from './service.ts';

/** 12:05 is a slot of it too, so that plans overlap; and each tick finds one of its slots. */
const everyMinute = { type: 'schedule', cronExpression: '* * * * *' } as const;
/** Its slot is beyond the horizon: no message tells of a schedule that is wrong. */
const rareCron = { type: 'schedule', cronExpression: '17 * * * *' } as const;
const aTimer = { type: 'timer', at: '20s' } as const;
/** The slot that everything turns around. */
export const slot = at('2026-03-01T12:05:00Z');

const put =
  (draft: RoutineDraft) =>
  (service: InterleavedService): void =>
    service.spawn('put', (actor) => actor.service.putRoutine(demo, daily, draft));

const enable =
  (enabled: boolean) =>
  (service: InterleavedService): void =>
    service.spawn(enabled ? 'enable' : 'disable', (actor) => actor.service.setRoutineEnabled(demo, daily, enabled));

const dispatch =
  (idempotency?: { readonly kind: 'key'; readonly value: string }) =>
  (service: InterleavedService): void =>
    service.spawn('dispatch', async (actor) => {
      const start: Start = { key: idempotency?.value };
      service.starts.push(start);
      start.runId = await actor.service.dispatchRoutine({ project: demo, routine: daily, idempotency });
    });

export const operations = {
  'PUT of the same': put(aDraft(everyFiveMinutes, { description: 'other' })),
  'PUT of each minute': put(aDraft(everyMinute)),
  'PUT of a rare cron': put(aDraft(rareCron)),
  'PUT of a timer': put(aDraft(aTimer)),
  'PUT disabled': put(aDraft(everyFiveMinutes, { enabled: false })),
  enable: enable(true),
  disable: enable(false),
  delete: (service: InterleavedService): void =>
    service.spawn('delete', (actor) => actor.service.deleteRoutine(demo, daily)),
  dispatch: dispatch(),
  'dispatch with a key': dispatch({ kind: 'key', value: 'one' }),
  'PUT of skip_if_active': put(aDraft(everyFiveMinutes, { concurrencyPolicy: 'skip_if_active' })),
  'PUT of coalesce_if_active': put(aDraft(everyFiveMinutes, { concurrencyPolicy: 'coalesce_if_active' })),
  'PUT on a thread': put(
    aDraft(everyFiveMinutes, {
      action: { type: 'invoke_agent_threads_api', agentId: 'asst_1', threadId: 'thread_1' },
    }),
  ),
  archive: (service: InterleavedService): void =>
    service.spawn('archive', (actor) => actor.service.archiveRoutine(demo, daily)),
  cancel: (service: InterleavedService): void =>
    service.spawn('cancel', async (actor) => {
      const [last] = (await service.stores.runs.list(demo, daily, { order: 'desc', limit: 1 })).items;
      if (last === undefined) return;
      await actor.service.cancelRun(demo, daily, last.id);
      service.cancelled.push(last.id);
    }),
  tick: (service: InterleavedService): void => service.startTick(),
  'repeated message': (service: InterleavedService): void =>
    service.spawn('repeat', async ({ ports }) => {
      const message = { kind: 'fire', project: demo, routine: daily, trigger: triggerName('main') } as const;
      await ports.deliveries.send({ ...message, nominal: slot.getTime() }, 0);
    }),
} as const satisfies Readonly<Record<string, (service: InterleavedService) => void>>;

export type Operation = keyof typeof operations;

export const operationNames = Object.keys(operations) as Operation[];
