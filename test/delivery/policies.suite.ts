import { expect, it } from 'vitest';
import type { AgentCall, AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import { systemClock } from '../../shared/clock.ts';
import { type ConcurrencyPolicy, concurrencyPolicies } from '../../shared/domain/concurrency.ts';
import type { RoutineName, RunId } from '../../shared/domain/names.ts';
import type { Run } from '../../shared/domain/run.ts';
import { demo } from '../app/world.ts';
import { aRoutine, aSchedule, aTrigger, routineName } from '../builders.ts';
import { caseCount, searchTimeout, seed } from '../case-counts.ts';
import { violationTexts } from '../promises/check-promises.ts';
import { type Evidence, knowingRunsOnly } from '../promises/evidence.ts';
import { createRandom, type Random } from '../simulation/random.ts';
import type { Stretch } from './hold-history.ts';
import { type LiveService, type ObservedCall, startLiveService } from './live-service.ts';
import { answered, unavailable } from './virtual-service.ts';

const races = caseCount('races');
const lanes = 4;
const runners = 20;
const maxStarts = 4;
/** Without word of the end of the one it waits for, a run starts when that one's lease would have ended. */
const leaseSeconds = 20;

/** Takes its time, and in every fourth race fails each run's first call. */
const anAgent = (random: Random) => {
  const failing = new Set<RunId>();
  let fails = false;
  return {
    failFirstCalls: (on: boolean) => {
      fails = on;
    },
    call: async ({ runId }: AgentCall): Promise<AgentOutcome> => {
      await systemClock.sleep(random.whole(150, 400));
      if (!fails || failing.has(runId)) return answered;
      failing.add(runId);
      return unavailable;
    },
  };
};

interface Race {
  readonly title: string;
  readonly service: LiveService;
  readonly routine: RoutineName;
  readonly runs: readonly Run[];
  readonly calls: readonly ObservedCall[];
}

/** Twenty different slots, or dispatches in every other race, of one routine are delivered at once. */
const runRace = async (service: LiveService, policy: ConcurrencyPolicy, number: number, start = 1): Promise<Race> => {
  const routine = routineName(`race-${policy}-${number}-${start}`);
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  const since = new Date(minute - 30 * 60_000);
  const trigger = aTrigger({ trigger: aSchedule('* * * * *'), since });
  const definition = aRoutine({ name: routine, triggers: [trigger], concurrencyPolicy: policy });
  await service.put(definition);
  const slots = Array.from({ length: runners }, (_, index) => minute - index * 60_000);
  await Promise.all(
    slots.map((nominal) =>
      number % 2 === 0
        ? service.send({ kind: 'fire', project: demo, routine, trigger: trigger.name, nominal }, 1)
        : service.dispatch(routine),
    ),
  );
  const runs = await service.endedRunsOf(routine, runners);
  // Past a write that was not answered, the history does not tell which run had a part in the hold, nor which called twice.
  if (!service.history.isWhole(routine) && start < maxStarts) return runRace(service, policy, number, start + 1);
  const ids = new Set(runs.map(({ id }) => id));
  const calls = service.calls.filter(({ runId }) => ids.has(runId));
  return { title: `race ${number} under ${policy}`, service, routine, runs, calls };
};

const runRaces = async (policy: ConcurrencyPolicy): Promise<readonly Race[]> => {
  const results: Race[] = [];
  const runLane = async (lane: number): Promise<void> => {
    const random = createRandom(seed * 1000 + lane);
    const agent = anAgent(random);
    const service = await startLiveService({ random, agent: agent.call });
    for (let number = lane; number < races; number += lanes) {
      agent.failFirstCalls(number % 4 === 1);
      results.push(await runRace(service, policy, number));
    }
    await service.stop();
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane)));
  return results;
};

const phases = (runs: readonly Run[]) => ({
  completed: runs.filter(({ state }) => state.phase === 'completed'),
  killed: runs.filter(({ state }) => state.phase === 'killed'),
});

/** Of calls: never two at a time. Of stretches: what is certain of one lies beside what is certain of another. */
const overlaps = (spans: readonly { readonly from: number; readonly to: number }[]): number => {
  const inOrder = spans.filter(({ from, to }) => from < to).toSorted((a, b) => a.from - b.from);
  return inOrder.filter((span, index) => inOrder.slice(0, index).some(({ to }) => to > span.from)).length;
};

/** What the calls of a race show: that one is called at a time is among it. */
const toEvidence = ({ runs, calls }: Race): Evidence => ({
  ...knowingRunsOnly,
  now: new Date(),
  runs,
  mayEnd: ['completed', 'killed'],
  stoodStill: false,
  isDisturbed: false,
  mayRepeatCalls: false,
  calls: calls
    .toSorted((a, b) => a.startedAt - b.startedAt)
    .map(({ runId, startedAt, endedAt }) => ({ key: runId, startedAt, endedAt })),
});

