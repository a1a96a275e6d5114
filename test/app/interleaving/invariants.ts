import type { DeliveryMessage } from '../../../shared/app/ports/messages.ts';
import type { DueSlot } from '../../../shared/app/ports/schedule-store.ts';
import { firingTriggers } from '../../../shared/domain/planning/schedule-targets.ts';
import type { Routine } from '../../../shared/domain/routine.ts';
import { isEnded, type Run } from '../../../shared/domain/run.ts';
import { nextFireAfter } from '../../../shared/domain/time/next-fire.ts';
import { daily, demo } from '../world.ts';
import { type InterleavedService, window } from './service.ts';
import { checkWork } from './work-invariants.ts';

/** What is wrong; nothing, when the promises were kept. */
export type Violations = readonly string[];

const text = (instant: Date): string => instant.toISOString().slice(11, 19);

const standing = (service: InterleavedService): Routine | null => service.history.at(-1)?.routine ?? null;

/** When nobody is at work: the due index is what the routine says, and no message waits but those of coming slots. */
export const checkRest = async (service: InterleavedService): Promise<Violations> => {
  const now = service.now();
  const lastTick = Math.floor(now.getTime() / 60_000) * 60_000;
  const horizon = new Date(lastTick + window.lookaheadSeconds * 1000);
  const expected = dueSlotsOf(standing(service), horizon);
  const due = (await readDue(service)).map(describeDue);
  const left: string[] = [];
  for (const { message, visibleAt } of service.stores.deliveries.messages) {
    if (visibleAt <= now || (message.kind !== 'fire' && !(await isSuperseded(service, message)))) {
      left.push(JSON.stringify(message));
    }
  }
  return [
    ...(due.join() === expected.join() ? [] : [`due index is [${due}], expected [${expected}]`]),
    ...service.stores.work.messages.map(({ message }) => `work message is left: ${JSON.stringify(message)}`),
    ...left.map((message) => `delivery message is left: ${message}`),
    ...service.failures.map((failure) => `an actor failed: ${failure}`),
    ...(await checkHold(service)),
  ];
};

/** A run that was woken up leaves the message by which it would have come at the end of another one's hold. */
const isSuperseded = async (service: InterleavedService, message: DeliveryMessage): Promise<boolean> => {
  if (message.kind !== 'dispatch') return false;
  const stored = await service.stores.runs.get(demo, daily, message.runId);
  return stored !== null && isEnded(stored.run.state);
};

const describeDue = ({ triggerName, nominal, plan }: Pick<DueSlot, 'triggerName' | 'nominal' | 'plan'>): string =>
  `${triggerName} ${text(nominal)} of plan ${plan}`;

const dueSlotsOf = (routine: Routine | null, horizon: Date): readonly string[] =>
  (routine === null ? [] : firingTriggers(routine)).flatMap(({ name, trigger, plan, since }) => {
    const nominal = nextFireAfter(trigger, horizon > since ? horizon : since);
    return nominal === null ? [] : [describeDue({ triggerName: name, nominal, plan })];
  });

const readDue = async (service: InterleavedService): Promise<readonly DueSlot[]> => {
  const slots: DueSlot[] = [];
  const { schedule } = service.stores;
  for (let shard = 0; shard < schedule.shardCount; shard += 1) {
    for await (const batch of schedule.due(shard, new Date('2100-01-01T00:00:00Z'))) slots.push(...batch.slots);
  }
  return slots;
};

/**
 * No slot lost: one that the routine as it stands owns has a run. None invented: each run's slot was the routine's at
 * some moment between its time and its start. None left: every run has ended. None twice: see `checkCalls`.
 */
export const checkRuns = async (service: InterleavedService, from: Date): Promise<Violations> => {
  const runs = (await service.stores.runs.list(demo, daily, { order: 'asc', limit: 1000 })).items;
  const slots = runs.filter((run) => run.scheduledFireAt !== undefined);
  const fired = new Set(slots.map((run) => run.triggeredAt.getTime()));
  const lost = slotsOf(standing(service), from, service.now()).filter((slot) => !fired.has(slot.getTime()));
  return [
    ...lost.map((slot) => `slot ${text(slot)} is the routine's and has no run`),
    ...slots.filter((run) => !wasOwn(service, run)).map((run) => `run of ${text(run.triggeredAt)} is of no slot`),
    ...runs
      .filter(({ state }) => state.phase !== 'completed' && state.phase !== 'killed')
      .map((run) => `run of ${text(run.triggeredAt)} is ${run.state.phase} for ever`),
    ...checkAnswers(service, runs),
    ...checkCalls(service, runs),
    ...checkExclusion(service),
    ...checkKilled(service, runs),
    ...checkWork(service, runs),
  ];
};

