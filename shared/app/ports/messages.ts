import type { ProjectName, RoutineName, RunId, TriggerName } from '../../domain/names.ts';

/**
 * A message names work; it never carries the input, and what it names is checked against storage when it is delivered.
 * No field may be called `id`, `popReceipt` or `dequeueCount`: such fields overwrite the platform's trigger metadata.
 * Instants are milliseconds since 1970.
 */
export interface FireMessage {
  readonly kind: 'fire';
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly trigger: TriggerName;
  readonly nominal: number;
  /** At which life of its run the message last stood aside, so that its neighbours live on when it ends its process. */
  readonly aside?: number;
  /** It was received before and met a run: there is one to look for. */
  readonly again?: true;
}

/** A run that was asked for by hand. Its row is written after the message was sent. */
export interface DispatchMessage {
  readonly kind: 'dispatch';
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly runId: RunId;
  readonly sentAt: number;
  /** As of a FireMessage. */
  readonly aside?: number;
}

/** Ask an agent for the end of work that it has accepted. Each poll sends the next one before it asks. */
export interface PollMessage {
  readonly kind: 'poll';
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly runId: RunId;
  /** Counted from 1. */
  readonly poll: number;
}

export type DeliveryMessage = FireMessage | DispatchMessage | PollMessage;

/** How many lives on the poison queue a message of work has ended without a word; absent: none. */
interface WithLives {
  readonly lives?: number;
}

/** Make the routine's schedule what the routine says now, once it has reached the generation. */
export interface ReconcileMessage extends WithLives {
  readonly kind: 'reconcile';
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly generation: number;
  /** Set on the second and last try to find that generation. */
  readonly again?: true;
}

/** What the daily scan has found so far. */
export interface ScanFindings {
  readonly routines: number;
  /** Runs that nothing had happened to for a day. */
  readonly lostRuns: number;
  /** Schedules that did not say what their routine says. */
  readonly repairedSchedules: number;
  /** Routines that could not be looked at. */
  readonly unreadableRoutines: number;
}

/** Look at the routines that follow this one: the next chunk of a scan. */
export interface ScanMessage extends WithLives {
  readonly kind: 'scan';
  readonly startedAt: number;
  readonly after?: { readonly project: ProjectName; readonly routine: RoutineName };
  readonly found: ScanFindings;
}

export type WorkMessage = ReconcileMessage | ScanMessage;

export const queueNames = ['delivery', 'work'] as const;
export type QueueName = (typeof queueNames)[number];

/** Names a message that was sent, so that its sender can take it back. */
export interface SentMessage {
  readonly messageId: string;
  readonly popReceipt: string;
}

/** Both throw StorageUnavailableError when storage does not answer. Messages never expire. */
export interface DeliveryQueue {
  /** Invisible for that many whole seconds. */
  send(message: DeliveryMessage, delaySeconds: number): Promise<void>;
}

export interface WorkQueue {
  send(message: WorkMessage, delaySeconds: number): Promise<SentMessage>;
  /** Takes a message back. It does not matter when it is gone already. */
  remove(sent: SentMessage): Promise<void>;
}

/** Puts a message back on the queue it was on, byte for byte. Throws StorageUnavailableError. */
export type ReturnToQueue = (queue: QueueName, body: string) => Promise<void>;

/** Messages on each queue, invisible ones included; approximate, as the queues count them. */
export interface QueueDepths {
  readonly delivery: number;
  readonly deliveryPoison: number;
  readonly work: number;
  readonly workPoison: number;
}
