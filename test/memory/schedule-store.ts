import type {
  DueSlot,
  Heartbeat,
  ScheduleChange,
  ScheduleStore,
  TriggerSchedule,
} from '../../shared/app/ports/schedule-store.ts';
import type { ProjectName, RoutineName, TriggerName } from '../../shared/domain/names.ts';
import { shardCount, shardOf } from '../../shared/storage/schedule-row.ts';

interface TriggerRow {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly state: TriggerSchedule;
  readonly due: DueSlot | null;
}

/** Passes the same suite as the store on Table Storage. */
export const createMemoryScheduleStore = (): ScheduleStore => {
  const rows = new Map<string, TriggerRow>();
  let heartbeat: Heartbeat | null = null;
  let writes = 0;
  const keyOf = (project: ProjectName, routine: RoutineName, trigger: TriggerName) =>
    JSON.stringify([project, routine, trigger]);
  const keyOfSlot = (slot: DueSlot) => keyOf(slot.project, slot.routine, slot.triggerName);
  const set = (key: string, row: Omit<TriggerRow, 'state'>, state: Omit<TriggerSchedule, 'version'>) => {
    writes += 1;
    rows.set(key, { ...row, state: { ...state, version: `v${writes}` } });
  };
  return {
    shardCount,
    due: (shard, horizon) => batchOf(dueSlots([...rows.values()], shard, horizon)),
    advance: async (_shard, advances) => {
      const won = advances.filter(({ slot }) => isSameSlot(rows.get(keyOfSlot(slot))?.due ?? null, slot));
      for (const { slot, next } of won) {
        const { project, routine, triggerName, plan } = slot;
        const due = next === null ? null : { ...slot, nominal: next };
        set(keyOfSlot(slot), { project, routine, due }, { triggerName, plan, next });
      }
      return { advanced: won.length, lost: advances.length - won.length };
    },
    read: async (project, routine) =>
      [...rows.values()].filter((row) => row.project === project && row.routine === routine).map(({ state }) => state),
    write: async (project, routine, changes) => {
      const isAsRead = ({ triggerName, from }: ScheduleChange) =>
        rows.get(keyOf(project, routine, triggerName))?.state.version === from?.version;
      if (!changes.every(isAsRead)) return false;
      for (const { triggerName, to } of changes) {
        const key = keyOf(project, routine, triggerName);
        if (to === null) rows.delete(key);
        else if ('nominal' in to)
          set(key, { project, routine, due: to }, { triggerName, plan: to.plan, next: to.nominal });
        else set(key, { project, routine, due: null }, { triggerName, plan: to.spentPlan, next: null });
      }
      return true;
    },
    writeHeartbeat: async (written) => {
      heartbeat = written;
    },
    readHeartbeat: async () => heartbeat,
  };
};

async function* batchOf(slots: readonly DueSlot[]) {
  if (slots.length > 0) yield { slots, broken: [] };
}

const dueSlots = (rows: readonly TriggerRow[], shard: number, horizon: Date): readonly DueSlot[] =>
  rows
    .flatMap(({ due }) => (due === null ? [] : [due]))
    .filter((slot) => shardOf(slot.project, slot.routine) === shard && slot.nominal <= horizon)
    .sort((a, b) => a.nominal.getTime() - b.nominal.getTime());

const isSameSlot = (due: DueSlot | null, slot: DueSlot): boolean =>
  due !== null && due.nominal.getTime() === slot.nominal.getTime() && due.plan === slot.plan;