/** A run that a caller was told of is there, and an idempotency key stands for one. */
const checkAnswers = ({ answers }: InterleavedService, runs: readonly Run[]): Violations => {
  const lost = answers.filter(({ runId }) => !runs.some(({ id }) => id === runId));
  const keyed = new Set(answers.filter(({ isKeyed }) => isKeyed).map(({ runId }) => runId));
  return [
    ...lost.map(({ runId }) => `dispatched run ${runId} is not there`),
    ...(keyed.size > 1 ? [`one idempotency key stands for ${keyed.size} runs`] : []),
  ];
};

/** Nobody waits and nobody is active: what a crash left behind has run out. */
const checkHold = async (service: InterleavedService): Promise<Violations> => {
  const { active, waiting } = await service.stores.runs.readHold(demo, daily);
  const waits = waiting === undefined ? null : await service.stores.runs.get(demo, daily, waiting);
  return [
    ...(active !== undefined && active.until > service.now() ? [`run ${active.runId} holds the routine for ever`] : []),
    ...(waits !== null && !isEnded(waits.run.state) ? [`run ${waiting} waits for ever`] : []),
  ];
};

/** Of runs that exclude each other one calls at a time, as long as its lease lasts. */
const checkExclusion = ({ calls }: InterleavedService): Violations => {
  const exclusive = calls.filter(({ isExclusive }) => isExclusive);
  return exclusive.flatMap((call, index) =>
    exclusive
      .slice(0, index)
      .filter(({ runId, endedAt, leaseUntil }) => {
        const lasts = endedAt === undefined || endedAt > call.at;
        return runId !== call.runId && lasts && leaseUntil > call.at;
      })
      .map((earlier) => `${call.actor} called beside ${earlier.actor}, whose run excludes others`),
  );
};

/** Only what was asked to end, or what met an active run, is killed; and whoever was told so can rely on it. */
const checkKilled = ({ cancelled }: InterleavedService, runs: readonly Run[]): Violations =>
  runs.flatMap((run) => {
    const { state, id } = run;
    const isCancelled = state.phase === 'killed' && state.error.type === 'cancelled';
    if (cancelled.includes(id))
      return isCancelled ? [] : [`cancelled run of ${text(run.triggeredAt)} is ${state.phase}`];
    if (state.phase !== 'killed' || isCancelled) return [];
    const blocker = runs.find((other) => other.id === state.blockedBy);
    if (blocker === undefined) return [`run of ${text(run.triggeredAt)} was skipped for a run that is not there`];
    const from = state.skipReason === 'coalesced' ? blocker.triggeredAt : blocker.startedAt;
    const wasThere = from !== undefined && from <= state.endedAt;
    return wasThere ? [] : [`run of ${text(run.triggeredAt)} was skipped for one that was not at work`];
  });

const slotsOf = (routine: Routine | null, from: Date, until: Date): readonly Date[] => {
  const slots: Date[] = [];
  for (const { trigger, since } of routine === null ? [] : firingTriggers(routine)) {
    let slot = nextFireAfter(trigger, since > from ? since : from);
    for (; slot !== null && slot <= until; slot = nextFireAfter(trigger, slot)) slots.push(slot);
  }
  return slots;
};

const wasOwn = ({ history }: InterleavedService, run: Run): boolean =>
  history.some(({ from, routine }, index) => {
    const until = history[index + 1]?.from;
    const isInTime = from <= (run.startedAt ?? from) && (until === undefined || until >= run.triggeredAt);
    return isInTime && owns(routine, run);
  });

/** Said anew, and not by `checkSlot`, which is on trial here. */
const owns = (routine: Routine | null, { triggerName, triggeredAt }: Run): boolean => {
  const named = (routine === null ? [] : firingTriggers(routine)).find(({ name }) => name === triggerName);
  if (named === undefined || triggeredAt <= named.since) return false;
  return nextFireAfter(named.trigger, new Date(triggeredAt.getTime() - 1000))?.getTime() === triggeredAt.getTime();
};

/** No call before the run's time, none beside a call whose lease lasts, none after the run has ended. */
const checkCalls = ({ calls }: InterleavedService, runs: readonly Run[]): Violations =>
  calls.flatMap((call, index) => {
    const run = runs.find(({ id }) => id === call.runId);
    const earlier = calls.slice(0, index).filter(({ runId }) => runId === call.runId);
    const isBeside = earlier.some(({ endedAt, leaseUntil }) => endedAt === undefined && leaseUntil > call.at);
    return [
      ...(run === undefined ? [`${call.actor} called for a run that is not there`] : []),
      ...(run !== undefined && call.at < run.triggeredAt
        ? [`${call.actor} called before ${text(run.triggeredAt)}`]
        : []),
      ...(isBeside ? [`${call.actor} called while the lease of another lasted`] : []),
      ...(call.isAfterEnd ? [`${call.actor} called after the run had ended`] : []),
    ];
  });
