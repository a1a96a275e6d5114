import type { ReconcileMessage } from '../ports/messages.ts';
import type { Uses } from '../uses.ts';
import type { ChangeUses } from './change-routine.ts';
import { fireWindow } from './fire-window.ts';
import { syncSchedule } from './sync-schedule.ts';

const maxTries = 3;

/**
 * Makes the schedule of a routine what the routine says now (promise 4). Reads the schedule first and the routine
 * second: what it then writes is at least as new as what it replaces, and the schedule's versions refuse the rest.
 */
export const reconcile = async (deps: ChangeUses, message: ReconcileMessage): Promise<void> => {
  const { project, routine } = message;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const schedule = await deps.schedule.read(project, routine);
    const stored = await deps.routines.get(project, routine);
    const definition = stored === null ? null : stored.kind === 'routine' ? stored.routine : stored.tombstone;
    if (definition === null || definition.generation < message.generation) return waitForGeneration(deps, message);
    const result = await syncSchedule(deps, {
      definition,
      schedule,
      window: fireWindow(deps.window, deps.clock.now()),
    });
    if (result === 'in_step' || result === 'synced') return;
  }
  throw new Error(
    `Schedule of routine "${routine}" in project "${project}" changed ${maxTries} times while reconciling.`,
  );
};

/** The writer may still be on its way, or it crashed before it wrote. One more look tells. */
const waitForGeneration = async (deps: Uses<'work' | 'log' | 'timings'>, message: ReconcileMessage): Promise<void> => {
  const facts = { project: message.project, routine: message.routine, generation: message.generation };
  if (message.again) {
    deps.log.info('Reconcile ends: the change it guards was never written', facts);
    return;
  }
  await deps.work.send({ ...message, again: true }, Math.ceil(deps.timings.reconcileDelaySeconds));
};
