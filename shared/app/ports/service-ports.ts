import type { Clock, Repeat } from '../../clock.ts';
import type { Randomness } from '../../randomness.ts';
import type { AgentCaller } from './agent-caller.ts';
import type { AgentDirectory } from './agent-directory.ts';
import type { Log } from './log.ts';
import type { DeliveryQueue, QueueDepths, ReturnToQueue, WorkQueue } from './messages.ts';
import type { OutcomeStore } from './outcome-store.ts';
import type { PoisonedStore } from './poisoned-store.ts';
import type { RoutineStore } from './routine-store.ts';
import type { RunStore } from './run-store.ts';
import type { ScanStore } from './scan-store.ts';
import type { ScheduleStore } from './schedule-store.ts';
import type { ThreadStore } from './thread-store.ts';

/** All that the service reaches beyond itself. */
export interface ServicePorts {
  readonly routines: RoutineStore;
  readonly schedule: ScheduleStore;
  readonly runs: RunStore;
  readonly threads: ThreadStore;
  readonly poisoned: PoisonedStore;
  readonly scans: ScanStore;
  readonly outcomes: OutcomeStore;
  readonly deliveries: DeliveryQueue;
  readonly work: WorkQueue;
  readonly returnToQueue: ReturnToQueue;
  /** Throws StorageUnavailableError. */
  readonly queueDepths: () => Promise<QueueDepths>;
  readonly agents: AgentCaller;
  readonly agentDirectory: AgentDirectory;
  readonly clock: Clock;
  readonly repeat: Repeat;
  readonly randomness: Randomness;
  readonly log: Log;
}
