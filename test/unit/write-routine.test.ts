import { describe, expect, it } from 'vitest';
import { changesSchedule, firingTriggers } from '../../shared/domain/planning/schedule-targets.ts';
import {
  archiveRoutine,
  switchRoutine,
  tombstoneOf,
  writeRoutine,
} from '../../shared/domain/planning/write-routine.ts';
import type { Routine } from '../../shared/domain/routine.ts';
import { anAction, aRoutine, aSchedule, aTimer, aTrigger, at, triggerName } from '../builders.ts';

const now = at('2026-02-01T10:00:00.123Z');
const createdKey = '019c1111111122222222';

const replace = (before: Routine | null, over: Partial<Routine>) => {
  const definition = { ...aRoutine(over), authorization: 'agent' as const };
  return writeRoutine(definition, { before, now, createdKey });
};
const [trigger] = aRoutine().triggers;

describe('writeRoutine', () => {
  it('starts a plan for every trigger of a new routine', () => {
    const routine = replace(null, {});
    expect(routine).toMatchObject({ generation: 1, createdAt: now, updatedAt: now, createdKey });
    expect(routine.triggers).toMatchObject([{ plan: 1, since: now }]);
  });

  it('keeps creation time, list position and authorization of what it replaces', () => {
    const before = aRoutine({ generation: 4 });
    const definition = { ...aRoutine(), authorization: 'creator' as const };
    expect(writeRoutine(definition, { before, now, createdKey })).toMatchObject({
      generation: 5,
      createdAt: before.createdAt,
      updatedAt: now,
      createdKey: before.createdKey,
      authorization: { identity: 'agent' },
    });
  });

  it('keeps the plan when only description, input or agent change', () => {
    const routine = replace(aRoutine(), { description: 'new', action: anAction({ input: 'other' }) });
    expect(routine.triggers).toEqual([trigger]);
    expect(changesSchedule(aRoutine(), routine)).toBe(false);
  });

  it.each([
    ['the cron expression', { triggers: [aTrigger({ trigger: aSchedule('0 9 * * *') })] }],
    ['the time zone', { triggers: [aTrigger({ trigger: aSchedule('*/5 * * * *', 'Europe/Berlin') })] }],
    ['the kind', { triggers: [aTrigger({ trigger: aTimer('2026-03-01T00:00:00Z') })] }],
    ["the trigger's own switch", { triggers: [aTrigger({ enabled: false })] }],
    ["the routine's switch", { enabled: false }],
  ] satisfies [string, Partial<Routine>][])('starts a new plan when %s changes', (_what, over) => {
    const routine = replace(aRoutine(), over);
    expect(routine.triggers).toMatchObject([{ plan: 2, since: now }]);
    expect(changesSchedule(aRoutine(), routine)).toBe(true);
  });

  it('leaves the plans of the other triggers alone when one is edited', () => {
    const other = aTrigger({ name: triggerName('other') });
    const before = aRoutine({ triggers: [aTrigger(), other] });
    const routine = replace(before, { triggers: [aTrigger({ trigger: aSchedule('0 9 * * *') }), other] });
    expect(routine.triggers.map(({ name, plan }) => [name, plan])).toEqual([
      ['main', 2],
      ['other', 1],
    ]);
  });

  it('re-arms a timer whose instant changes and not one whose instant stays', () => {
    const before = aRoutine({ triggers: [aTrigger({ trigger: aTimer('2026-01-15T00:00:00Z') })] });
    const same = replace(before, { description: 'x', triggers: before.triggers });
    expect(same.triggers).toEqual(before.triggers);
    const moved = replace(before, { triggers: [aTrigger({ trigger: aTimer('2026-03-15T00:00:00Z') })] });
    expect(moved.triggers).toMatchObject([{ plan: 2, since: now }]);
  });

  it('goes on counting generations where a tombstone stopped', () => {
    const tombstone = tombstoneOf(aRoutine({ generation: 7 }), now);
    expect(tombstone.generation).toBe(8);
    const routine = writeRoutine({ ...aRoutine(), authorization: 'agent' }, { before: tombstone, now, createdKey });
    expect(routine).toMatchObject({ generation: 9, createdAt: now, createdKey });
    expect(routine.triggers).toMatchObject([{ plan: 9, since: now }]);
  });

  it('orders triggers by name, so that the first one is the same for everybody', () => {
    const routine = replace(null, { triggers: ['b', 'a', 'C'].map((name) => aTrigger({ name: triggerName(name) })) });
    expect(routine.triggers.map(({ name }) => name)).toEqual(['C', 'a', 'b']);
  });
});

describe('switchRoutine', () => {
  it('changes nothing but the time of the update when the routine is switched already', () => {
    const routine = switchRoutine(aRoutine(), true, now);
    expect(routine).toEqual(aRoutine({ updatedAt: now, generation: 2 }));
  });

  it('starts a new plan at the switch, so that nothing of the time before is made up for', () => {
    const disabled = switchRoutine(aRoutine(), false, at('2026-01-20T00:00:00Z'));
    const enabled = switchRoutine(disabled, true, now);
    expect(enabled.triggers).toMatchObject([{ plan: 3, since: now }]);
  });
});

it('keeps what a newer version has written into a trigger when a routine is switched or archived', () => {
  const triggers = [{ ...aTrigger(), ofNewerVersion: true }];
  expect(switchRoutine(aRoutine({ triggers }), false, now).triggers).toMatchObject([{ ofNewerVersion: true, plan: 2 }]);
  expect(archiveRoutine(aRoutine({ triggers }), now).triggers).toMatchObject([{ ofNewerVersion: true, plan: 2 }]);
});

describe('archiveRoutine', () => {
  it('ends every plan, keeps what the routine was, and is done once', () => {
    const archived = archiveRoutine(aRoutine(), now);
    expect(archived).toMatchObject({ enabled: true, archivedAt: now, generation: 2 });
    expect(archived.triggers).toMatchObject([{ enabled: true, plan: 2, since: now }]);
    expect(changesSchedule(aRoutine(), archived)).toBe(true);
    expect(firingTriggers(archived)).toEqual([]);
    expect(archiveRoutine(archived, at('2027-01-01T00:00:00Z'))).toBe(archived);
  });

  it('changes nothing of the schedule when the routine was disabled', () => {
    const disabled = aRoutine({ enabled: false });
    expect(changesSchedule(disabled, archiveRoutine(disabled, now))).toBe(false);
  });
});
