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
}

/** A run that was asked for by hand. Its row is written after the message was sent. */
export interface DispatchMessage {
  readonly kind: 'dispatch';
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly runId: RunId;
  readonly sentAt: number;
}

export type DeliveryMessage = FireMessage | DispatchMessage;

/** Make the routine's schedule what the routine says now, once it has reached the generation. */
export interface ReconcileMessage {
  readonly kind: 'reconcile';
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly generation: number;
  /** Set on the second and last try to find that generation. */
  readonly again?: true;
}

export type WorkMessage = ReconcileMessage;

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
