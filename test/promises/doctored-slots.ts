import type { Run } from '../../shared/domain/run.ts';
import { slotRunId } from '../../shared/domain/run-id.ts';
import { aTimer, at, triggerName } from '../builders.ts';
import { type Doctored, fire, insteadOfTwo, missedBoth, third, withRuns, withSchedule } from './doctored.ts';
import { unknown } from './evidence.ts';
import {
  byHand,
  dueRow,
  main,
  name,
  next,
  now,
  one,
  project,
  routine,
  runAt,
  runs,
  sound,
  state,
  stretch,
  two,
} from './sound-evidence.ts';

/** Evidence that keeps every promise but one. */
export const doctoredSlots = {
  everySlotHasOneRun: [
    ['a slot without a run', withRuns([one, byHand], { settleMs: unknown }), /02:00.* has 0 runs/],
    [
      'two runs of a slot',
      withRuns([one, two, two, byHand], { mayRepeatCalls: true, calls: sound.calls }),
      /02:00.* has 2 runs/,
    ],
    [
      'a run beside a record that it was missed',
      withRuns([missedBoth(), two, byHand], { stoodStill: true }),
      /02:00.* has 2 runs/,
    ],
  ],
  everyOwnedSlotHasARun: [
    [
      'a slot of a routine that is gone',
      withRuns([one, byHand], {
        definitions: [{ project, name, deletedAt: now, generation: 2 }],
        history: [{ ...stretch, to: at('2026-01-01T02:20:00Z').getTime() }],
        lists: unknown,
        schedule: { due: [], states: [] },
      }),
      /02:00.* was owned and has no run/,
    ],
  ],
  everyRunHasTheIdOfItsSlot: [
    ['a run under an id of its own', insteadOfTwo({ id: byHand.id.replace('8', '9') as Run['id'] }), /another id/],
  ],
  everyRunIsOfASlot: [
    ['a run between two slots', withRuns([...runs, runAt('2026-01-01T02:10:00Z')]), /02:10.* was never the routine's/],
    ['a run from before the plan', withRuns([runAt('2026-01-01T00:00:00Z'), ...runs]), /00:00.* was never/],
    [
      'a run that started when the routine was another one already',
      { history: [{ ...stretch, to: at('2026-01-01T01:30:00Z').getTime() }] },
      /02:00.* was never/,
    ],
    [
      'a run of a trigger that does not fire',
      withRuns([
        ...runs,
        runAt('2026-01-01T01:00:00Z', {
          triggerName: triggerName('other'),
          id: slotRunId({ project, routine: name, trigger: triggerName('other'), nominal: one.triggeredAt }),
        }),
      ]),
      /other.*/,
    ],
  ],
  nothingStartsEarly: [
    [
      'a start before the slot',
      insteadOfTwo({ startedAt: at('2026-01-01T01:59:59Z') }, { calls: sound.calls }),
      /started at .*01:59:59/,
    ],
  ],
  slotsAreMissedAfterAStandstill: [
    ['slots missed by a backlog', withRuns([missedBoth(), byHand]), /2 slots were missed without a standstill/],
  ],
  everyTriggerHasItsState: [
    ['a trigger that is not scheduled', { schedule: { due: [], states: [] } }, /not one state of its plan 1/],
    ['a state of an older plan', withSchedule({ plan: 7 }, { plan: 7 }), /not one state of its plan 1/],
    ['two states of a plan', { schedule: { due: [dueRow], states: [state, state] } }, /not one state/],
    [
      'a state of a routine that is gone',
      { definitions: [], lists: unknown, changes: [] },
      /waits for plan 1, which no trigger has/,
    ],
  ],
  dueIndexIsThatOfTheStates: [
    ['a state without its due row', { schedule: { due: [], states: [state] } }, /has 0 due rows/],
    ['the due row twice', { schedule: { due: [dueRow, dueRow], states: [state] } }, /has 2 due rows/],
    ['a second due row', { schedule: { due: [dueRow, { ...dueRow, nominal: third }], states: [state] } }, /no state/],
    [
      'a spent trigger with a due row',
      {
        definitions: [{ ...routine, triggers: [{ ...main, trigger: aTimer('2026-01-01T01:00:00Z') }] }],
        schedule: { due: [dueRow], states: [{ ...state, next: null }] },
      },
      /a due row has no state/,
    ],
  ],
  everyTriggerWaitsForItsSlot: [
    [
      'a schedule that waits for nothing',
      { schedule: { due: [], states: [{ ...state, next: null }] }, plannedUntil: unknown },
      /waits for nothing/,
    ],
    [
      'an instant that is no slot',
      withSchedule({ nominal: at('2026-01-01T02:50:00Z') }, { next: at('2026-01-01T02:50:00Z') }),
      /02:50.*is no slot of it/,
    ],
    [
      'a slot from before the plan',
      {
        ...withSchedule({}, {}),
        definitions: [{ ...routine, triggers: [{ ...main, since: next }] }],
        lists: unknown,
      },
      /03:00.*is no slot of it/,
    ],
  ],
  nothingIsOverdue: [
    [
      'a slot that no tick sent',
      { ...withSchedule({ nominal: two.triggeredAt }, { next: two.triggeredAt }) },
      /overdue since .*02:00/,
    ],
  ],
  scheduleIsPlannedUpToTheHorizon: [
    ['a slot inside the horizon that was not sent', { plannedUntil: next }, /waits for .*03:00.*, expected .*04:00/],
    [
      'a slot beyond the horizon that was sent',
      { schedule: withSchedule({ nominal: third }, { next: third }).schedule, deliveries: [{ message: fire }] },
      /waits for .*04:00.*, expected .*03:00/,
    ],
  ],
  everyComingSlotHasAMessage: [
    ['a slot that was passed over', withSchedule({ nominal: third }, { next: third }), /03:00.* was passed over/],
    [
      'more such slots than messages',
      {
        ...withSchedule({ nominal: at('2026-01-01T05:00:00Z') }, { next: at('2026-01-01T05:00:00Z') }),
        deliveries: [{}],
      },
      /2 such slots, 1 invisible messages/,
    ],
    [
      'the message of another slot',
      {
        ...withSchedule({ nominal: third }, { next: third }),
        deliveries: [{ message: { ...fire, nominal: third.getTime() } }],
      },
      /03:00.* was passed over/,
    ],
    [
      'a timer that waits for nothing before its time',
      {
        definitions: [{ ...routine, triggers: [{ ...main, trigger: aTimer('2026-01-01T03:00:00Z') }] }],
        schedule: { due: [], states: [{ ...state, next: null }] },
        plannedUntil: unknown,
      },
      /03:00.* was passed over/,
    ],
  ],
  onlyMessagesOfComingSlotsAreLeft: [
    ['an unseen message, and no slot to come', { deliveries: [{}] }, /1 messages are left/],
    [
      'the message of a slot that is over',
      { deliveries: [{ message: { ...fire, nominal: 0 } }] },
      /message is left.*fire/,
    ],
    ['a visible message', { deliveries: [{ message: fire, visibleAt: now }] }, /message is left/],
    [
      'the message of a run that ended',
      { deliveries: [{ message: { kind: 'dispatch', project, routine: name, runId: byHand.id, sentAt: 0 } }] },
      /message is left.*dispatch/,
    ],
    ['a message that never became visible', { deliveries: [{ neverCame: true }] }, /stays invisible/],
  ],
} as const satisfies Readonly<Record<string, readonly Doctored[]>>;
