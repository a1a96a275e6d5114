import { describe, expect, it } from 'vitest';
import type { CatchUp } from '../../../shared/domain/catch-up.ts';
import { dialectOf } from '../../../shared/http/dialect.ts';
import { routineView } from '../../../shared/http/routine-view.ts';
import { anAction, aRoutine, aSchedule, aTimer, aTrigger, at, triggerName } from '../../builders.ts';

const sdk = dialectOf('v1', null);
const javaScript = dialectOf('v1', 'azsdk-js');
const documentation = dialectOf(null, null);
const now = at('2026-01-01T00:01:00Z');

/** As the wire has it: what is undefined is left out. */
const wire = (view: object): unknown => JSON.parse(JSON.stringify(view));

describe('a routine on the wire', () => {
  it('holds whole unix seconds for SDKs', () => {
    expect(wire(routineView(aRoutine({ updatedAt: at('2026-01-01T00:00:09.900Z') }), sdk, now))).toEqual({
      name: 'daily',
      enabled: true,
      triggers: { main: { type: 'schedule', cron_expression: '*/5 * * * *', time_zone: 'UTC' } },
      action: { type: 'invoke_agent_responses_api', agent_name: 'echo-agent', input: 'hello' },
      authorization: { identity: 'agent' },
      created_at: 1767225600,
      updated_at: 1767225609,
      next_fire_at: 1767225900,
      concurrency_policy: 'always_enqueue',
      catch_up_policy: 'skip_missed',
    });
  });

  it('shows no next fire in a zone that is not known any more', () => {
    const routine = aRoutine({ triggers: [aTrigger({ trigger: aSchedule('0 9 * * *', 'Mars/Olympus') })] });
    expect(wire(routineView(routine, sdk, now))).not.toHaveProperty('next_fire_at');
  });

  it('says what happens to missed slots', () => {
    const view = (catchUp: CatchUp) => wire(routineView(aRoutine({ catchUp }), sdk, now));
    expect(view({ policy: 'enqueue_latest' })).toMatchObject({ catch_up_policy: 'enqueue_latest' });
    expect(view({ policy: 'enqueue_missed_with_cap', cap: 7 })).toMatchObject({
      catch_up_policy: 'enqueue_missed_with_cap',
      catch_up_cap: 7,
    });
  });

  it('has its concurrency policy, its metadata as it is spelled, and when it was archived', () => {
    const routine = aRoutine({
      concurrencyPolicy: 'coalesce_if_active',
      metadata: { costCenter: '4711', 'a b': '' },
      archivedAt: at('2026-01-01T00:00:30Z'),
    });
    const expected = { concurrency_policy: 'coalesce_if_active', metadata: { costCenter: '4711', 'a b': '' } };
    const shown = wire(routineView(routine, sdk, now));
    expect(shown).toMatchObject({ ...expected, archived_at: 1767225630 });
    expect(shown).not.toHaveProperty('next_fire_at');
    expect(wire(routineView(routine, documentation, now))).toMatchObject({
      ...expected,
      archived_at: '2026-01-01T00:00:30Z',
    });
  });

  it('holds ISO instants without an api-version', () => {
    expect(wire(routineView(aRoutine({ description: 'Every five minutes' }), documentation, now))).toMatchObject({
      description: 'Every five minutes',
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      next_fire_at: '2026-01-01T00:05:00Z',
    });
  });

  it.each([
    ['unix seconds for SDKs', sdk, 1788253200],
    ['a text for the JavaScript SDK', javaScript, '2026-09-01T09:00:00Z'],
    ['a text without an api-version', documentation, '2026-09-01T09:00:00Z'],
  ])('has the instant of a timer as %s', (_, dialect, expected) => {
    const routine = aRoutine({ triggers: [aTrigger({ trigger: aTimer('2026-09-01T09:00:00Z') })] });
    expect(wire(routineView(routine, dialect, now))).toMatchObject({
      triggers: { main: { type: 'timer', at: expected, time_zone: 'UTC' } },
    });
  });

  it('names event triggers in full', () => {
    const github = {
      type: 'github_issue',
      connectionId: 'c',
      owner: 'o',
      repository: 'r',
      issueEvent: 'closed',
    } as const;
    const custom = { type: 'custom', provider: 'p', parameters: { a: 1 } } as const;
    const triggers = [
      aTrigger({ name: triggerName('a'), trigger: github, enabled: false }),
      aTrigger({ name: triggerName('b'), trigger: custom }),
    ];
    expect(wire(routineView(aRoutine({ triggers }), sdk, now))).toMatchObject({
      triggers: {
        a: {
          type: 'github_issue',
          connection_id: 'c',
          owner: 'o',
          repository: 'r',
          issue_event: 'closed',
          enabled: false,
        },
        b: { type: 'custom', provider: 'p', parameters: { a: 1 } },
      },
    });
  });

  it('names what the action continues', () => {
    const session = anAction({ type: 'invoke_agent_invocations_api', sessionId: 's', input: [1] });
    expect(wire(routineView(aRoutine({ action: session }), sdk, now))).toMatchObject({
      action: { type: 'invoke_agent_invocations_api', session_id: 's', input: [1] },
    });
    expect(wire(routineView(aRoutine({ action: anAction({ conversation: 'c' }) }), sdk, now))).toMatchObject({
      action: { conversation: 'c' },
    });
  });
});

describe('next_fire_at', () => {
  const nextFire = (over: Parameters<typeof aRoutine>[0]): unknown => {
    const view = wire(routineView(aRoutine(over), documentation, now));
    return view !== null && typeof view === 'object' && 'next_fire_at' in view ? view.next_fire_at : undefined;
  };
  const hourly = aTrigger({ name: triggerName('hourly'), trigger: aSchedule('0 * * * *') });

  it.each([
    ['the earliest of all triggers', { triggers: [hourly, aTrigger()] }, '2026-01-01T00:05:00Z'],
    [
      'the earliest of the enabled triggers',
      { triggers: [hourly, aTrigger({ enabled: false })] },
      '2026-01-01T01:00:00Z',
    ],
    [
      'after `since` when that is still to come',
      { triggers: [aTrigger({ since: at('2026-01-01T00:05:00Z') })] },
      '2026-01-01T00:10:00Z',
    ],
    ['absent when the routine is disabled', { enabled: false }, undefined],
    [
      'absent when the timer has fired',
      { triggers: [aTrigger({ trigger: aTimer('2026-01-01T00:01:00Z') })] },
      undefined,
    ],
    [
      'absent when only events fire',
      { triggers: [aTrigger({ trigger: { type: 'custom', provider: 'p', parameters: {} } })] },
      undefined,
    ],
  ])('is %s', (_, over, expected) => {
    expect(nextFire(over)).toBe(expected);
  });
});
