import type { Run } from '../../shared/domain/run.ts';
import { type Doctored, insteadOfTwo, killed, withRuns } from './doctored.ts';
import {
  byHand,
  name,
  next,
  now,
  one,
  partition,
  pointersOf,
  project,
  routine,
  runs,
  sound,
  two,
} from './sound-evidence.ts';

/** Evidence that keeps every promise but one. */
export const doctoredAnswers = {
  nothingIsLeftOrGivenUp: [
    ['a reconcile that is left', { remains: { ...sound.remains, work: 1 } }, /1 are left \(work\)/],
    ['a poisoned delivery', { remains: { ...sound.remains, deliveryPoison: 1 } }, /1 are left \(deliveryPoison\)/],
    ['poisoned work', { remains: { ...sound.remains, workPoison: 1 } }, /1 are left \(workPoison\)/],
    ['a body that was kept', { remains: { ...sound.remains, poisonedBodies: 1 } }, /1 are left \(poisonedBodies\)/],
  ],
  noRoutineIsHeld: [
    [
      'a hold that lasts',
      { holds: [{ partition, hold: { active: { runId: one.id, until: next } } }] },
      /held until .*03:00/,
    ],
    [
      'a hold of a run that has completed',
      { holds: [{ partition, hold: { active: { runId: one.id, until: now } } }] },
      /is held/,
    ],
  ],
  nobodyWaitsForARoutine: [
    ['a place that is waited in', { holds: [{ partition, hold: { waiting: one.id } }] }, /waits for its routine/],
  ],
  listsSayTheSame: [
    ['a list without the routine', { lists: { ...sound.lists, newestFirst: [] } }, /newest-first list/],
    [
      'a list with an older copy',
      { lists: { ...sound.lists, oldestFirst: [{ ...routine, generation: 0 }] } },
      /oldest-first list/,
    ],
    [
      'a list with a copy of another time',
      { lists: { ...sound.lists, newestFirst: [{ ...routine, updatedAt: now }] } },
      /newest-first list/,
    ],
    [
      'a run that is not in its list',
      { lists: { ...sound.lists, pointers: pointersOf([one, two]) } },
      /ascending list/,
    ],
  ],
  everyAnsweredStartIsARun: [
    ['a run that a caller was told of', withRuns([one, two], { keyedRuns: [] }), /told of is not there/],
  ],
  everyKeyIsOfARun: [['a key of no run', withRuns([one, two], { starts: [] }), /told of is not there/]],
  everyKeyIsOneRun: [
    [
      'a key of two runs',
      withRuns([...runs, { ...byHand, id: one.id.replace('0', '1') as Run['id'] }], {
        starts: [byHand.id, one.id.replace('0', '1')].map((runId) => ({ project, routine: name, key: 'k', runId })),
      }),
      /stands for 2 runs/,
    ],
  ],
  noRunIsStartedUnasked: [
    ['a run that nobody asked for', { starts: [] }, /nobody asked for/],
    [
      'two runs for one unanswered key',
      withRuns([...runs, { ...byHand, id: one.id.replace('0', '1') as Run['id'] }], {
        starts: [1, 2].map(() => ({ project, routine: name, key: 'k' })),
      }),
      /nobody asked for/,
    ],
  ],
  everyAnsweredChangeStands: [
    ['a change that was answered', { changes: [{ routine: name, generation: 2 }] }, /generation 2.* never stood/],
  ],
  everyCancelledRunIsKilled: [
    ['a cancelled run that went on', { cancelled: [two.id] }, /answered as cancelled is completed/],
    ['a cancelled run that is not there', { cancelled: ['no-run'] }, /answered as cancelled is not there/],
    [
      'a cancelled run that was skipped',
      {
        ...insteadOfTwo({ state: killed({ skipReason: 'overlap', blockedBy: one.id }), attempts: [] }),
        cancelled: [two.id],
      },
      /answered as cancelled is killed/,
    ],
  ],
  nothingElseIsSaid: [['an error that no caller may see', { complaints: ['TypeError'] }, /TypeError/]],
} as const satisfies Readonly<Record<string, readonly Doctored[]>>;
