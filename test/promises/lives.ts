import { invariant } from './invariant.ts';

/** A life is a process that died, or stood still, between a claim and its record. Where that cannot be, none is counted. */
export const livesAreDeaths = invariant({ promise: 12, needs: [] }, ({ runs, isDisturbed, mayRepeatCalls }) =>
  runs
    .filter(({ lives = 0 }) => lives > 0 && !isDisturbed && !mayRepeatCalls)
    .map(({ id, lives }) => ({ what: `a run counts ${lives} deaths where no process was struck`, ids: [id] })),
);

/** A message stands aside for the deaths of its run, and for nothing else. */
export const nobodyStandsAsideWithoutADeath = invariant(
  { promise: 12, needs: ['deliveries'] },
  ({ runs, deliveries }) =>
    deliveries.flatMap(({ message }) => {
      if (message === undefined || message.kind !== 'dispatch' || message.aside === undefined) return [];
      const { aside, runId } = message;
      const lives = runs.find(({ id }) => id === runId)?.lives ?? 0;
      return aside > lives + 1 ? [{ what: `a message stood aside for death ${aside} of ${lives}`, ids: [runId] }] : [];
    }),
);
