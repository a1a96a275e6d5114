import { isFireOf, nextFireAfter } from '../../shared/domain/time/next-fire.ts';
import type { Evidence, LeftDelivery, Unknown } from './evidence.ts';
import { type Firing, firingNow, later, slotsBetween, triggerOf } from './firing.ts';
import { type Finding, invariant } from './invariant.ts';
import type { ScheduleState } from './storage-view.ts';

interface Scheduled {
  readonly firing: Firing;
  readonly state: ScheduleState | undefined;
}

type Schedule = Exclude<Evidence['schedule'], Unknown>;
type Definitions = Exclude<Evidence['definitions'], Unknown>;

/** Each trigger that fires, with the state of its plan. */
const scheduled = (definitions: Definitions, { states }: Schedule): readonly Scheduled[] => {
  const stateOf = new Map(states.map((state) => [planOf(state), state]));
  return firingNow(definitions).map((firing) => ({ firing, state: stateOf.get(planOf(firing)) }));
};

const planOf = (of: Firing | ScheduleState): string => `${triggerOf(of)}, plan ${of.plan}`;

/** The schedule is what the routines say: a trigger that fires has one state, of its plan, and nothing else waits. */
export const everyTriggerHasItsState = invariant(
  { promise: 4, needs: ['definitions', 'schedule'] },
  ({ definitions, schedule: { states } }): readonly Finding[] => {
    const firing = firingNow(definitions);
    const statesOf = Map.groupBy(states, triggerOf);
    const plans = new Set(firing.map(planOf));
    return [
      ...firing
        .filter((one) => statesOf.get(triggerOf(one))?.filter(({ plan }) => plan === one.plan).length !== 1)
        .map((one) => ({ what: `a trigger has not one state of its plan ${one.plan}`, ids: [triggerOf(one)] })),
      ...states
        .filter((state) => state.next !== null && !plans.has(planOf(state)))
        .map((state) => ({
          what: `a state waits for plan ${state.plan}, which no trigger has`,
          ids: [triggerOf(state)],
        })),
    ];
  },
);

/** Due index and states say the same: one row for what waits, none for what does not. */
export const dueIndexIsThatOfTheStates = invariant(
  { promise: 4, needs: ['schedule'] },
  ({ schedule: { due, states } }) => {
    const rowOf = (of: Firing | ScheduleState, slot: Date) => `${planOf({ ...of })}, ${slot.toISOString()}`;
    const waiting = new Set(states.flatMap((state) => (state.next === null ? [] : [rowOf(state, state.next)])));
    const rows = due.map((row) => ({ row, text: rowOf({ ...row, since: row.nominal }, row.nominal) }));
    const count = Map.groupBy(rows, ({ text }) => text);
    return [
      ...[...waiting]
        .filter((text) => count.get(text)?.length !== 1)
        .map((text) => ({ what: `a state has ${count.get(text)?.length ?? 0} due rows`, ids: [text] })),
      ...rows
        .filter(({ text }) => !waiting.has(text))
        .map(({ text }) => ({ what: 'a due row has no state', ids: [text] })),
    ];
  },
);

/** A trigger waits for a slot of its plan; only a timer waits for nothing. */
export const everyTriggerWaitsForItsSlot = invariant(
  { promise: 4, needs: ['definitions', 'schedule'] },
  ({ definitions, schedule }): readonly Finding[] =>
    scheduled(definitions, schedule).flatMap(({ firing, state }) => {
      const { trigger, since } = firing;
      if (state === undefined) return [];
      const { next } = state;
      if (next === null) {
        return trigger.type === 'timer' ? [] : [{ what: 'a trigger waits for nothing', ids: [triggerOf(firing)] }];
      }
      const isOwn = next > since && isFireOf(trigger, next);
      return isOwn
        ? []
        : [{ what: `a trigger waits for ${next.toISOString()}, which is no slot of it`, ids: [triggerOf(firing)] }];
    }),
);

export const nothingIsOverdue = invariant({ promise: 2, needs: ['schedule'] }, ({ schedule: { states }, now }) =>
  states
    .filter(({ next }) => next !== null && next <= now)
    .map((state) => ({ what: `a trigger is overdue since ${state.next?.toISOString()}`, ids: [triggerOf(state)] })),
);

