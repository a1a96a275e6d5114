import { at } from '../builders.ts';
import {
  type Doctored,
  exclusive,
  failed,
  fire,
  handCall,
  insteadOfTwo,
  killed,
  twoCall,
  withRuns,
  workOf,
} from './doctored.ts';
import { byHand, callOf, next, now, one, sound, two } from './sound-evidence.ts';

/** Evidence that keeps every promise but one. */
export const doctoredRuns = {
  livesAreDeaths: [['a death that no process died', insteadOfTwo({ lives: 1 }), /counts 1 deaths where no process/]],
  nobodyStandsAsideWithoutADeath: [
    [
      'a slot to come that stood aside',
      { deliveries: [{ message: { ...fire, aside: 2 } }] },
      /a slot to come stood aside for death 2/,
    ],
  ],
  everyRunEnds: [
    ['a queued run', insteadOfTwo({ state: { phase: 'queued' } }), /is queued for ever/],
    ['a run between attempts', insteadOfTwo({ state: { phase: 'backing_off', retryAt: now } }), /backing_off for ever/],
  ],
  everyRunEndsAsItMay: [
    ['a run that failed', insteadOfTwo({ state: failed('http_error') }), /is failed, expected completed or killed/],
  ],
  noRunIsGivenUp: [
    [
      'a poisoned run',
      { ...insteadOfTwo({ state: failed('poison') }), mayEnd: ['completed', 'failed'] },
      /failed as poison/,
    ],
    ['a lost run', { ...insteadOfTwo({ state: failed('lost') }), mayEnd: ['completed', 'failed'] }, /failed as lost/],
  ],
  everyKillHasItsReason: [
    [
      'a run that was skipped for none',
      insteadOfTwo({ state: killed({ skipReason: 'overlap' }), attempts: [] }),
      /skipped for one that is not there/,
    ],
    [
      'a run that was skipped for one that had not begun',
      insteadOfTwo({ state: killed({ skipReason: 'overlap', blockedBy: byHand.id }), attempts: [] }),
      /skipped for one that was not at work/,
    ],
    [
      'a run that gave way to one that was not there yet',
      insteadOfTwo({ state: killed({ skipReason: 'coalesced', blockedBy: byHand.id }), attempts: [] }),
      /skipped for one that was not at work/,
    ],
    [
      'a run that was missed for no slot',
      insteadOfTwo({ state: killed({ skipReason: 'missed' }), attempts: [] }),
      /missed for no slots/,
    ],
  ],
  everyAnswerIsOfACall: [
    [
      'more answers than calls',
      insteadOfTwo({ attempts: [...two.attempts, ...two.attempts] }, { mayRepeatCalls: true }),
      /2 answered attempts and 1 calls/,
    ],
  ],
  everyCompletedRunWasCalled: [
    [
      'a completed run without a call',
      insteadOfTwo(
        { attempts: two.attempts.map(({ statusCode: _, ...attempt }) => attempt) },
        { calls: [callOf(one), handCall], mayRepeatCalls: true },
      ),
      /its agent was never called/,
    ],
    [
      'a completed run without an attempt',
      insteadOfTwo({ attempts: [] }, { calls: sound.calls, mayRepeatCalls: true }),
      /without an attempt/,
    ],
  ],
  everyCallIsOfARun: [
    ['a call for no run', { calls: [...sound.calls, { key: 'no-run' }] }, /a run that is not there \(no-run\)/],
    [
      'a call under another key',
      { calls: [callOf(one), { ...twoCall, requestId: 'other' }, handCall] },
      /under another key/,
    ],
  ],
  allCallsOfARunSayTheSame: [
    [
      'a repeat with another body',
      { calls: [...sound.calls, { key: two.id, body: '{"other":1}' }], mayRepeatCalls: true },
      /2 different bodies/,
    ],
  ],
  everyAttemptIsOneCall: [
    ['a call too many', { calls: [...sound.calls, { key: two.id }] }, /1 attempts and 2 calls/],
    [
      'a call of a run that was skipped',
      insteadOfTwo(
        { state: killed({ skipReason: 'overlap', blockedBy: one.id }), attempts: [] },
        { calls: sound.calls },
      ),
      /0 attempts and 1 calls/,
    ],
  ],
  nobodyIsCalledEarly: [
    [
      'a call before the slot',
      { calls: [callOf(one), { ...twoCall, startedAt: two.triggeredAt.getTime() - 1 }, handCall] },
      /called before .*02:00/,
    ],
  ],
  nobodyIsCalledAfterTheEnd: [
    [
      'a call after the end',
      { calls: [callOf(one), { ...twoCall, runHadEnded: true }, handCall] },
      /after the run had ended/,
    ],
  ],
  noWorkIsBegunTwice: [
    [
      'work that its agent began again',
      { calls: sound.calls.map((call) => ({ ...call, begunAs: 'caresp_1' })) },
      /began the work "caresp_1" again/,
    ],
  ],
  noRunIsCalledBesideItself: [
    [
      'a second call of a run at once',
      { calls: [...sound.calls, { ...handCall, startedAt: handCall.startedAt + 1 }], mayRepeatCalls: true },
      /while a call for it was under way/,
    ],
    [
      'a call while the lease of one that crashed lasts',
      {
        calls: [
          callOf(one),
          { ...twoCall, endedAt: undefined, leaseUntil: twoCall.startedAt + 45_000 },
          { ...twoCall, startedAt: twoCall.startedAt + 44_000, endedAt: twoCall.startedAt + 46_000 },
          handCall,
        ],
        mayRepeatCalls: true,
      },
      /while a call for it was under way/,
    ],
  ],
  exclusiveRunsAreCalledAlone: [
    [
      'two exclusive runs at once',
      withRuns(exclusive, { calls: [callOf(one), { ...twoCall, endedAt: handCall.startedAt + 1 }, handCall] }),
      /beside a run that excludes others/,
    ],
  ],
  noThreadIsShared: [
    [
      'two runs on one thread',
      { calls: [callOf(one), { ...twoCall, besideOnThread: one.id }, handCall] },
      /thread of another run/,
    ],
  ],
  acceptedWorkIsBegunOnce: [
    [
      'a call after the work was accepted',
      { works: [workOf(two, { recordedAt: at('2026-01-01T02:00:00Z') })] },
      /begun again/,
    ],
  ],
  nobodyBeginsBesideExclusiveWork: [
    [
      'a call beside work that excludes others',
      withRuns(exclusive, {
        works: [workOf(two, { recordedAt: at('2026-01-01T02:00:02Z'), endsAt: at('2026-01-01T02:20:00Z') })],
        calls: sound.calls,
        runs: exclusive.map((run) =>
          run.id === two.id
            ? {
                ...run,
                state: killed({ endedAt: at('2026-01-01T02:20:00Z'), error: { type: 'cancelled', message: '' } }),
              }
            : run,
        ),
      }),
      /beside accepted work/,
    ],
  ],
  everyRunCompletesWithItsWork: [
    ['an end before that of the work', { works: [workOf(two, { endsAt: next })] }, /completed before its work/],
  ],
  agentsOfCancelledRunsAreTold: [
    [
      'an agent that works on',
      insteadOfTwo(
        { state: killed({ error: { type: 'cancelled', message: '' } }) },
        { works: [workOf(two, { endsAt: next })] },
      ),
      /never told/,
    ],
  ],
} as const satisfies Readonly<Record<string, readonly Doctored[]>>;
