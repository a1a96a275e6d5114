import { describe, expect, test } from 'vitest';
import { aSchedule, aTimer, projectName, routineName } from '../builders.ts';
import { certainSlots, mayHaveOwned } from '../promises/history.ts';
import { stretchesOf } from './history.ts';
import type { Change, ChangeKind, Definition, Outcome } from './ledger.ts';

const minute = (n: number): number => n * 60_000;
const everyMinute: Definition = { enabled: true, trigger: aSchedule('* * * * *') };
const everyOther: Definition = { enabled: true, trigger: aSchedule('*/2 * * * *') };

/** Asked at that minute, answered a second later. */
const change = (at: number, kind: ChangeKind, outcome: Outcome = 'acknowledged', status = 200): Change => ({
  ...kind,
  from: minute(at),
  to: minute(at) + 1000,
  outcome,
  status,
});
const put = (at: number, definition = everyMinute, outcome: Outcome = 'acknowledged'): Change =>
  change(at, { kind: 'put', definition }, outcome);

const settleMs = 60_000;
const historyOf = (changes: readonly Change[]) =>
  stretchesOf({ project: projectName('alpha'), name: routineName('steady'), changes });
const certain = (changes: readonly Change[], until: number): readonly number[] =>
  certainSlots(historyOf(changes), { until, settleMs }).map(({ slot }) => slot);
const certainMinutes = (changes: readonly Change[], until: number): readonly number[] =>
  certain(changes, minute(until)).map((slot) => slot / 60_000);
const mayOwnOf = (changes: readonly Change[], at: number): boolean =>
  mayHaveOwned(historyOf(changes), { triggerName: 'main', slot: minute(at) });

describe('slots that have a run for certain', () => {
  test('are all after the answer to the first write', () => {
    expect(certainMinutes([put(10.5)], 14)).toEqual([11, 12, 13, 14]);
    expect(certainMinutes([put(11)], 14)).toEqual([12, 13, 14]);
  });

  test('end a settling time before a change of what fires, which also stops what is due', () => {
    expect(certainMinutes([put(10.5), put(14.5, everyOther)], 20)).toEqual([11, 12, 13, 16, 18, 20]);
    expect(certainMinutes([put(10.5), change(14.5, { kind: 'disable' })], 20)).toEqual([11, 12, 13]);
    expect(certainMinutes([put(10.5), change(14.5, { kind: 'delete' })], 20)).toEqual([11, 12, 13]);
  });

  test('go on over a change of the description', () => {
    expect(certainMinutes([put(10.5), put(12), put(13.2)], 15)).toEqual([11, 12, 13, 14, 15]);
  });

  test('go on over a refused change', () => {
    const refused = put(12.5, everyOther, 'refused');
    expect(certainMinutes([put(10.5), refused], 15)).toEqual([11, 12, 13, 14, 15]);
  });

  test('are those that both definitions own, after a change of which nobody knows whether it was made', () => {
    const unknown = put(12.5, everyOther, 'unknown');
    expect(certainMinutes([put(10.5), unknown], 18)).toEqual([11, 14, 16, 18]);
    expect(certainMinutes([put(10.5), unknown, put(14.5)], 18)).toEqual([11, 15, 16, 17, 18]);
  });

  test('are none of a routine that may be gone', () => {
    expect(certainMinutes([put(10.5), change(12.5, { kind: 'delete' }, 'unknown')], 15)).toEqual([11]);
  });

  test('are none when a change answers that there is no such routine', () => {
    const gone = change(14.5, { kind: 'enable' }, 'refused', 404);
    const changes = [put(10.5), change(12.5, { kind: 'delete' }, 'unknown'), gone];
    expect(certainMinutes(changes, 20)).toEqual([11]);
    expect(mayOwnOf(changes, 16)).toBe(false);
  });

  test('hold a timer that was accepted, also when its answer came after its time', () => {
    const timer = { enabled: true, trigger: aTimer(new Date(minute(10) + 500).toISOString()) };
    expect(certain([put(10, timer)], minute(20))).toEqual([minute(10) + 500]);
  });
});

describe('a slot that may have been owned', () => {
  const changes = [put(10.5), put(12.5, everyOther, 'unknown'), change(16.5, { kind: 'disable' })];
  const mayOwn = (at: number): boolean => mayOwnOf(changes, at);

  test('is one of any definition that may have stood there', () => {
    expect([11, 13, 14, 16].map(mayOwn)).toEqual([true, true, true, true]);
  });

  test('is none before the routine was asked for, after it was disabled, or between two fires', () => {
    expect([10, 11.5, 17, 18].map(mayOwn)).toEqual([false, false, false, false]);
  });
});
