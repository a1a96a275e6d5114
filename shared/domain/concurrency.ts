import type { RunId } from './names.ts';

/** The policies under which one run at a time is active. */
export const exclusivePolicies = ['skip_if_active', 'coalesce_if_active'] as const;
export type ExclusivePolicy = (typeof exclusivePolicies)[number];

/** What a run does that finds another run of its routine active. */
export const concurrencyPolicies = ['always_enqueue', ...exclusivePolicies] as const;
export type ConcurrencyPolicy = (typeof concurrencyPolicies)[number];

/**
 * What keeps the runs of a routine apart: the run that is active, until its lease ends, and the one that waits for its
 * end. A run is active from its claim to its end, backoff included.
 */
export interface Hold {
  readonly active?: { readonly runId: RunId; readonly until: Date };
  readonly waiting?: RunId;
}

export interface HoldRequest {
  readonly runId: RunId;
  readonly policy: ExclusivePolicy;
  /** It was active before and lost its hold: it is never skipped. */
  readonly hasStarted: boolean;
  readonly now: Date;
}

/**
 * `take`: no run is active. `wait`: it has its place, and comes back then. `register`: the place of the one that waits
 * is free. `skip`: the run ends here, because of that run.
 */
export type HoldDecision =
  | { readonly kind: 'take' }
  | { readonly kind: 'wait' | 'register'; readonly until: Date }
  | { readonly kind: 'skip'; readonly reason: 'overlap' | 'coalesced'; readonly blockedBy: RunId };

/** The run that is active now. One whose lease has ended has crashed: it blocks the routine no longer. */
export const activeAt = ({ active }: Hold, now: Date): Hold['active'] =>
  active !== undefined && active.until > now ? active : undefined;

/** What a run may do under this hold. */
export const decideHold = (hold: Hold, request: HoldRequest): HoldDecision => {
  const { runId, policy, hasStarted, now } = request;
  const { waiting } = hold;
  const active = activeAt(hold, now);
  const isBlocked = active !== undefined && active.runId !== runId;
  // The run that waits for one that has ended comes before runs that arrive now.
  const isOvertaking = policy === 'coalesce_if_active' && waiting !== undefined && waiting !== runId && !hasStarted;
  if (!isBlocked) return isOvertaking ? coalesced(waiting) : { kind: 'take' };
  const { until } = active;
  if (hasStarted) return { kind: 'wait', until };
  if (policy === 'skip_if_active') return { kind: 'skip', reason: 'overlap', blockedBy: active.runId };
  if (isOvertaking) return coalesced(waiting);
  return { kind: waiting === runId ? 'wait' : 'register', until };
};

const coalesced = (waiting: RunId): HoldDecision => ({ kind: 'skip', reason: 'coalesced', blockedBy: waiting });

/** The hold once this run is active until then. The run that waits goes on waiting. */
export const holdFor = (runId: RunId, until: Date, { waiting }: Hold): Hold => ({
  active: { runId, until },
  ...(waiting !== undefined && waiting !== runId && { waiting }),
});

/** The hold without this run, whatever its part in it was. */
export const holdWithout = (runId: RunId, { active, waiting }: Hold): Hold => ({
  ...(active !== undefined && active.runId !== runId && { active }),
  ...(waiting !== undefined && waiting !== runId && { waiting }),
});
