import type { RoutineStore } from '../../shared/app/ports/routine-store.ts';
import type { ScheduleStore } from '../../shared/app/ports/schedule-store.ts';
import type { Action } from '../../shared/domain/action.ts';
import type { RoutineName } from '../../shared/domain/names.ts';
import type { Routine } from '../../shared/domain/routine.ts';
import { nextFireAfter } from '../../shared/domain/time/next-fire.ts';
import { anAction, aRoutine, aSchedule, aTrigger, triggerName } from '../builders.ts';

export interface SeedStores {
  readonly routines: RoutineStore;
  readonly schedule: ScheduleStore;
}

const main = triggerName('main');
const everyMinute = aSchedule('* * * * *');

export interface Seed {
  /** Each minute by default. */
  readonly cronExpression?: string;
  readonly action?: Action;
}

/** A routine that began at `since`, as a PUT at that instant would have left it. */
export const seedRoutine = async (
  stores: SeedStores,
  name: RoutineName,
  since: Date,
  { cronExpression = everyMinute.cronExpression, action = anAction() }: Seed = {},
): Promise<Routine> => {
  const schedule = aSchedule(cronExpression);
  const trigger = aTrigger({ name: main, trigger: schedule, since });
  const createdKey = `${since.getTime().toString(16).padStart(12, '0')}00000000`;
  const routine = aRoutine({ name, action, triggers: [trigger], createdAt: since, updatedAt: since, createdKey });
  const nominal = nextFireAfter(schedule, since);
  if (nominal === null) throw new Error(`"${cronExpression}" never fires.`);
  const { project } = routine;
  const slot = { project, routine: name, triggerName: main, trigger: schedule, plan: 1, nominal };
  if (!(await stores.routines.put(routine, null))) throw new Error(`Routine ${name} exists.`);
  await stores.schedule.write(project, name, [{ triggerName: main, from: null, to: slot }]);
  return routine;
};

/** The slots of such a routine up to an instant, inclusive. */
export const slotsUntil = (since: Date, until: Date): readonly Date[] => {
  const slots: Date[] = [];
  for (
    let slot = nextFireAfter(everyMinute, since);
    slot !== null && slot <= until;
    slot = nextFireAfter(everyMinute, slot)
  ) {
    slots.push(slot);
  }
  return slots;
};

/** What the host finds when it was away for two minutes: a timer that is past due, which it runs at once. */
export const pastDueTimerStatus = (now: Date): string => {
  const minute = (back: number) => new Date(Math.floor(now.getTime() / 60_000) * 60_000 - back * 60_000).toISOString();
  return JSON.stringify({ tick: { last: minute(3), next: minute(2), lastUpdated: minute(3) } });
};