const expectOneAtATime = ({ title, service, routine }: Race): void => {
  const active = service.history.stretchesOf(routine, 'active');
  expect(overlaps(active.map(({ fromLatest, toEarliest }) => ({ from: fromLatest, to: toEarliest }))), title).toBe(0);
  // Backoff included: a run that failed once keeps its routine until its end, or until its lease ends in a long stall.
  expect(
    active.filter(({ isEndedWell }) => !isEndedWell),
    title,
  ).toEqual([]);
};

/** Each skipped run names one that had that part in the hold while the skipped one was delivered. */
const expectBlockers = (race: Race, blockers: readonly Stretch[], reason: string): void => {
  for (const { id, state } of phases(race.runs).killed) {
    expect(state, race.title).toMatchObject({ skipReason: reason });
    const blockedBy = state.phase === 'killed' ? state.blockedBy : undefined;
    const receivedAt = race.service.received.get(id) ?? Number.POSITIVE_INFINITY;
    const writtenAt = race.service.history.endWrittenAt(id) ?? 0;
    const wasThere = blockers.some(
      ({ runId, fromEarliest, toLatest }) => runId === blockedBy && fromEarliest <= writtenAt && toLatest >= receivedAt,
    );
    expect(wasThere, `${race.title}: ${id} was blocked by ${blockedBy}`).toBe(true);
  }
};

const expectAllAccounted = (race: Race): void => {
  expect(race.runs, race.title).toHaveLength(runners);
  expect(violationTexts(toEvidence(race)), race.title).toEqual([]);
};

/** From the end of one active run to the first call of the one that had waited for it. */
const waitsOf = (race: Race): readonly number[] => {
  const ends = phases(race.runs).completed.map(({ state }) => ('endedAt' in state ? state.endedAt.getTime() : 0));
  return race.service.history.stretchesOf(race.routine, 'waiting').flatMap(({ runId }) => {
    const startedAt = Math.min(...race.calls.filter((call) => call.runId === runId).map((call) => call.startedAt));
    const freedAt = Math.max(...ends.filter((end) => end <= startedAt));
    return Number.isFinite(startedAt) && Number.isFinite(freedAt) ? [startedAt - freedAt] : [];
  });
};

const report = (policy: ConcurrencyPolicy, results: readonly Race[], more = ''): void => {
  const completed = results.map(({ runs }) => phases(runs).completed.length);
  console.log(
    `${policy}: ${results.length} races of ${runners} (seed ${seed}); completed ${Math.min(...completed)} to ${Math.max(...completed)} in each${more}`,
  );
};

const check: Record<ConcurrencyPolicy, (results: readonly Race[]) => void> = {
  always_enqueue: (results) => {
    for (const { title, runs, calls } of results) {
      expect(phases(runs).completed, title).toHaveLength(runners);
      expect(overlaps(calls.map(({ startedAt, endedAt }) => ({ from: startedAt, to: endedAt }))), title).not.toBe(0);
    }
    report('always_enqueue', results);
  },
  skip_if_active: (results) => {
    for (const race of results) {
      expectOneAtATime(race);
      expect(phases(race.runs).completed.length, race.title).toBeGreaterThanOrEqual(1);
      expectBlockers(race, race.service.history.stretchesOf(race.routine, 'active'), 'overlap');
    }
    report('skip_if_active', results);
  },
  coalesce_if_active: (results) => {
    const waits = results.flatMap(waitsOf).toSorted((a, b) => a - b);
    for (const race of results) {
      expectOneAtATime(race);
      expect(phases(race.runs).completed.length, race.title).toBeGreaterThanOrEqual(2);
      expectBlockers(race, race.service.history.stretchesOf(race.routine, 'waiting'), 'coalesced');
    }
    expect(waits.length).toBeGreaterThanOrEqual(races);
    const median = waits[Math.floor(waits.length / 2)];
    // Woken, and not by itself when the hold would have ended. A single race may meet a machine that is busy.
    expect(median).toBeLessThan(0.75 * leaseSeconds * 1000);
    report(
      'coalesce_if_active',
      results,
      `; a run that waited started ${median} ms (median), ${waits.at(-1)} ms (most) after`,
    );
  },
};

/** Deliveries of one routine race each other, under each policy. */
export const describePolicies = (): void => {
  it.each(concurrencyPolicies)(
    `%s holds when twenty deliveries race, in each of ${races} races`,
    async (policy) => {
      const results = await runRaces(policy);
      expect(results).toHaveLength(races);
      for (const race of results) expectAllAccounted(race);
      check[policy](results);
    },
    searchTimeout,
  );
};
