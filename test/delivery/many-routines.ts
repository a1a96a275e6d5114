import { withConcurrency } from '../../shared/app/schedule/with-concurrency.ts';
import type { RoutineName } from '../../shared/domain/names.ts';
import type { Routine } from '../../shared/domain/routine.ts';
import { slotRunId } from '../../shared/domain/run-id.ts';
import { definitionKey } from '../../shared/storage/tables/routine-row.ts';
import { dueKey } from '../../shared/storage/tables/schedule-row.ts';
import { demo } from '../app/world.ts';
import { anAction, aRoutine, aSchedule, aTrigger, routineName } from '../builders.ts';
import type { openStores } from '../e2e/stores.ts';

/** What is wrong with a routine that is due. */
const ailments = ['due row damaged', 'routine row damaged', 'zone unknown', 'agent hangs'] as const;
export type Ailment = (typeof ailments)[number] | 'none';

export const hangingAgent = 'hanging-agent';
export const lostZone = 'Mars/Phobos';

type Stores = ReturnType<typeof openStores>;

const concurrentSeeds = 16;

/** That many routines, all due at the same minute, so many of which ail in each way. */
export const seedDueRoutines = async (
  stores: Stores,
  { count, ofEachAilment, due }: { readonly count: number; readonly ofEachAilment: number; readonly due: Date },
): Promise<ReadonlyMap<RoutineName, Ailment>> => {
  const ailmentOf = (index: number): Ailment => {
    // Spread out, so that those that ail have neighbours that do not.
    const every = Math.floor(count / (ofEachAilment * ailments.length));
    return index % every === 0 ? (ailments[(index / every) % ailments.length] ?? 'none') : 'none';
  };
  const seeds = Array.from({ length: count }, (_, index) => ({
    name: routineName(`due-${String(index).padStart(4, '0')}`),
    ailment: ailmentOf(index),
  }));
  await withConcurrency(seeds, concurrentSeeds, ({ name, ailment }) => seedDueRoutine(stores, { name, ailment, due }));
  return new Map(seeds.map(({ name, ailment }) => [name, ailment]));
};

interface Seed {
  readonly name: RoutineName;
  readonly ailment: Ailment;
  readonly due: Date;
}

const seedDueRoutine = async (stores: Stores, { name, ailment, due }: Seed): Promise<void> => {
  const schedule = aSchedule(
    `${due.getUTCMinutes()} ${due.getUTCHours()} * * *`,
    ailment === 'zone unknown' ? lostZone : 'UTC',
  );
  const since = new Date(due.getTime() - 60_000);
  const trigger = aTrigger({ trigger: schedule, since });
  const action = anAction(ailment === 'agent hangs' ? { agentName: hangingAgent } : {});
  const routine = aRoutine({ name, triggers: [trigger], action });
  const { project } = routine;
  const slot = { project, routine: name, triggerName: trigger.name, trigger: schedule, plan: 1, nominal: due };
  await stores.routines.put(routine, null);
  await stores.schedule.write(project, name, [{ triggerName: trigger.name, from: null, to: slot }]);
  const { tables } = stores.clients;
  if (ailment === 'due row damaged') await tables.schedule.updateEntity({ ...dueKey(slot), trigger: '{' });
  if (ailment === 'routine row damaged') {
    await tables.routines.updateEntity({ ...definitionKey(project, name), triggers: '{' });
  }
};

export const runIdOfDue = (routine: Routine['name'], due: Date) =>
  slotRunId({ project: demo, routine, trigger: aTrigger().name, nominal: due });

export const dueKeyOf = (routine: RoutineName, due: Date): string =>
  dueKey({ project: demo, routine, triggerName: aTrigger().name, plan: 1, nominal: due }).rowKey;
