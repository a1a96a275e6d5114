import type {
  DueBatch,
  DueSlot,
  Heartbeat,
  ScheduleChange,
  ScheduleStore,
  TriggerSchedule,
} from '../../shared/app/ports/schedule-store.ts';
import type { ProjectName, RoutineName, TriggerName } from '../../shared/domain/names.ts';
import { shardCount, shardOf } from '../../shared/storage/tables/schedule-row.ts';

interface TriggerRow {
  readonly state: TriggerSchedule;
  readonly due: DueSlot | null;
}

type RoutineRows = Map<TriggerName, TriggerRow>;

/** Passes the same suite as the store on Table Storage. */
export const createMemoryScheduleStore = (): ScheduleStore => {
  const routines = new Map<string, RoutineRows>();
  const dueIndex = createDueIndex();
  let heartbeat: Heartbeat | null = null;
  let writes = 0;
  const rowsOf = (project: ProjectName, routine: RoutineName): RoutineRows => {
    const key = `${project}!${routine}`;
    const rows = routines.get(key) ?? new Map();
    routines.set(key, rows);
    return rows;
  };
  const set = (rows: RoutineRows, due: DueSlot | null, state: Omit<TriggerSchedule, 'version'>) => {
    remove(rows, state.triggerName);
    writes += 1;
    rows.set(state.triggerName, { due, state: { ...state, version: `v${writes}` } });
    if (due !== null) dueIndex.add(due);
  };
  const remove = (rows: RoutineRows, triggerName: TriggerName) => {
    const due = rows.get(triggerName)?.due ?? null;
    if (due !== null) dueIndex.remove(due);
    rows.delete(triggerName);
  };
  return {
    shardCount,
    due: (shard, horizon) => batchOf(dueIndex.upTo(shard, horizon)),
    advance: async (advances) => {
      let advanced = 0;
      for (const { slot, next, catchUpUntil } of advances) {
        const rows = rowsOf(slot.project, slot.routine);
        if (!isSameSlot(rows.get(slot.triggerName)?.due ?? null, slot)) continue;
        const due = next === null ? null : { ...slot, nominal: next, catchUpUntil };
        set(rows, due, { triggerName: slot.triggerName, plan: slot.plan, next });
        advanced += 1;
      }
      return { advanced, lost: advances.length - advanced };
    },
    read: async (project, routine) => [...rowsOf(project, routine).values()].map(({ state }) => state),
    checkDue: async (project, routine, { triggerName, plan, next }) => {
      const due = rowsOf(project, routine).get(triggerName)?.due ?? null;
      return due?.plan === plan && due.nominal.getTime() === next?.getTime() ? 'there' : 'missing';
    },
    write: async (project, routine, changes) => {
      const rows = rowsOf(project, routine);
      const isAsRead = ({ triggerName, from }: ScheduleChange) =>
        rows.get(triggerName)?.state.version === from?.version;
      if (!changes.every(isAsRead)) return false;
      for (const { triggerName, to } of changes) {
        if ('nominal' in to) set(rows, to, { triggerName, plan: to.plan, next: to.nominal });
        else set(rows, null, { triggerName, plan: to.spentPlan, next: null });
      }
      return true;
    },
    writeHeartbeat: async (written) => {
      heartbeat = written;
    },
    readHeartbeat: async () => heartbeat,
  };
};

async function* batchOf(slots: readonly DueSlot[]): AsyncGenerator<DueBatch> {
  if (slots.length > 0) yield { slots, unreadable: [] };
}

/** The due slots of each shard, earliest first: a tick looks at those that are due and at one more. */
const createDueIndex = () => {
  const shards = Array.from({ length: shardCount }, (): DueSlot[] => []);
  const shardSlots = (shard: number): DueSlot[] => shards[shard] ?? [];
  const slotsBeside = (slot: DueSlot) => shardSlots(shardOf(slot.project, slot.routine));
  return {
    add: (slot: DueSlot): void => {
      const slots = slotsBeside(slot);
      const later = slots.findIndex((other) => other.nominal > slot.nominal);
      slots.splice(later < 0 ? slots.length : later, 0, slot);
    },
    remove: (slot: DueSlot): void => {
      const slots = slotsBeside(slot);
      slots.splice(slots.indexOf(slot), 1);
    },
    upTo: (shard: number, horizon: Date): readonly DueSlot[] => {
      const slots = shardSlots(shard);
      const later = slots.findIndex((slot) => slot.nominal > horizon);
      return later < 0 ? [...slots] : slots.slice(0, later);
    },
  };
};

const isSameSlot = (due: DueSlot | null, slot: DueSlot): boolean =>
  due !== null && due.nominal.getTime() === slot.nominal.getTime() && due.plan === slot.plan;
