import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProjectName, RoutineName, TriggerName } from '../../shared/domain/names.ts';
import {
  dispatchIdOf,
  dispatchRunId,
  invertRunId,
  isRunId,
  runIdBoundsAt,
  slotRunId,
  taskIdOf,
} from '../../shared/domain/run-id.ts';

const slot = (over: { project?: string; routine?: string; trigger?: string; nominal?: Date } = {}) => ({
  project: (over.project ?? 'shop') as ProjectName,
  routine: (over.routine ?? 'daily-report') as RoutineName,
  trigger: (over.trigger ?? 'every-morning') as TriggerName,
  nominal: over.nominal ?? new Date('2026-06-01T07:00:00Z'),
});

const instant = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
const randomHex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 19, maxLength: 32 });

describe('the run id of a slot', () => {
  test('is the same whenever it is computed', () => {
    // Fixed for ever: messages on their way and rows in storage carry such ids.
    expect(slotRunId(slot())).toBe('019e81fb-7180-86ab-beb1-fc2ac85caf8a');
  });

  test.each([
    ['project', slot({ project: 'shop2' })],
    ['routine', slot({ routine: 'daily-repor' })],
    ['trigger', slot({ trigger: 'Every-morning' })],
    ['nominal time, by a millisecond', slot({ nominal: new Date('2026-06-01T07:00:00.001Z') })],
    ['place where a name ends and the next begins', slot({ project: 'shopd', routine: 'aily-report' })],
  ])('differs with another %s', (_what, other) => {
    expect(slotRunId(other)).not.toBe(slotRunId(slot()));
  });
});

test('every id is a UUID of version 8', () => {
  fc.assert(
    fc.property(instant, randomHex, (at, hex) => {
      expect(isRunId(dispatchRunId(at, hex))).toBe(true);
      expect(isRunId(slotRunId(slot({ nominal: at })))).toBe(true);
    }),
  );
});

test('the random digits of a dispatch enter its id, all but the two bits that the UUID takes', () => {
  const at = new Date('2026-06-01T07:00:00Z');
  expect(dispatchRunId(at, '0123456789abcdef0123')).toBe('019e81fb-7180-8012-b456-789abcdef012');
  expect(dispatchRunId(at, 'ffffffffffffffffffff')).toBe('019e81fb-7180-8fff-bfff-ffffffffffff');
});

test('too few random digits are refused', () => {
  expect(() => dispatchRunId(new Date(0), 'abc')).toThrow('expected a lower-case UUID of version 8');
});

test('ids sort by time, and inverted ids the other way round', () => {
  fc.assert(
    fc.property(instant, randomHex, instant, randomHex, (atA, hexA, atB, hexB) => {
      const a = dispatchRunId(atA, hexA);
      const b = dispatchRunId(atB, hexB);
      if (atA < atB) expect(a < b).toBe(true);
      expect(invertRunId(a) < invertRunId(b)).toBe(a > b);
      expect(invertRunId(invertRunId(a))).toBe(a);
    }),
  );
});

test('the bounds of a millisecond enclose its ids and no others', () => {
  fc.assert(
    fc.property(instant, randomHex, (at, hex) => {
      const id = dispatchRunId(at, hex);
      expect(runIdBoundsAt(at).first < id && id < runIdBoundsAt(at).last).toBe(true);
      expect(runIdBoundsAt(new Date(at.getTime() + 1)).first > id).toBe(true);
    }),
  );
});

test('an instant that no id can hold bounds as the nearest one that can', () => {
  expect(runIdBoundsAt(new Date(-1)).first).toBe('00000000-0000-0000-0000-000000000000');
  expect(runIdBoundsAt(new Date(8.64e15)).last).toBe('ffffffff-ffff-ffff-ffff-ffffffffffff');
});

test.each([
  ['another version', '019e81fb-7180-7012-b456-789abcdef012'],
  ['upper case', '019E81FB-7180-8012-B456-789ABCDEF012'],
  ['no dashes', '019e81fb71808012b456789abcdef012'],
  ['nothing', ''],
])('an id with %s is none of ours', (_what, text) => {
  expect(isRunId(text)).toBe(false);
});

test('dispatch id and task id follow from the run id', () => {
  const id = dispatchRunId(new Date('2026-06-01T07:00:00Z'), '0123456789abcdef0123');
  expect(dispatchIdOf(id)).toBe('dispatch_019e81fb71808012b456789abcdef012');
  expect(taskIdOf(id)).toBe('routine_dispatch_019e81fb71808012b456789abcdef012_delivery');
});
