import type { DueSlot } from '../../shared/app/ports/schedule-store.ts';
import type { RoutineName } from '../../shared/domain/names.ts';
import type { Run } from '../../shared/domain/run.ts';
import { type Evidence, unknown } from '../promises/evidence.ts';
import { simulation } from './owners.ts';
import type { SimulatedService } from './service.ts';

/** What the service as a whole has to show; the routines of a year are judged one by one. */
export interface Observed {
  /** When the last tick was, by the service's clock: nothing that came due later was sent. */
  readonly lastTickAt: Date;
  readonly due: ReadonlyMap<RoutineName, readonly DueSlot[]>;
  /** By run. */
  readonly callCounts: ReadonlyMap<string, number>;
}

export const observe = async (service: SimulatedService): Promise<Observed> => {
  const callCounts = new Map<string, number>();
  for (const id of service.calls) callCounts.set(id, (callCounts.get(id) ?? 0) + 1);
  const heartbeat = await service.stores.schedule.readHeartbeat();
  if (heartbeat === null) throw new Error('No tick has been');
  return { lastTickAt: heartbeat.at, due: Map.groupBy(await readDue(service), ({ routine }) => routine), callCounts };
};

/** What one routine has to show. That its slots have their runs the oracle's expectation says, slot by slot. */
export const readEvidence = async (
  { stores }: SimulatedService,
  { lastTickAt, due, callCounts }: Observed,
  routine: RoutineName,
): Promise<Evidence> => {
  const stored = await stores.routines.get(simulation, routine);
  const states = await stores.schedule.read(simulation, routine);
  const runs = await readRuns(stores, routine);
  return {
    now: lastTickAt,
    slots: { after: new Date(0), until: lastTickAt },
    definitions: stored?.kind === 'routine' ? [stored.routine] : [],
    history: unknown,
    contended: [],
    settleMs: unknown,
    lists: unknown,
    schedule: {
      due: due.get(routine) ?? [],
      states: states.map((state) => ({ ...state, project: simulation, routine })),
    },
    plannedUntil: unknown,
    deliveries: unknown,
    putBy: [],
    remains: unknown,
    holds: unknown,
    runs,
    mayEnd: ['completed', 'killed'],
    stoodStill: true,
    isDisturbed: false,
    mayRepeatCalls: false,
    calls: runs.flatMap(({ id }) => Array.from({ length: callCounts.get(id) ?? 0 }, () => ({ key: id }))),
    works: unknown,
    starts: [],
    keyedRuns: unknown,
    changes: unknown,
    cancelled: [],
    complaints: [],
  };
};

const readRuns = async ({ runs: store }: SimulatedService['stores'], routine: RoutineName): Promise<readonly Run[]> => {
  const runs: Run[] = [];
  let after: string | undefined;
  do {
    const page = await store.list(simulation, routine, { order: 'asc', limit: 1000, after });
    runs.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return runs;
};

const readDue = async ({ stores: { schedule } }: SimulatedService): Promise<readonly DueSlot[]> => {
  const due: DueSlot[] = [];
  const never = new Date(Date.UTC(9999, 0));
  for (let shard = 0; shard < schedule.shardCount; shard += 1) {
    for await (const { slots } of schedule.due(shard, never)) due.push(...slots);
  }
  return due;
};
