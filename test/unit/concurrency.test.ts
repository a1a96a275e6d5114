import { describe, expect, it, test } from 'vitest';
import { decideHold, type Hold, type HoldDecision, holdFor, holdWithout } from '../../shared/domain/concurrency.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { at } from '../builders.ts';

const now = at('2026-01-01T00:00:10Z');
const later = at('2026-01-01T00:00:11Z');
const idOf = (digit: string) => dispatchRunId(now, digit.repeat(20));
const [mine, holder, other] = [idOf('1'), idOf('2'), idOf('3')];

const heldBy = (runId = holder, until = later): Hold => ({ active: { runId, until } });
const take = { kind: 'take' } as const;
const overlap = { kind: 'skip', reason: 'overlap', blockedBy: holder } as const;
const coalesced = { kind: 'skip', reason: 'coalesced', blockedBy: other } as const;
const wait = { kind: 'wait', until: later } as const;
const register = { kind: 'register', until: later } as const;

describe('a run that asks for its routine', () => {
  // hold, then what happens to: a new run that skips, a new run that coalesces, a run that was active before
  test.each<[string, Hold, HoldDecision, HoldDecision, HoldDecision]>([
    ['nobody has it', {}, take, take, take],
    ['another run is active', heldBy(), overlap, register, wait],
    ['it is active itself', heldBy(mine), take, take, take],
    ["another run's lease ends now", heldBy(holder, now), take, take, take],
    ['another is active, a third one waits', { ...heldBy(), waiting: other }, overlap, coalesced, wait],
    ['another is active, it waits itself', { ...heldBy(), waiting: mine }, overlap, wait, wait],
    ['nobody is active, another one waits', { waiting: other }, take, coalesced, take],
    ['nobody is active, it waits itself', { waiting: mine }, take, take, take],
    ['a lease has ended, another one waits', { ...heldBy(holder, now), waiting: other }, take, coalesced, take],
  ])('when %s', (_what, hold, skips, coalesces, started) => {
    const ask = (policy: 'skip_if_active' | 'coalesce_if_active', hasStarted: boolean) =>
      decideHold(hold, { runId: mine, policy, hasStarted, now });
    expect(ask('skip_if_active', false)).toEqual(skips);
    expect(ask('coalesce_if_active', false)).toEqual(coalesces);
    expect(ask('skip_if_active', true)).toEqual(started);
    expect(ask('coalesce_if_active', true)).toEqual(started);
  });
});

describe('the hold', () => {
  it('of a run that begins no longer has it waiting, but keeps whoever waits', () => {
    expect(holdFor(mine, later, { waiting: mine })).toEqual(heldBy(mine));
    expect(holdFor(mine, later, { ...heldBy(holder, now), waiting: other })).toEqual({
      ...heldBy(mine),
      waiting: other,
    });
  });

  it('without a run is what the others have of it', () => {
    expect(holdWithout(mine, { ...heldBy(mine), waiting: other })).toEqual({ waiting: other });
    expect(holdWithout(mine, { ...heldBy(), waiting: mine })).toEqual(heldBy());
    expect(holdWithout(mine, heldBy())).toEqual(heldBy());
  });
});
