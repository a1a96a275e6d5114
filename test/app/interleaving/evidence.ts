import type { DueSlot } from '../../../shared/app/ports/schedule-store.ts';
import { type Evidence, type PastTrigger, type Stretch, unknown } from '../../promises/evidence.ts';
import { firingOf } from '../../promises/firing.ts';
import { daily, demo } from '../world.ts';
import { type InterleavedService, type Standing, window } from './service.ts';

/** What the world of the explorer has to show, now that all is at rest. Slots after `after` are looked for. */
export const readEvidence = async (service: InterleavedService, after: Date): Promise<Evidence> => {
  const { stores, history, failures, starts, cancelled, works, trace } = service;
  const now = service.now();
  const lastTick = Math.floor(now.getTime() / 60_000) * 60_000;
  const states = await stores.schedule.read(demo, daily);
  const { version: _, ...hold } = await stores.runs.readHold(demo, daily);
  return {
    now,
    slots: { after, until: now },
    definitions: [history.at(-1)?.routine ?? []].flat(),
    history: history.map(toStretch),
    contended: [],
    settleMs: unknown,
    // The stores on memory keep nothing twice, and no message is ever poisoned.
    lists: unknown,
    schedule: {
      due: await readDue(service),
      states: states.map((state) => ({ ...state, project: demo, routine: daily })),
    },
    plannedUntil: new Date(lastTick + window.lookaheadSeconds * 1000),
    deliveries: stores.deliveries.messages,
    putBy: [],
    remains: { work: stores.work.messages.length, deliveryPoison: 0, workPoison: 0, poisonedBodies: 0 },
    holds: [{ partition: `${demo}!${daily}`, hold }],
    runs: (await stores.runs.list(demo, daily, { order: 'asc', limit: 1000 })).items,
    mayEnd: ['completed', 'killed'],
    stoodStill: false,
    isDisturbed: trace.some((step) => step.endsWith(')')),
    mayRepeatCalls: true,
    calls: toCalls(service),
    works: works(),
    starts: starts.map((start) => ({ project: demo, routine: daily, ...start })),
    keyedRuns: unknown,
    changes: unknown,
    cancelled,
    complaints: failures.map((failure) => `an actor failed: ${failure}`),
  };
};

const toStretch = ({ from, routine }: Standing, index: number, history: readonly Standing[]): Stretch => ({
  project: demo,
  routine: daily,
  from: from.getTime(),
  to: history[index + 1]?.from.getTime() ?? Number.POSITIVE_INFINITY,
  possible: [(routine === null ? [] : firingOf(routine)).map(toPastTrigger)],
});

const toPastTrigger = ({ triggerName: name, trigger, since }: ReturnType<typeof firingOf>[number]): PastTrigger => ({
  name,
  trigger,
  since: { from: since.getTime(), to: since.getTime() },
});

const readDue = async ({ stores: { schedule } }: InterleavedService): Promise<readonly DueSlot[]> => {
  const slots: DueSlot[] = [];
  for (let shard = 0; shard < schedule.shardCount; shard += 1) {
    for await (const batch of schedule.due(shard, new Date('2100-01-01T00:00:00Z'))) slots.push(...batch.slots);
  }
  return slots;
};

const toCalls = ({ calls }: InterleavedService): Evidence['calls'] =>
  calls.map(({ runId, at, endedAt, leaseUntil, isAfterEnd, besideOnThread }) => ({
    key: runId,
    startedAt: at.getTime(),
    endedAt: endedAt?.getTime(),
    leaseUntil: leaseUntil.getTime(),
    runHadEnded: isAfterEnd,
    besideOnThread,
  }));
