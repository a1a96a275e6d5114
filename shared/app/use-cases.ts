import type { JsonValue } from '../domain/json.ts';
import type { ProjectName, RoutineName, RunId } from '../domain/names.ts';
import type { Routine } from '../domain/routine.ts';
import type { RoutineDraft } from '../domain/routine-draft.ts';
import type { Run } from '../domain/run.ts';
import type { RunFilter } from '../domain/run-filter/run-filter.ts';
import type { Status } from './operations/read-status.ts';
import type { Replay } from './operations/replay-poisoned.ts';
import type { Page, PageRequest } from './ports/page.ts';
import type { KeptMessage } from './ports/poisoned-store.ts';
import type { AgentList } from './routines/list-agents.ts';
import type { PreviewRequest, TriggersPreview } from './routines/preview-triggers.ts';
import type { EndedTick } from './schedule/tick.ts';

/** What the HTTP functions call. Errors are those of domain/errors.ts; anything else is a fault of ours or an outage. */
export interface UseCases {
  readonly putRoutine: (project: ProjectName, name: RoutineName, draft: RoutineDraft) => Promise<SavedRoutine>;
  readonly getRoutine: (project: ProjectName, name: RoutineName) => Promise<Routine>;
  readonly listRoutines: (project: ProjectName, page: PageRequest) => Promise<Page<Routine>>;
  readonly deleteRoutine: (project: ProjectName, name: RoutineName) => Promise<void>;
  readonly setRoutineEnabled: (project: ProjectName, name: RoutineName, enabled: boolean) => Promise<Routine>;
  /** For ever: what is left to do with the routine is to read and to delete it. */
  readonly archiveRoutine: (project: ProjectName, name: RoutineName) => Promise<Routine>;
  readonly dispatchRoutine: (request: DispatchRequest) => Promise<RunId>;
  readonly listRuns: (request: RunListRequest) => Promise<Page<Run>>;
  readonly getRun: (project: ProjectName, routine: RoutineName, id: RunId) => Promise<Run>;
  readonly cancelRun: (project: ProjectName, routine: RoutineName, id: RunId) => Promise<Run>;
  readonly retryRun: (request: RetryRequest) => Promise<Run>;
  readonly listAgents: (project: ProjectName) => Promise<AgentList>;
  readonly previewTriggers: (request: PreviewRequest) => TriggersPreview;
  readonly readStatus: (project: ProjectName) => Promise<Status>;
  /** By hand, when the platform's timer is dead. */
  readonly tick: () => Promise<EndedTick>;
  readonly listPoisoned: (limit: number) => Promise<readonly KeptMessage[]>;
  readonly replayPoisoned: () => Promise<Replay>;
  readonly discardPoisoned: () => Promise<readonly KeptMessage[]>;
}

export interface SavedRoutine {
  readonly routine: Routine;
  /** What may keep it from working, one sentence each. */
  readonly warnings: readonly string[];
}

export interface DispatchRequest {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly payload?: { readonly type: string; readonly input?: JsonValue };
  readonly idempotency?: Idempotency;
}

/** `key`: the Idempotency-Key header. `request`: x-ms-client-request-id, when there is no Idempotency-Key. */
export interface Idempotency {
  readonly kind: 'key' | 'request';
  readonly value: string;
}

export interface RetryRequest {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  /** The run to repeat; it has ended. */
  readonly id: RunId;
  readonly idempotency?: Idempotency;
}

export interface RunListRequest extends PageRequest {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly filter?: RunFilter;
}
