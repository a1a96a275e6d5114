import { mayBeBegun } from '../../domain/begun-id.ts';
import { activeAt } from '../../domain/concurrency.ts';
import { type ClaimedRun, claimRun } from '../../domain/progress/run-progress.ts';
import type { Run, RunError, SkipReason } from '../../domain/run.ts';
import type { HoldChange, StoredHold, WrittenRun } from '../ports/run-store.ts';
import type { Uses } from '../uses.ts';
import { type Disposition, done, putBack } from './disposition.ts';
import { askHold, type HoldUses, holdAfter, wakeWaiting } from './hold-routine.ts';

export type ClaimUses = HoldUses & Uses<'attemptTimeoutSeconds' | 'timings'>;

/** A run that no delivery is at work on; `version` is null while it is not written. */
export interface UnclaimedRun {
  readonly run: Run;
  readonly version: string | null;
}

export interface StoredClaim {
  readonly run: ClaimedRun;
  /** The run was claimed before: an earlier attempt may have got somewhere. */
  readonly mayRepeat: boolean;
  /** And the agent may know the work by the id that this attempt would begin it under. */
  readonly mayBeBegun: boolean;
  readonly version: string;
  /** Of a run that excludes others. */
  readonly hold?: StoredHold;
}

/** `changed`: another delivery wrote the run or the hold first; read again. */
export type ClaimResult =
  | { readonly kind: 'claimed'; readonly claim: StoredClaim }
  | { readonly kind: 'changed' }
  | { readonly kind: 'at_rest'; readonly disposition: Disposition };

/**
 * Claims a run for one attempt. A run that excludes others takes the hold of its routine in the same transaction
 * (promise 6); one that finds the routine held waits or is skipped, as its policy says. A skipped run is written
 * before its message goes, so that it is seen.
 */
export const claimForAttempt = async (
  deps: ClaimUses,
  unclaimed: UnclaimedRun,
  owner: string,
): Promise<ClaimResult> => {
  const { run, version } = unclaimed;
  const before = { mayRepeat: run.startedAt !== undefined, mayBeBegun: mayBeBegun(run) };
  if (!isExclusive(run)) {
    const claimed = claimAt(deps, { run, owner, now: deps.clock.now() });
    return toResult({ ...before, run: claimed }, await write(deps, claimed, { version }));
  }
  const { decision, hold, now } = await askHold(deps, run);
  switch (decision.kind) {
    case 'take': {
      const claimed = claimAt(deps, { run, owner, now });
      const change = { over: hold, to: holdAfter(claimed, hold, deps.timings) };
      return toResult({ ...before, run: claimed }, await write(deps, claimed, { version, change }));
    }
    case 'wait':
      return waitFor(deps, decision.until, now);
    case 'register': {
      const change = { over: hold, to: { ...hold, waiting: run.id } };
      return (await write(deps, run, { version, change })) === null
        ? { kind: 'changed' }
        : waitFor(deps, decision.until, now);
    }
    case 'skip': {
      const skipped = skippedRun(run, { ...decision, now });
      if ((await write(deps, skipped, { version })) === null) return { kind: 'changed' };
      const { project, routine, id } = run;
      const { reason, blockedBy } = decision;
      deps.log.info('Run skipped', { project, routine, run: id, reason, blockedBy });
      // No active run will wake the waiting one and newcomers are skipped for it: wake it now, its message may be lost.
      if (reason === 'coalesced' && activeAt(hold, now) === undefined) await wakeWaiting(deps, run, hold);
      return { kind: 'at_rest', disposition: done('skipped') };
    }
    default:
      return decision satisfies never;
  }
};

interface Claim {
  readonly run: Run;
  readonly owner: string;
  readonly now: Date;
}

const claimAt = (
  { attemptTimeoutSeconds, timings }: Uses<'attemptTimeoutSeconds' | 'timings'>,
  { run, owner, now }: Claim,
): ClaimedRun => {
  const leaseMs = (attemptTimeoutSeconds + timings.leaseMarginSeconds) * 1000;
  return claimRun(run, owner, { now, until: new Date(now.getTime() + leaseMs) });
};

const isExclusive = (run: Run): run is Run & Required<Pick<Run, 'exclusive'>> => run.exclusive !== undefined;

interface RunWrite {
  readonly version: string | null;
  readonly change?: HoldChange;
}

const write = ({ runs }: Uses<'runs'>, run: Run, { version, change }: RunWrite): Promise<WrittenRun | null> =>
  version === null ? runs.create(run, change) : runs.replace(run, version, change);

const toResult = (
  claim: Pick<StoredClaim, 'run' | 'mayRepeat' | 'mayBeBegun'>,
  written: WrittenRun | null,
): ClaimResult => (written === null ? { kind: 'changed' } : { kind: 'claimed', claim: { ...claim, ...written } });

/** Rounded up: a message that came early would only have to wait again. Not every run that waits is woken up. */
const waitFor = ({ timings }: Uses<'timings'>, until: Date, now: Date): ClaimResult => {
  const seconds = Math.ceil((until.getTime() - now.getTime()) / 1000);
  return { kind: 'at_rest', disposition: putBack('held', Math.min(timings.maxHeldSeconds, seconds)) };
};

interface Skip {
  readonly reason: Exclude<SkipReason, 'missed'>;
  readonly blockedBy: Run['id'];
  readonly now: Date;
}

const skippedRun = (run: Run, { reason, blockedBy, now }: Skip): Run => {
  const message =
    reason === 'overlap'
      ? `Run ${blockedBy} of this routine was active.`
      : `Run ${blockedBy} of this routine was waiting already.`;
  const error: RunError = { type: 'skipped', message };
  return { ...run, state: { phase: 'killed', endedAt: now, error, skipReason: reason, blockedBy } };
};
