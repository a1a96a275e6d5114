import type { DeliveryMessage, FireMessage } from '../../shared/app/ports/messages.ts';
import type { DueSlot } from '../../shared/app/ports/schedule-store.ts';
import type { Hold } from '../../shared/domain/concurrency.ts';
import type { RunId } from '../../shared/domain/names.ts';
import type { Routine, Tombstone } from '../../shared/domain/routine.ts';
import type { Run, RunPhase } from '../../shared/domain/run.ts';
import type { TimedTrigger } from '../../shared/domain/trigger.ts';
import type { ScheduleState } from './storage-view.ts';

/** What a world cannot know. The invariants that need it are not judged there. */
export type Unknown = null;
export const unknown: Unknown = null;

/**
 * Everything that the promises are judged by, read when a world has come to rest: from its storage, from its agent, and
 * from what its callers were told. A plain value, the same for all worlds.
 */
export interface Evidence {
  /** When storage was read, by the service's clock. */
  readonly now: Date;
  /** The slots that are looked for: after the first instant, up to the second. */
  readonly slots: { readonly after: Date; readonly until: Date } | Unknown;

  /** As storage has them now, the deleted ones included. */
  readonly definitions: readonly (Routine | Tombstone)[] | Unknown;
  /** What the routines were, or may have been, over time. */
  readonly history: readonly Stretch[] | Unknown;
  /** `{project}/{routine}` of those whose history is not known: several callers changed them at once. */
  readonly contended: readonly string[];
  /** A slot that is still owned so long after its time was not stopped by a change: it has a run. */
  readonly settleMs: number | Unknown;
  readonly lists: Lists | Unknown;

  readonly schedule: { readonly due: readonly DueSlot[]; readonly states: readonly ScheduleState[] } | Unknown;
  /** The last tick has sent every slot up to here. */
  readonly plannedUntil: Date | Unknown;

  readonly deliveries: readonly LeftDelivery[] | Unknown;
  /** Slots whose only message was looked at and put aside: they count as delivered. */
  readonly putBy: readonly FireMessage[];
  readonly remains: Remains | Unknown;
  readonly holds: readonly HeldRoutine[] | Unknown;

  readonly runs: readonly Run[];
  /** How a run may end in this world. */
  readonly mayEnd: readonly RunPhase[];
  /** Whether there was a standstill for longer than the grace: without one no slot is missed. */
  readonly stoodStill: boolean;
  /** Whether a process, a request or a call was struck. */
  readonly isDisturbed: boolean;
  /** Whether a process may have ended, or stood still for longer than its lease, between a call and its record. */
  readonly mayRepeatCalls: boolean;

  readonly calls: readonly ObservedCall[] | Unknown;
  readonly works: readonly ObservedWork[] | Unknown;

  /** Every run that was asked for by hand. */
  readonly starts: readonly AskedStart[] | Unknown;
  /** Runs that an idempotency key stands for, as storage has them. */
  readonly keyedRuns: readonly RunId[] | Unknown;
  /** Changes of routines that were answered as made. */
  readonly changes: readonly AnsweredChange[] | Unknown;
  /** Runs whose cancellation was answered as made. */
  readonly cancelled: readonly string[] | Unknown;
  /** What a caller, an actor or the log said that it must not say. */
  readonly complaints: readonly string[];
}

/** Of a world that knows its runs and nothing more. */
export const knowingRunsOnly = {
  ...{ slots: unknown, definitions: unknown, history: unknown, contended: [], settleMs: unknown, lists: unknown },
  ...{ schedule: unknown, plannedUntil: unknown, deliveries: unknown, putBy: [], remains: unknown, holds: unknown },
  ...{ calls: unknown, works: unknown, starts: unknown, keyedRuns: unknown, changes: unknown, cancelled: unknown },
  complaints: [],
} as const satisfies Partial<Evidence>;

/** A routine for a while. Stretches overlap where it is not known which of them it was. Milliseconds since 1970. */
export interface Stretch {
  readonly project: string;
  readonly routine: string;
  readonly from: number;
  readonly to: number;
  /** What it may have fired; nothing, where it was disabled or not there. */
  readonly possible: readonly (readonly PastTrigger[])[];
}

export interface PastTrigger {
  readonly name: string;
  readonly trigger: TimedTrigger;
  /** Its first slot comes after an instant between these two, in milliseconds. */
  readonly since: { readonly from: number; readonly to: number };
}

/** What is kept a second time, in another order. */
export interface Lists {
  readonly newestFirst: readonly Routine[];
  readonly oldestFirst: readonly Routine[];
  /** `{project}!{routine} {run id}` */
  readonly pointers: readonly string[];
}

/** A message on the delivery queue, visible or not. */
export interface LeftDelivery {
  /** Absent: it is invisible, and nothing but its being there is known. */
  readonly message?: DeliveryMessage;
  readonly visibleAt?: Date;
  /** Every message of a slot to come was visible in time, and this one was not. */
  readonly neverCame?: true;
}

/** Messages on the other queues, the invisible ones counted, and bodies that were kept of poisoned ones. */
export interface Remains {
  readonly work: number;
  readonly deliveryPoison: number;
  readonly workPoison: number;
  readonly poisonedBodies: number;
}

export interface HeldRoutine {
  readonly partition: string;
  readonly hold: Hold;
}

/** A call of an agent. Instants are milliseconds since 1970. What is absent its world does not see. */
export interface ObservedCall {
  /** The idempotency key, which is the id of the run. */
  readonly key: string;
  /** The run that the call says it is for in its other header. */
  readonly requestId?: string;
  /** Or its hash. Absent: the caller left before all of it was read, too. */
  readonly body?: string;
  readonly startedAt?: number;
  /** Absent, with a start: it never ended, its caller crashed. */
  readonly endedAt?: number;
  /** Until when the run was the caller's, by its row. */
  readonly leaseUntil?: number;
  /** Its run had ended when the call began, by its row: the end is dated before it is written. */
  readonly runHadEnded?: boolean;
  /** The id that the agent began work under; absent for a call that began none. */
  readonly begunAs?: string;
  /** Another run that had called on the same thread and had not ended. */
  readonly besideOnThread?: RunId;
}

/** Work that an agent has accepted. It knows a repeat by its key: one run, one work. */
export interface ObservedWork {
  readonly runId: RunId;
  readonly endsAt: Date;
  /** When the run said so. */
  readonly recordedAt?: Date;
  /** When the agent was first told to stop, or should have been. */
  readonly toldAt?: Date;
  /** It had ended by itself when a delivery asked: nobody has to be told. */
  readonly wasSeenEnded?: true;
}

/** A dispatch, or a retry. */
export interface AskedStart {
  readonly project: string;
  readonly routine: string;
  readonly key?: string;
  /** Absent: it was not answered, and may have started a run all the same. */
  readonly runId?: string;
}

export interface AnsweredChange {
  readonly routine: string;
  readonly generation: number;
}
