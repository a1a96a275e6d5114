import type { Action } from './action.ts';
import type { ExclusivePolicy } from './concurrency.ts';
import type { Metadata } from './metadata.ts';
import type { ProjectName, RoutineName, RunId, TriggerName } from './names.ts';
import type { TriggerType } from './trigger.ts';

export const attemptSources = [
  'schedule_delivery',
  'timer_delivery',
  'event_fire',
  'queued_dispatch',
  'manual_dispatch',
] as const;
export type AttemptSource = (typeof attemptSources)[number];

/** Why an attempt or a run did not succeed. `statusCode` is the agent's HTTP status where there was one. */
export interface RunError {
  readonly statusCode?: number;
  readonly type: string;
  readonly message: string;
}

/** One ended call of the agent. A call that a crash cut off leaves none: its number is used again. */
export interface Attempt {
  readonly number: number;
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** The agent's HTTP status, where it answered. */
  readonly statusCode?: number;
  readonly error?: RunError;
}

/** The delivery that calls the agent for this run; until `leaseUntil` no other delivery may. */
export interface Claim {
  readonly owner: string;
  readonly attempt: number;
  readonly startedAt: Date;
  readonly leaseUntil: Date;
}

/** What a protocol calls accepted work by: under these names its end is asked for, and it is cancelled. */
export type WorkIds = Readonly<Record<string, string>>;

/** Work that an agent has accepted and does by itself. The attempt that began it ends with it. */
export interface AcceptedWork {
  readonly ids: WorkIds;
  readonly attempt: number;
  readonly startedAt: Date;
  /** The agent's HTTP status when it accepted the work. */
  readonly statusCode?: number;
  /** What has not ended by then is given up. */
  readonly deadline: Date;
  /** It was cancelled on the agent's side: there is nothing left to stop. */
  readonly isCancelledThere?: true;
}

export const skipReasons = ['missed', 'overlap', 'coalesced'] as const;
export type SkipReason = (typeof skipReasons)[number];

/** Tokens that the agent says its work took; what it does not tell is absent. */
export interface TokenUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly totalTokens?: number;
}

/** What the agent's answer left behind, also when it says that the agent failed. */
export interface AgentAnswer {
  readonly responseId?: string;
  readonly sessionId?: string;
  readonly outputText?: string;
  readonly outputTruncated?: boolean;
  /** Why there is no output, or what is to be known about it. */
  readonly outputNote?: string;
  readonly usage?: TokenUsage;
}

/** What a run waited for while its agent was busy with something else. No attempt was spent on it. */
export interface BusyWait {
  /** What was busy, and what went before: a call that timed out may have left the lock that its repeat met. */
  readonly reason: string;
  /** How often the agent said so. */
  readonly times: number;
  /** When it said so first. */
  readonly since: Date;
  /** Since when the agent has said that it knows the work of this attempt, and has not found it. */
  readonly unfoundSince?: Date;
}

/** Slots that no longer fire because they were too late: one record stands for all of them. */
export interface MissedSlots {
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/**
 * queued: written, no attempt claimed yet. dispatching: claimed by a delivery. backing_off: between two attempts.
 * polling: the agent has accepted the work, `polls` says how often its end was asked for. killed: cancelled or skipped.
 * `runPhases` says what callers are told of each.
 */
export type RunState =
  | { readonly phase: 'queued' }
  | { readonly phase: 'dispatching'; readonly claim: Claim }
  | { readonly phase: 'backing_off'; readonly retryAt: Date }
  | { readonly phase: 'polling'; readonly polls: number; readonly notBefore?: Date }
  | { readonly phase: 'completed'; readonly endedAt: Date; readonly answer: AgentAnswer }
  | { readonly phase: 'failed'; readonly endedAt: Date; readonly error: RunError; readonly answer?: AgentAnswer }
  | {
      readonly phase: 'killed';
      readonly endedAt: Date;
      readonly error: RunError;
      readonly skipReason?: SkipReason;
      /** The run that kept this one from starting. */
      readonly blockedBy?: RunId;
    };

/** What callers are told of where a run is, in two vocabularies: its phase, and its status (MLflow's words). */
export const publicPhases = ['queued', 'dispatching', 'completed', 'failed'] as const;
export type PublicPhase = (typeof publicPhases)[number];
export const runStatuses = ['Scheduled', 'Running', 'Finished', 'Failed', 'Killed'] as const;
export type RunStatus = (typeof runStatuses)[number];

interface PhaseFacts<State extends RunState> {
  readonly publicPhase: PublicPhase;
  readonly status: RunStatus;
  readonly isEnded: State extends { readonly endedAt: Date } ? true : false;
}

/** Every phase of a run. Callers see `backing_off` and `polling` as dispatching, `killed` as failed. */
export const runPhases = {
  queued: { publicPhase: 'queued', status: 'Scheduled', isEnded: false },
  dispatching: { publicPhase: 'dispatching', status: 'Running', isEnded: false },
  backing_off: { publicPhase: 'dispatching', status: 'Running', isEnded: false },
  polling: { publicPhase: 'dispatching', status: 'Running', isEnded: false },
  completed: { publicPhase: 'completed', status: 'Finished', isEnded: true },
  failed: { publicPhase: 'failed', status: 'Failed', isEnded: true },
  killed: { publicPhase: 'failed', status: 'Killed', isEnded: true },
} as const satisfies {
  readonly [Phase in RunState['phase']]: PhaseFacts<Extract<RunState, { readonly phase: Phase }>>;
};
export type RunPhase = keyof typeof runPhases;

export const isEnded = ({ phase }: RunState): boolean => runPhases[phase].isEnded;

export interface Run {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly id: RunId;
  readonly triggerType: TriggerType;
  readonly triggerName: TriggerName;
  readonly attemptSource: AttemptSource;
  /** The action as it stood when the run was created; every attempt uses this copy. */
  readonly action: Action;
  /** The nominal time: of a slot its instant, of a dispatch the moment it was asked for. */
  readonly triggeredAt: Date;
  /** Of a slot only. */
  readonly scheduledFireAt?: Date;
  readonly triggerTimeZone?: string;
  readonly startedAt?: Date;
  readonly attempts: readonly Attempt[];
  /** Of the last attempt, when the agent accepted the work instead of doing it at once. */
  readonly work?: AcceptedWork;
  /** How often a delivery took the run over from one whose process had died with it: expired leases without a record. */
  readonly lives?: number;
  readonly waited?: BusyWait;
  /** Of the routine when the run was created: seconds that accepted work has, and that a busy agent is waited for. */
  readonly deadlineSeconds?: number;
  readonly missed?: MissedSlots;
  /** Of the routine when the run was created; absent: it runs whatever else does. */
  readonly exclusive?: ExclusivePolicy;
  /** The run that this one repeats. */
  readonly retryOf?: RunId;
  /** Of the routine when the run was created. */
  readonly metadata?: Metadata;
  readonly state: RunState;
}
