import { invariant } from './invariant.ts';

/** A life is a process that died, or stood still, between a claim and its record. Where that cannot be, none is counted. */
export const livesAreDeaths = invariant({ promise: 12, needs: [] }, ({ runs, isDisturbed, mayRepeatCalls }) =>
  runs
    .filter(({ lives = 0 }) => lives > 0 && !isDisturbed && !mayRepeatCalls)
    .map(({ id, lives }) => ({ what: `a run counts ${lives} deaths where no process was struck`, ids: [id] })),
);

/** A message stands aside for a death of its run, and a slot to come has no run yet. */
export const nobodyStandsAsideWithoutADeath = invariant({ promise: 12, needs: ['deliveries'] }, ({ deliveries }) =>
  deliveries.flatMap(({ message }) =>
    message?.kind === 'fire' && message.aside !== undefined
      ? [{ what: `a slot to come stood aside for death ${message.aside}`, ids: [message.routine] }]
      : [],
  ),
);
