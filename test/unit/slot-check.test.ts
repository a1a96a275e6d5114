import { describe, expect, it } from 'vitest';
import { checkSlot } from '../../shared/domain/planning/slot-check.ts';
import { aRoutine, aSchedule, aTimer, aTrigger, at, triggerName } from '../builders.ts';

const main = triggerName('main');

describe('checkSlot', () => {
  it("takes a fire of an enabled trigger after its last change as the routine's own", () => {
    const check = checkSlot(aRoutine(), main, at('2026-01-01T00:05:00Z'));
    expect(check).toMatchObject({ kind: 'own', trigger: { name: 'main', trigger: { type: 'schedule' } } });
  });

  it.each([
    { reason: 'routine_gone', routine: null, slot: '2026-01-01T00:05:00Z' },
    { reason: 'routine_disabled', routine: aRoutine({ enabled: false }), slot: '2026-01-01T00:05:00Z' },
    {
      reason: 'trigger_gone',
      routine: aRoutine({ triggers: [aTrigger({ name: triggerName('Main') })] }),
      slot: '2026-01-01T00:05:00Z',
    },
    {
      reason: 'trigger_gone',
      routine: aRoutine({ triggers: [aTrigger({ trigger: { type: 'custom', provider: 'p', parameters: {} } })] }),
      slot: '2026-01-01T00:05:00Z',
    },
    {
      reason: 'trigger_disabled',
      routine: aRoutine({ triggers: [aTrigger({ enabled: false })] }),
      slot: '2026-01-01T00:05:00Z',
    },
    { reason: 'not_after_last_change', routine: aRoutine(), slot: '2026-01-01T00:00:00Z' },
    { reason: 'not_a_fire_of_the_trigger', routine: aRoutine(), slot: '2026-01-01T00:06:00Z' },
    {
      reason: 'not_a_fire_of_the_trigger',
      routine: aRoutine({ triggers: [aTrigger({ trigger: aSchedule('0 9 * * *') })] }),
      slot: '2026-01-01T00:05:00Z',
    },
    {
      reason: 'not_a_fire_of_the_trigger',
      routine: aRoutine({ triggers: [aTrigger({ trigger: aTimer('2026-01-01T00:05:01Z') })] }),
      slot: '2026-01-01T00:05:00Z',
    },
  ])('refuses a slot with the reason $reason', ({ reason, routine, slot }) => {
    expect(checkSlot(routine, main, at(slot))).toEqual({ kind: 'foreign', reason });
  });
});
