import { beforeAll, describe, expect, it, vi } from 'vitest';
import { searchTimeout } from '../case-counts.ts';
import { type CompilerError, compileEdited } from './compile-edited.ts';

// A compiler on a busy machine takes a multiple of its time.
vi.setConfig({ testTimeout: searchTimeout, hookTimeout: searchTimeout });

const filter = 'shared/domain/run-filter/filter-fields.ts';
const runRow = 'shared/storage/tables/run-row.ts';
const runState = 'shared/storage/tables/run-state-columns.ts';
const runView = 'shared/http/run-view.ts';
const routineRow = 'shared/storage/tables/routine-row.ts';
const routineView = 'shared/http/routine-view.ts';
const scheduleRow = 'shared/storage/tables/schedule-row.ts';
const statusView = 'shared/http/status-view.ts';
const messages = 'shared/storage/queues/messages.ts';

/** A type, where it is declared, and the files in which a new field of it has to be met. */
const types: readonly (readonly [type: string, declaredIn: string, places: readonly string[]])[] = [
  ['Run', 'shared/domain/run.ts', ['shared/domain/progress/new-run.ts', filter, runRow, runView]],
  ['AgentAnswer', 'shared/domain/run.ts', [filter, runState, runView]],
  ['RunError', 'shared/domain/run.ts', [filter, runState, runView]],
  ['Attempt', 'shared/domain/run.ts', [runRow, runView]],
  ['MissedSlots', 'shared/domain/run.ts', [runRow, runView]],
  ['AcceptedWork', 'shared/domain/run.ts', [runRow]],
  ['Claim', 'shared/domain/run.ts', [runState]],
  ['Routine', 'shared/domain/routine.ts', [routineRow, routineView]],
  ['RoutineTrigger', 'shared/domain/trigger.ts', [routineRow, routineView]],
  ['Tombstone', 'shared/domain/routine.ts', [routineRow]],
  ['RoutineDraft', 'shared/domain/routine-draft.ts', ['shared/http/routine-schema.ts']],
  ['ResponsesAction', 'shared/domain/action.ts', ['shared/domain/kinds/responses-action.ts']],
  ['InvocationsAction', 'shared/domain/action.ts', ['shared/domain/kinds/invocations-action.ts']],
  ['ThreadsAction', 'shared/domain/action.ts', ['shared/domain/kinds/threads-action.ts']],
  ['ScheduleTrigger', 'shared/domain/trigger.ts', ['shared/domain/kinds/schedule-trigger.ts']],
  ['TimerTrigger', 'shared/domain/trigger.ts', ['shared/domain/kinds/timer-trigger.ts']],
  ['GithubIssueTrigger', 'shared/domain/trigger.ts', ['shared/domain/kinds/github-issue-trigger.ts']],
  ['CustomTrigger', 'shared/domain/trigger.ts', ['shared/domain/kinds/custom-trigger.ts']],
  ['Hold', 'shared/domain/concurrency.ts', ['shared/storage/tables/hold-row.ts']],
  ['FireMessage', 'shared/app/ports/messages.ts', [messages]],
  ['DispatchMessage', 'shared/app/ports/messages.ts', [messages]],
  ['PollMessage', 'shared/app/ports/messages.ts', [messages]],
  ['ReconcileMessage', 'shared/app/ports/messages.ts', [messages]],
  ['ScanMessage', 'shared/app/ports/messages.ts', [messages]],
  ['DueSlot', 'shared/app/ports/schedule-store.ts', [scheduleRow]],
  ['TriggerSchedule', 'shared/app/ports/schedule-store.ts', [scheduleRow]],
  ['Heartbeat', 'shared/app/ports/schedule-store.ts', ['shared/storage/tables/heartbeat-row.ts', statusView]],
  ['EndedScan', 'shared/app/ports/scan-store.ts', ['shared/storage/tables/scan-row.ts', statusView]],
  ['OutcomeRecord', 'shared/app/ports/outcome-store.ts', ['shared/storage/tables/outcome-row.ts']],
  ['OutcomeCounts', 'shared/app/ports/outcome-store.ts', ['shared/storage/tables/outcome-row.ts', statusView]],
  [
    'PoisonedMessage',
    'shared/app/ports/poisoned-store.ts',
    ['shared/http/poisoned-view.ts', 'shared/storage/tables/poisoned-row.ts'],
  ],
  ['IdempotencyRecord', 'shared/app/ports/run-store.ts', ['shared/storage/tables/idempotency-row.ts']],
  ['ThreadHolder', 'shared/app/ports/thread-store.ts', ['shared/storage/tables/thread-row.ts']],
  ['ListedAgent', 'shared/app/ports/agent-directory.ts', ['shared/http/agents-view.ts']],
];

/** Fields of some states of a run; the state is a union, so they are named by a field that stands beside them. */
const ofStates = [
  ['Killed', /readonly skipReason\?: SkipReason/],
  ['Polling', /readonly polls: number/],
  ['BackingOff', /readonly retryAt: Date/],
] as const;

const fieldOf = (type: string): string => `addedTo${type}`;

describe('a new optional field', () => {
  let errors: readonly CompilerError[] = [];
  beforeAll(() => {
    errors = compileEdited([
      ...types.map(([type, file]) => ({
        file,
        find: new RegExp(`export interface ${type}\\b[^{]*\\{`),
        put: `$&\n  readonly ${fieldOf(type)}?: string;`,
      })),
      ...ofStates.map(([state, find]) => ({
        file: 'shared/domain/run.ts',
        find,
        put: `$&; readonly ${fieldOf(state)}?: string`,
      })),
    ]);
  });

  /** A file that forgets a field is named with it; the declaration is no place. */
  const placesOf = (type: string): readonly string[] => {
    const named = errors.filter(({ message }) => new RegExp(`\\b${fieldOf(type)}\\b`).test(message));
    return [...new Set(named.map(({ file }) => file))].sort();
  };

  it.each(types)('of %s does not compile until every place has it', (type, _file, places) => {
    expect(placesOf(type)).toEqual(expect.arrayContaining([...places]));
  });

  it.each(types)('of %s is met in at most five places', (type) => {
    expect(placesOf(type).length).toBeLessThanOrEqual(5);
  });

  it.each(ofStates)('of a state (%s) does not compile until codec and filter have it', (state) => {
    expect(placesOf(state)).toEqual(expect.arrayContaining([filter, runState]));
  });
});

it('the product without an edit compiles', () => {
  expect(compileEdited([])).toEqual([]);
});
