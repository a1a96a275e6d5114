import type { ProjectName, RoutineName, TriggerName } from '../../domain/names.ts';
import type { TimedTrigger } from '../../domain/trigger.ts';

/** One row of the due index: the next slot of one trigger, with all that the tick needs to fire it. */
export interface DueSlot {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly triggerName: TriggerName;
  readonly trigger: TimedTrigger;
  readonly plan: number;
  readonly nominal: Date;
  /** Slots up to here fire however late: a tick has judged them after an outage. */
  readonly catchUpUntil?: Date;
  /** What a newer version has written beside these, as a text for the store: the next slot takes it over. */
  readonly unknownColumns?: string;
}

/** What the schedule says of one trigger. `next` is null when the plan is spent (a timer that has fired). */
export interface TriggerSchedule {
  readonly triggerName: TriggerName;
  readonly plan: number;
  readonly next: Date | null;
  readonly version: string;
}

/** `from` as it was read (null: no row). `to`: the slot to wait for, or a plan that waits for none. Rows never go. */
export interface ScheduleChange {
  readonly triggerName: TriggerName;
  readonly from: TriggerSchedule | null;
  readonly to: DueSlot | { readonly spentPlan: number };
}

/** A due slot and the one that follows it; null when the trigger is spent. */
export interface Advance {
  readonly slot: DueSlot;
  readonly next: Date | null;
  /** Of the next one. */
  readonly catchUpUntil?: Date;
}

export interface UnreadableRow {
  readonly key: string;
  readonly reason: string;
}

export interface DueBatch {
  readonly slots: readonly DueSlot[];
  /** Rows that cannot be read: they harm their own trigger only. */
  readonly unreadable: readonly UnreadableRow[];
  /** When storage answered, by its own clock; absent where it does not say. */
  readonly answeredAt?: Date;
}

export interface Heartbeat {
  readonly at: Date;
  readonly durationMs: number;
  /** How late the latest slot was that this tick found, in seconds; 0 when none was late. Unusable triggers do not count. */
  readonly lagSeconds: number;
  /** Triggers that did not fire by a fault of their own. */
  readonly unusable: number;
}

/** All methods throw StorageUnavailableError when storage does not answer. */
export interface ScheduleStore {
  /** The due index is split over this many shards: 0, 1, … */
  readonly shardCount: number;
  /** Slots at or before the horizon, earliest first, in batches. */
  due(shard: number, horizon: Date): AsyncIterable<DueBatch>;
  /**
   * Replaces each slot by its successor; each trigger appears once. A slot that is no longer there was advanced by
   * another tick or replaced by a change: it is left alone and counted as lost, the others are advanced all the same.
   */
  advance(advances: readonly Advance[]): Promise<{ readonly advanced: number; readonly lost: number }>;
  read(project: ProjectName, routine: RoutineName): Promise<readonly TriggerSchedule[]>;
  /** How the due row is that this says is current. Of a spent plan there is none. */
  checkDue(
    project: ProjectName,
    routine: RoutineName,
    of: TriggerSchedule,
  ): Promise<'there' | 'missing' | 'unreadable'>;
  /**
   * Makes all changes and answers true. False when the schedule is not what `from` says any more: of a few dozen changes
   * none is made then, of more the first ones may be.
   */
  write(project: ProjectName, routine: RoutineName, changes: readonly ScheduleChange[]): Promise<boolean>;
  writeHeartbeat(heartbeat: Heartbeat): Promise<void>;
  readHeartbeat(): Promise<Heartbeat | null>;
}
