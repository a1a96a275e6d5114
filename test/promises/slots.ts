import type { Run } from '../../shared/domain/run.ts';
import { slotRunId } from '../../shared/domain/run-id.ts';
import { firingNow, later, routineOf, slotsBetween, triggerOf } from './firing.ts';
import { certainSlots, mayHaveOwned } from './history.ts';
import { type Finding, invariant } from './invariant.ts';

type SlotRun = Run & { readonly scheduledFireAt: Date };

const isSlotRun = (run: Run): run is SlotRun => run.scheduledFireAt !== undefined;

/** How many runs stand for a slot of a trigger. One visible run stands for all slots that were missed together. */
const countRuns = (runs: readonly Run[]): ((triggerName: string, slot: number) => number) => {
  const slotRuns = runs.filter(isSlotRun);
  const fired = Map.groupBy(
    slotRuns.filter(({ missed }) => missed === undefined),
    ({ triggerName, triggeredAt }) => `${triggerName} ${triggeredAt.getTime()}`,
  );
  const missed = slotRuns.filter((run) => run.missed !== undefined);
  return (triggerName, slot) =>
    (fired.get(`${triggerName} ${slot}`)?.length ?? 0) +
    missed.filter(
      (run) =>
        run.triggerName === triggerName &&
        run.missed !== undefined &&
        run.missed.firstAt.getTime() <= slot &&
        slot <= run.missed.lastAt.getTime(),
    ).length;
};

const slotText = (slot: number): string => `slot ${new Date(slot).toISOString()}`;

/** Each slot that a routine as it stands has owned since its plan began has one run: none is lost, none comes twice. */
export const everySlotHasOneRun = invariant(
  { promise: 1, needs: ['definitions', 'slots'] },
  ({ definitions, slots: { after, until }, runs, putBy }): readonly Finding[] => {
    const runsOf = Map.groupBy(runs, routineOf);
    return firingNow(definitions).flatMap((firing) => {
      const { triggerName, trigger, since } = firing;
      const countOf = countRuns(runsOf.get(routineOf(firing)) ?? []);
      const aside = putBy.filter(
        (message) => triggerOf({ ...message, triggerName: message.trigger }) === triggerOf(firing),
      );
      return slotsBetween(trigger, later(since, after), until).flatMap((slot) => {
        const isAside = aside.some(({ nominal }) => nominal === slot.getTime());
        const count = countOf(triggerName, slot.getTime()) + (isAside ? 1 : 0);
        return count === 1 ? [] : [{ what: `${slotText(slot.getTime())} has ${count} runs`, ids: [triggerOf(firing)] }];
      });
    });
  },
);

/** Each slot that was owned for long enough has a run, whatever the routine became afterwards. */
export const everyOwnedSlotHasARun = invariant(
  { promise: 1, needs: ['history', 'slots', 'settleMs'] },
  ({ history, slots: { after, until }, settleMs, runs }): readonly Finding[] => {
    const runsOf = Map.groupBy(runs, routineOf);
    return [...Map.groupBy(history, routineOf)].flatMap(([routine, stretches]) => {
      const countOf = countRuns(runsOf.get(routine) ?? []);
      return certainSlots(stretches, { until: until.getTime(), settleMs })
        .filter(({ triggerName, slot }) => slot > after.getTime() && countOf(triggerName, slot) === 0)
        .map(({ triggerName, slot }) => ({
          what: `${slotText(slot)} was owned and has no run`,
          ids: [`${routine} ${triggerName}`],
        }));
    });
  },
);

/** The id of a slot is known before anything is written: it makes a repeat meet the first run. */
export const everyRunHasTheIdOfItsSlot = invariant({ promise: 1, needs: [] }, ({ runs }) =>
  runs
    .filter(isSlotRun)
    .filter(
      ({ id, project, routine, triggerName: trigger, triggeredAt: nominal }) =>
        id !== slotRunId({ project, routine, trigger, nominal }),
    )
    .map((run) => ({ what: `${slotText(run.triggeredAt.getTime())} has a run of another id`, ids: [run.id] })),
);

/** No run is invented: its slot was the routine's at some moment between its time and its start. */
export const everyRunIsOfASlot = invariant({ promise: 3, needs: ['history'] }, ({ history, contended, runs }) => {
  const stretchesOf = Map.groupBy(history, routineOf);
  return runs
    .filter(isSlotRun)
    .filter(
      (run) =>
        !contended.includes(routineOf(run)) &&
        !mayHaveOwned(stretchesOf.get(routineOf(run)) ?? [], {
          triggerName: run.triggerName,
          slot: run.triggeredAt.getTime(),
          startedAt: run.startedAt?.getTime(),
        }),
    )
    .map((run) => ({
      what: `there is a run of ${slotText(run.triggeredAt.getTime())}, which was never the routine's`,
      ids: [triggerOf(run), run.id],
    }));
});

/** Nothing starts before its nominal time. */
export const nothingStartsEarly = invariant({ promise: 2, needs: [] }, ({ runs }) =>
  runs
    .filter(({ startedAt, triggeredAt }) => startedAt !== undefined && startedAt < triggeredAt)
    .map(({ id, startedAt, triggeredAt }) => ({
      what: `a run of ${triggeredAt.toISOString()} started at ${startedAt?.toISOString()}`,
      ids: [id],
    })),
);

/** A backlog is no standstill: a slot is missed only when the service stood still for longer than the grace. */
export const slotsAreMissedAfterAStandstill = invariant({ promise: 10, needs: [] }, ({ runs, stoodStill }) =>
  runs
    .filter(({ missed }) => missed !== undefined && !stoodStill)
    .map(({ id, missed }) => ({ what: `${missed?.count} slots were missed without a standstill`, ids: [id] })),
);
