import { describe, expect, test } from 'vitest';
import { at } from '../builders.ts';
import { findViolations, type InvariantName, invariants, violationTexts } from './check-promises.ts';
import {
  type Doctored,
  fire,
  handCall,
  insteadOfTwo,
  killed,
  missedBoth,
  third,
  twoCall,
  withRuns,
  withSchedule,
} from './doctored.ts';
import { doctoredAnswers } from './doctored-answers.ts';
import { doctoredRuns } from './doctored-runs.ts';
import { doctoredSlots } from './doctored-slots.ts';
import { type Evidence, knowingRunsOnly, unknown } from './evidence.ts';
import {
  byHand,
  callOf,
  dueRow,
  main,
  name,
  next,
  now,
  one,
  partition,
  project,
  routine,
  sound,
  stretch,
  two,
} from './sound-evidence.ts';

/** Each invariant with what it finds: the compiler names one that has none. */
const doctored: Readonly<Record<InvariantName, readonly Doctored[]>> = {
  ...doctoredSlots,
  ...doctoredRuns,
  ...doctoredAnswers,
};

const namesOf = (evidence: Evidence) => [...new Set(findViolations(evidence).map(({ invariant }) => invariant))];

test('nothing is wrong when every promise was kept', () => {
  expect(violationTexts(sound)).toEqual([]);
});

describe.each(Object.entries(doctored))('%s finds, and no other invariant does,', (invariant, cases) => {
  test.each(cases)('%s', (_, change, said) => {
    const evidence = { ...sound, ...change };
    expect(namesOf(evidence), violationTexts(evidence).join('\n')).toEqual([invariant]);
    expect(violationTexts(evidence).join('\n')).toMatch(said);
  });
});

describe('a world that cannot know', () => {
  const blind: Evidence = { ...sound, ...knowingRunsOnly };

  test('is judged by its runs and by what was said', () => {
    const judged = Object.entries(invariants).flatMap(([one, { needs }]) => (needs.length === 0 ? [one] : []));
    expect(judged.length).toBeGreaterThan(5);
    expect(namesOf({ ...blind, runs: [{ ...two, state: { phase: 'queued' } }] })).toEqual(['everyRunEnds']);
  });

  test.each(Object.entries(invariants))('is not judged by %s for what it does not know', (_, { needs, find }) => {
    const [first] = needs;
    if (first !== undefined) expect(find({ ...sound, runs: [], [first]: unknown })).toEqual([]);
  });
});

const expectKept = (change: Partial<Evidence>): void => expect(violationTexts({ ...sound, ...change })).toEqual([]);

describe('what is no violation', () => {
  test('a call that was broken off before all of it was read', () => {
    expectKept({ calls: [...sound.calls, { key: one.id }], mayRepeatCalls: true });
  });

  test('a coming slot that is a message already, seen or not', () => {
    const schedule = withSchedule({ nominal: third }, { next: third });
    expectKept({ ...schedule, deliveries: [{ message: fire, visibleAt: next }] });
    expectKept({ ...schedule, deliveries: [{}] });
  });

  test('the message of a run that was woken up, until it would have come', () => {
    const message = { kind: 'dispatch', project, routine: name, runId: byHand.id, sentAt: 0 } as const;
    expectKept({ deliveries: [{ message, visibleAt: next }] });
  });

  test('slots that one killed run stands for, after a standstill', () => {
    expectKept(withRuns([missedBoth(), byHand], { stoodStill: true }));
  });

  test('a slot whose only message was put aside', () => {
    expectKept(
      withRuns([one, byHand], { settleMs: unknown, putBy: [{ ...fire, nominal: two.triggeredAt.getTime() }] }),
    );
  });

  test('a run of what the routine was before', () => {
    const changedAt = at('2026-01-01T02:10:00Z');
    const changed = { ...routine, triggers: [{ ...main, since: changedAt, plan: 2 }], generation: 2 };
    const definitions = { definitions: [changed], lists: unknown, ...withSchedule({ plan: 2 }, { plan: 2 }) };
    expectKept({ ...definitions, history: [stretch] });
    const since = { from: changedAt.getTime(), to: changedAt.getTime() };
    const history = [{ ...stretch, possible: [[{ name: main.name, trigger: dueRow.trigger, since }]] }];
    expect(namesOf({ ...sound, ...definitions, history })).toEqual(['everyRunIsOfASlot']);
  });

  test('a run of a routine that several callers changed at once', () => {
    expectKept({ history: [], contended: [`${project}/${name}`] });
  });

  test('a hold that a cancelled run has left, once it has lapsed', () => {
    const hold = { active: { runId: two.id, until: now } };
    const error = { type: 'cancelled', message: '' };
    expectKept(insteadOfTwo({ state: killed({ error }) }, { holds: [{ partition, hold }], cancelled: [two.id] }));
  });

  test('a run that an unanswered start left, or its key', () => {
    expectKept({ starts: [{ project, routine: name }] });
    expectKept({ starts: [{ project, routine: name, key: 'k' }] });
  });

  test('a run that was cancelled before its call began', () => {
    const [attempt] = two.attempts;
    if (attempt === undefined) throw new Error('expected an attempt');
    const error = { type: 'cancelled', message: '' };
    const { statusCode: _, ...began } = attempt;
    const cancelled = { state: killed({ error }), attempts: [{ ...began, error }] };
    expectKept(insteadOfTwo(cancelled, { calls: [callOf(one), handCall] }));
  });

  test('a call after that of a process that crashed, when its lease has ended', () => {
    const crashed = { ...handCall, endedAt: undefined, leaseUntil: handCall.startedAt + 45_000 };
    const again = { ...handCall, startedAt: crashed.leaseUntil, endedAt: undefined };
    expectKept({ calls: [callOf(one), twoCall, crashed, again], mayRepeatCalls: true });
  });
});
