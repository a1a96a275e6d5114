import { describe, expect, it } from 'vitest';
import { scheduleTargets } from '../../shared/domain/planning/schedule-targets.ts';
import { tombstoneOf } from '../../shared/domain/planning/write-routine.ts';
import { aRoutine, aTrigger, at, triggerName } from '../builders.ts';

const main = triggerName('main');
const old = triggerName('old');

describe('scheduleTargets', () => {
  it('fires the enabled timed triggers of an enabled routine', () => {
    expect([...scheduleTargets(aRoutine(), [main])]).toMatchObject([['main', { kind: 'fires', trigger: { plan: 1 } }]]);
  });

  it.each([
    ['of a disabled routine', aRoutine({ enabled: false, generation: 6 })],
    ['that is disabled itself', aRoutine({ generation: 6, triggers: [aTrigger({ enabled: false })] })],
    [
      'that waits for events',
      aRoutine({ generation: 6, triggers: [aTrigger({ trigger: { type: 'custom', provider: 'p', parameters: {} } })] }),
    ],
    ['of a deleted routine', tombstoneOf(aRoutine({ generation: 5 }), at('2026-02-01T00:00:00Z'))],
  ])('waits for nothing, as of the generation, for a trigger %s', (_which, definition) => {
    expect(scheduleTargets(definition, [main]).get(main)).toEqual({ kind: 'nothing', plan: 6 });
  });

  it('waits for nothing for a trigger that the definition no longer has', () => {
    expect(scheduleTargets(aRoutine({ generation: 3 }), [main, old]).get(old)).toEqual({ kind: 'nothing', plan: 3 });
  });
});
