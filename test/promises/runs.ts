import { isEnded, type Run, type RunState } from '../../shared/domain/run.ts';
import { type Finding, invariant } from './invariant.ts';

/** Nothing stays queued, dispatching, backing off or polling. */
export const everyRunEnds = invariant({ promise: 6, needs: [] }, ({ runs }) =>
  runs
    .filter(({ state }) => !isEnded(state))
    .map(({ id, state }) => ({ what: `a run is ${state.phase} for ever`, ids: [id] })),
);

/** What was struck costs a repeat and never the run: it fails only where the agent may refuse it for good. */
export const everyRunEndsAsItMay = invariant({ promise: 5, needs: [] }, ({ runs, mayEnd }) =>
  runs
    .filter(({ state }) => isEnded(state) && !mayEnd.includes(state.phase))
    .map(({ id, state }) => ({ what: `a run is ${state.phase}, expected ${mayEnd.join(' or ')}`, ids: [id] })),
);

/** The nets of promises 12 and 13 have nothing to catch. */
export const noRunIsGivenUp = invariant({ promise: 13, needs: [] }, ({ runs }) =>
  runs.flatMap(({ id, state }) =>
    state.phase === 'failed' && ['poison', 'lost'].includes(state.error.type)
      ? [{ what: `a run failed as ${state.error.type}`, ids: [id] }]
      : [],
  ),
);

/** Killed is only what was cancelled, what was missed, and what met a run that was at work. */
export const everyKillHasItsReason = invariant({ promise: 6, needs: [] }, ({ runs }): readonly Finding[] => {
  const runOf = new Map(runs.map((run) => [run.id, run]));
  return runs.flatMap((run) => {
    const { id, state } = run;
    if (state.phase !== 'killed' || state.error.type === 'cancelled') return [];
    if (state.skipReason === 'missed') {
      return run.missed === undefined ? [{ what: 'a run was missed for no slots', ids: [id] }] : [];
    }
    const blocker = state.blockedBy === undefined ? undefined : runOf.get(state.blockedBy);
    if (blocker === undefined) return [{ what: 'a run was skipped for one that is not there', ids: [id] }];
    return wasThere(state, blocker) ? [] : [{ what: 'a run was skipped for one that was not at work', ids: [id] }];
  });
});

const wasThere = (
  { skipReason, endedAt }: RunState & { readonly phase: 'killed' },
  { triggeredAt, startedAt }: Run,
): boolean => {
  const from = skipReason === 'coalesced' ? triggeredAt : startedAt;
  return from !== undefined && from <= endedAt;
};
