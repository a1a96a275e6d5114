import type { ProjectName, RoutineName, RunId } from '../domain/names.ts';
import type { Routine } from '../domain/routine.ts';
import type { RoutineDraft } from '../domain/routine-draft.ts';
import type { Run } from '../domain/run.ts';
import { deliver } from './delivery/deliver.ts';
import { createDeliverPoisoned, type PoisonedDelivery, type PoisonedDisposition } from './delivery/deliver-poisoned.ts';
import type { Delivery, Disposition } from './delivery/disposition.ts';
import { type GivenUpMessage, keepPoisoned } from './delivery/keep-poisoned.ts';
import { countOutcomes } from './operations/count-outcomes.ts';
import { doPoisonedWork, doWork, type PoisonedWork } from './operations/do-work.ts';
import { createReadHealth, type Health } from './operations/read-health.ts';
import { readStatus, type Status } from './operations/read-status.ts';
import { discardPoisoned, type Replay, replayPoisoned } from './operations/replay-poisoned.ts';
import { startScan } from './operations/scan-routines.ts';
import type { WorkMessage } from './ports/messages.ts';
import type { Page, PageRequest } from './ports/page.ts';
import type { KeptMessage } from './ports/poisoned-store.ts';
import type { ServicePorts } from './ports/service-ports.ts';
import { archiveRoutine, deleteRoutine, setRoutineEnabled } from './routines/change-stored-routine.ts';
import { findRoutine } from './routines/find-routine.ts';
import { type AgentList, listAgents } from './routines/list-agents.ts';
import { type PreviewRequest, previewTriggers, type TriggersPreview } from './routines/preview-triggers.ts';
import { putRoutine, type SavedRoutine } from './routines/put-routine.ts';
import { cancelRun } from './runs/cancel-run.ts';
import { type DispatchRequest, dispatchRoutine } from './runs/dispatch-routine.ts';
import { findRun } from './runs/find-run.ts';
import { listRuns, type RunListRequest } from './runs/list-runs.ts';
import { type RetryRequest, retryRun } from './runs/retry-run.ts';
import { type EndedTick, tick } from './schedule/tick.ts';
import type { ServiceSettings } from './settings.ts';

/**
 * The product: all that timers, queues and HTTP call. Errors that a caller can act on are those of domain/errors.ts;
 * anything else is a fault of ours or an outage.
 */
export interface Service {
  /** Each minute; by hand when the platform's timer is dead. */
  readonly tick: () => Promise<EndedTick>;
  readonly startScan: () => Promise<void>;
  readonly deliver: (delivery: Delivery) => Promise<Disposition>;
  /** One at a time in this process. */
  readonly deliverPoisoned: (delivery: PoisonedDelivery) => Promise<PoisonedDisposition>;
  readonly doWork: (message: WorkMessage) => Promise<void>;
  readonly doPoisonedWork: (work: PoisonedWork) => Promise<Disposition>;
  readonly keepPoisoned: (message: GivenUpMessage) => Promise<void>;
  readonly readHealth: () => Promise<Health>;
  readonly putRoutine: (project: ProjectName, name: RoutineName, draft: RoutineDraft) => Promise<SavedRoutine>;
  readonly getRoutine: (project: ProjectName, name: RoutineName) => Promise<Routine>;
  readonly listRoutines: (project: ProjectName, page: PageRequest) => Promise<Page<Routine>>;
  readonly deleteRoutine: (project: ProjectName, name: RoutineName) => Promise<void>;
  readonly setRoutineEnabled: (project: ProjectName, name: RoutineName, enabled: boolean) => Promise<Routine>;
  readonly archiveRoutine: (project: ProjectName, name: RoutineName) => Promise<Routine>;
  readonly dispatchRoutine: (request: DispatchRequest) => Promise<RunId>;
  readonly listRuns: (request: RunListRequest) => Promise<Page<Run>>;
  readonly getRun: (project: ProjectName, routine: RoutineName, id: RunId) => Promise<Run>;
  readonly cancelRun: (project: ProjectName, routine: RoutineName, id: RunId) => Promise<Run>;
  readonly retryRun: (request: RetryRequest) => Promise<Run>;
  readonly listAgents: (project: ProjectName) => Promise<AgentList>;
  readonly previewTriggers: (request: PreviewRequest) => TriggersPreview;
  readonly readStatus: (project: ProjectName) => Promise<Status>;
  readonly listPoisoned: (limit: number) => Promise<readonly KeptMessage[]>;
  readonly replayPoisoned: () => Promise<Replay>;
  readonly discardPoisoned: () => Promise<readonly KeptMessage[]>;
}

/** Starts nothing by itself but the count of outcomes, which goes by `ports.repeat`. */
export const createService = (ports: ServicePorts, settings: ServiceSettings): Service => {
  const uncounted = { ...ports, ...settings };
  const deps = { ...uncounted, runs: countOutcomes(ports.runs, uncounted) };
  return {
    tick: () => tick(deps),
    startScan: () => startScan(deps),
    deliver: (delivery) => deliver(deps, delivery),
    deliverPoisoned: createDeliverPoisoned(deps),
    doWork: (message) => doWork(deps, message),
    doPoisonedWork: (work) => doPoisonedWork(deps, work),
    keepPoisoned: (message) => keepPoisoned(deps, message),
    readHealth: createReadHealth(deps, ports.clock.now()),
    putRoutine: (project, name, draft) => putRoutine(deps, { project, name }, draft),
    getRoutine: async (project, name) => (await findRoutine(deps, project, name)).routine,
    listRoutines: (project, page) => deps.routines.list(project, page),
    deleteRoutine: (project, name) => deleteRoutine(deps, { project, name }),
    setRoutineEnabled: (project, name, enabled) => setRoutineEnabled(deps, { project, name }, enabled),
    archiveRoutine: (project, name) => archiveRoutine(deps, { project, name }),
    dispatchRoutine: (request) => dispatchRoutine(deps, request),
    listRuns: (request) => listRuns(deps, request),
    getRun: async (project, routine, id) => (await findRun(deps, { project, routine, id })).run,
    cancelRun: (project, routine, id) => cancelRun(deps, { project, routine, id }),
    retryRun: (request) => retryRun(deps, request),
    listAgents: (project) => listAgents(deps, project),
    previewTriggers: (request) => previewTriggers(deps, request),
    readStatus: (project) => readStatus(deps, project),
    listPoisoned: (limit) => deps.poisoned.list({ limit }),
    replayPoisoned: () => replayPoisoned(deps),
    discardPoisoned: () => discardPoisoned(deps),
  };
};
