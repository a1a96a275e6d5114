import { StorageUnavailableError } from '../../domain/errors.ts';
import { changesSchedule, firingTriggers } from '../../domain/planning/schedule-targets.ts';
import type { Routine, Tombstone } from '../../domain/routine.ts';
import type { ReconcileMessage, SentMessage } from '../ports/messages.ts';
import type { RoutineStore, StoredRoutine } from '../ports/routine-store.ts';
import type { Uses } from '../uses.ts';
import { fireWindow } from './fire-window.ts';
import { type SyncUses, syncSchedule } from './sync-schedule.ts';

/** To change a routine, or what its schedule says. */
export type ChangeUses = SyncUses & Uses<'routines' | 'work' | 'log' | 'window' | 'timings'>;

export interface RoutineChange {
  readonly over: StoredRoutine | null;
  readonly to: Routine | Tombstone;
}

const maxSyncTries = 3;

/**
 * Writes a definition and, when it changes what fires, the schedule. False when another writer came first.
 *
 * Order, and what a crash after each step leaves (promise 4):
 * 1. reconcile message, delayed: nothing has changed; it finds that its generation never came and ends.
 * 2. the routine: from here on the change stands; the message of step 1 brings the schedule in line.
 * 3. messages of slots inside the horizon: they are repeated by reconcile and meet the same run ids.
 * 4. the schedule: all is done; reconcile finds nothing to do.
 * 5. the reconcile message is taken back.
 */
export const changeRoutine = async (deps: ChangeUses, change: RoutineChange): Promise<boolean> => {
  const { over, to } = change;
  const before = over?.kind === 'routine' ? over.routine : null;
  if (!changesSchedule(before, to)) return writeDefinition(deps.routines, change);
  const startedAt = deps.clock.now();
  const guard = await deps.work.send(reconcileOf(to), Math.ceil(deps.timings.reconcileDelaySeconds));
  // A refusal is no verdict (promise 7): the write may have stood until a later writer found nothing to change in it.
  // So the message of step 1 stays; after a plain refusal it finds nothing to do.
  if (!(await writeDefinition(deps.routines, change))) return false;
  const giveUpAt = startedAt.getTime() + deps.timings.giveUpSeconds * 1000;
  await finishChange(deps, { to, before, guard, giveUpAt });
  return true;
};

const reconcileOf = ({ project, name, generation }: Routine | Tombstone): ReconcileMessage => ({
  kind: 'reconcile',
  project,
  routine: name,
  generation,
});

const writeDefinition = (routines: RoutineStore, { over, to }: RoutineChange): Promise<boolean> => {
  if ('triggers' in to) return routines.put(to, over);
  if (over?.kind !== 'routine') return Promise.resolve(true);
  return routines.remove(to, over);
};

interface WrittenChange {
  readonly to: Routine | Tombstone;
  readonly before: Routine | null;
  readonly guard: SentMessage;
  readonly giveUpAt: number;
}

/** The definition is written: whatever fails from here on is left to the reconcile message, never told to the caller. */
const finishChange = async (
  deps: SyncUses & Uses<'work' | 'log' | 'window'>,
  written: WrittenChange,
): Promise<void> => {
  const { to, before, guard, giveUpAt } = written;
  const facts = { project: to.project, routine: to.name, generation: to.generation };
  try {
    for (let tries = 0; tries < maxSyncTries && deps.clock.now().getTime() < giveUpAt; tries += 1) {
      const result = await syncSchedule(deps, {
        definition: to,
        schedule: await deps.schedule.read(to.project, to.name),
        formerTriggers: before === null ? [] : firingTriggers(before),
        window: fireWindow(deps.window, deps.clock.now()),
      });
      if (result === 'superseded') return;
      if (result !== 'changed') return await deps.work.remove(guard);
    }
    deps.log.warn('Schedule not written in time; reconcile will do it', facts);
    // The message of step 1 may have come and gone while this process stood still, in a suspended host say.
    await deps.work.send(reconcileOf(to), 0);
  } catch (error) {
    if (!(error instanceof StorageUnavailableError)) throw error;
    deps.log.warn('Schedule not written, storage does not answer; reconcile will do it', facts);
  }
};