/** Where the ticks have been, the schedule waits for the first slot that they have not sent. */
export const scheduleIsPlannedUpToTheHorizon = invariant(
  { promise: 2, needs: ['definitions', 'schedule', 'plannedUntil'] },
  ({ definitions, schedule, plannedUntil }): readonly Finding[] =>
    scheduled(definitions, schedule).flatMap(({ firing, state }) => {
      const expected = nextFireAfter(firing.trigger, later(plannedUntil, firing.since));
      if (state === undefined || state.next?.getTime() === expected?.getTime()) return [];
      const text = (next: Date | null | undefined) => next?.toISOString() ?? 'nothing';
      return [
        { what: `a trigger waits for ${text(state.next)}, expected ${text(expected)}`, ids: [triggerOf(firing)] },
      ];
    }),
);

/** A slot to come that the schedule has passed: a message must be on its way. */
interface ComingSlot {
  readonly firing: Firing;
  readonly slot: Date;
}

const comingSlots = (definitions: Definitions, schedule: Schedule, now: Date): readonly ComingSlot[] =>
  scheduled(definitions, schedule).flatMap(({ firing, state }) => {
    const { trigger, since } = firing;
    const after = later(now, since);
    const spentAt = trigger.type === 'timer' ? trigger.at : after;
    const until = state?.next ? new Date(state.next.getTime() - 1) : spentAt;
    return slotsBetween(trigger, after, until).map((slot) => ({ firing, slot }));
  });

const isUnseen = ({ message, neverCame }: LeftDelivery): boolean => message === undefined && !neverCame;

/** No slot is passed over: what the schedule does not wait for any more is a message. */
export const everyComingSlotHasAMessage = invariant(
  { promise: 1, needs: ['definitions', 'schedule', 'deliveries'] },
  ({ definitions, schedule, deliveries, putBy, now }): readonly Finding[] => {
    const messages = [...deliveries.flatMap(({ message }) => message ?? []), ...putBy];
    const sent = new Set(
      messages.flatMap((message) =>
        message.kind === 'fire'
          ? [`${triggerOf({ ...message, triggerName: message.trigger })} ${message.nominal}`]
          : [],
      ),
    );
    const missing = comingSlots(definitions, schedule, now).filter(
      ({ firing, slot }) => !sent.has(`${triggerOf(firing)} ${slot.getTime()}`),
    );
    const unseen = deliveries.filter(isUnseen).length;
    if (missing.length <= unseen) return [];
    return missing.map(({ firing, slot }) => ({
      what: `slot ${slot.toISOString()} was passed over (${missing.length} such slots, ${unseen} invisible messages)`,
      ids: [triggerOf(firing)],
    }));
  },
);

/**
 * No message is left but those of slots to come, and that of a run that was woken up: it would have come at the end of
 * another run's hold.
 */
export const onlyMessagesOfComingSlotsAreLeft = invariant(
  { promise: 5, needs: ['definitions', 'schedule', 'deliveries'] },
  ({ definitions, schedule, deliveries, runs, now }): readonly Finding[] => {
    const ended = new Set<string>(runs.filter(({ state }) => 'endedAt' in state).map(({ id }) => id));
    const isSuperseded = ({ message, visibleAt }: LeftDelivery): boolean =>
      message?.kind === 'dispatch' && ended.has(message.runId) && visibleAt !== undefined && visibleAt > now;
    const isComing = ({ message, visibleAt }: LeftDelivery): boolean =>
      message?.kind === 'fire' && message.nominal >= now.getTime() && (visibleAt === undefined || visibleAt > now);
    const unseen = deliveries.filter(isUnseen).length;
    const isUnseenLeft = unseen > 0 && comingSlots(definitions, schedule, now).length === 0;
    return [
      ...(isUnseenLeft ? [{ what: `${unseen} messages are left on the delivery queue`, ids: [] }] : []),
      ...deliveries
        .filter((left) => !isUnseen(left) && !isComing(left) && !isSuperseded(left))
        .map(({ message = 'stays invisible' }) => ({
          what: 'a delivery message is left',
          ids: [JSON.stringify(message)],
        })),
    ];
  },
);
