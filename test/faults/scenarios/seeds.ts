import type { Routine } from '../../../shared/domain/routine.ts';
import { nextFireAfter } from '../../../shared/domain/time/next-fire.ts';
import type { TimedTrigger } from '../../../shared/domain/trigger.ts';
import { definitionKey, listKeys, toRoutineRow } from '../../../shared/storage/tables/routine-row.ts';
import { toDueRow, toStateRow } from '../../../shared/storage/tables/schedule-row.ts';
import { maxWrites, openTable, type Row, type Table } from '../../../shared/storage/tables/table.ts';
import { aRoutine, aSchedule, aTrigger, projectName, routineName, triggerName } from '../../builders.ts';
import type { Stage } from '../stage.ts';

export const project = projectName('ring');
export const struck = routineName('struck');
export const main = triggerName('main');

const minuteMs = 60_000;

/** The minute that has begun last: a slot that is due now, and late by less than any grace. */
export const dueNow = (): Date => new Date(Math.floor(Date.now() / minuteMs) * minuteMs);

/** Fires at that minute of each hour, so that its other slots are far away. */
export const hourlyAt = (slot: Date): TimedTrigger => aSchedule(`${slot.getUTCMinutes()} * * * *`);

export const minutesFrom = (slot: Date, minutes: number): Date => new Date(slot.getTime() + minutes * minuteMs);

/** A routine whose first slot is that one; each trigger name has the same. */
export const routineDueAt = (slot: Date, over: Partial<Routine> = {}, triggers = [main]): Routine => {
  const since = new Date(slot.getTime() - minuteMs / 2);
  const trigger = hourlyAt(slot);
  return aRoutine({
    project,
    name: struck,
    triggers: triggers.map((name) => aTrigger({ name, trigger, since })),
    createdAt: since,
    updatedAt: since,
    ...over,
  });
};

/** Puts routines into storage as their PUT and the ticks since have left them: waiting for the first slot after `after`. */
export const seedRoutines = async (
  { stores: { clients } }: Stage,
  routines: readonly Routine[],
  after: (since: Date) => Date = (since) => since,
): Promise<void> => {
  const definitions = routines.flatMap((routine) => {
    const { newestFirst, oldestFirst } = listKeys(routine);
    const keys = [definitionKey(routine.project, routine.name), newestFirst, oldestFirst];
    return keys.map((key) => toRoutineRow(key, routine, 'seed'));
  });
  const schedule = routines.flatMap((routine) =>
    routine.triggers.flatMap(({ name: triggerName, trigger, plan, since }) => {
      if (trigger.type !== 'schedule') return [];
      const nominal = nextFireAfter(trigger, after(since));
      if (nominal === null) return [];
      const slot = { project, routine: routine.name, triggerName, trigger, plan, nominal };
      return [toDueRow(slot), toStateRow({ ...slot, next: nominal }, 'seed')];
    }),
  );
  await Promise.all([
    insertAll(openTable(clients.tables.routines), definitions),
    insertAll(openTable(clients.tables.schedule), schedule),
  ]);
};

/** As many of them in a transaction as there may be; all in one partition. */
const insertAll = async (table: Table, rows: readonly Row[]): Promise<void> => {
  for (let start = 0; start < rows.length; start += maxWrites) {
    const [first, ...more] = rows.slice(start, start + maxWrites).map((row) => ({ kind: 'insert', row }) as const);
    if (first !== undefined) await table.write([first, ...more]);
  }
};

/** The message that a tick has sent for a slot. */
export const sendSlot = ({ stores }: Stage, { name }: Routine, nominal: Date, trigger = main): Promise<void> =>
  stores.deliveries.send({ kind: 'fire', project, routine: name, trigger, nominal: nominal.getTime() }, 0);
