import type { DeliveryMessage, ReconcileMessage, ScanMessage } from '../../shared/app/ports/messages.ts';
import type { OutcomeRecord } from '../../shared/app/ports/outcome-store.ts';
import type { PoisonedMessage } from '../../shared/app/ports/poisoned-store.ts';
import type { IdempotencyRecord } from '../../shared/app/ports/run-store.ts';
import type { EndedScan } from '../../shared/app/ports/scan-store.ts';
import type { DueSlot, Heartbeat } from '../../shared/app/ports/schedule-store.ts';
import type { ThreadHolder } from '../../shared/app/ports/thread-store.ts';
import type { Action } from '../../shared/domain/action.ts';
import type { CatchUp, CatchUpPolicy } from '../../shared/domain/catch-up.ts';
import type { Hold } from '../../shared/domain/concurrency.ts';
import type { Routine, Tombstone } from '../../shared/domain/routine.ts';
import type { Run, RunState } from '../../shared/domain/run.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import type { RoutineTrigger, Trigger } from '../../shared/domain/trigger.ts';
import { at, projectName, routineName, triggerName } from '../builders.ts';

// One value of each kind that is stored, with every field that its type has. A field that is added to a type, optional
// or not, must be added here too: until then this file does not compile.

type Leaf = string | number | boolean | null | undefined | Date;

/** The type with all its optional fields, those of what it holds too. An open record stays as it is. */
export type Every<Value> = Value extends Leaf
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly Every<Item>[]
    : string extends keyof Value
      ? Value
      : {
          readonly [Field in keyof Value]-?: Field extends OpenField
            ? Exclude<Value[Field], undefined>
            : Every<Exclude<Value[Field], undefined>>;
        };

/** Any JSON, whose type has no end. */
type OpenField = 'input' | 'parameters';

/** One value for each member of a union. */
type EveryMember<Union, Name extends keyof Union> = {
  readonly [Member in Union[Name] & string]: Every<Extract<Union, Readonly<Record<Name, Member>>>>;
};

const project = projectName('shop');
const routine = routineName('daily-report');
const second = (seconds: number): Date => new Date(at('2026-01-01T00:00:00.123Z').getTime() + seconds * 1000);
const runIdAt = (seconds: number) => dispatchRunId(second(seconds), '0123456789abcdef0123');

export const everyAction: EveryMember<Action, 'type'> = {
  invoke_agent_responses_api: {
    type: 'invoke_agent_responses_api',
    agentName: 'reporter',
    agentEndpointId: 'endpoint-1',
    input: 'Überblick 📈\n"quoted"',
    conversation: 'conv_1',
  },
  invoke_agent_invocations_api: {
    type: 'invoke_agent_invocations_api',
    agentName: 'reporter',
    agentEndpointId: 'endpoint-1',
    input: { deep: { type: 'a', value: [1.5, null, false] } },
    sessionId: 'session_1',
  },
  invoke_agent_threads_api: {
    type: 'invoke_agent_threads_api',
    agentId: 'asst_1',
    input: '',
    threadId: 'thread_1',
  },
};

export const everyTrigger: EveryMember<Trigger, 'type'> = {
  schedule: { type: 'schedule', cronExpression: '0 7 * * 1-5', timeZone: 'W. Europe Standard Time' },
  timer: { type: 'timer', at: second(1), timeZone: 'Europe/Berlin' },
  github_issue: {
    type: 'github_issue',
    connectionId: 'connection-1',
    owner: 'contoso',
    repository: 'shop',
    issueEvent: 'closed',
  },
  custom: { type: 'custom', provider: 'webhook', eventName: 'ordered', parameters: { deep: [{ a: null }] } },
};

export const everyCatchUp: Readonly<Record<CatchUpPolicy, Every<CatchUp>>> = {
  skip_missed: { policy: 'skip_missed' },
  enqueue_latest: { policy: 'enqueue_latest' },
  enqueue_missed_with_cap: { policy: 'enqueue_missed_with_cap', cap: 7 },
};

const everyRoutineTrigger = (trigger: Every<Trigger>, index: number): Every<RoutineTrigger> => ({
  name: triggerName(`t${index}`),
  trigger,
  enabled: index > 0,
  plan: 2 + index,
  since: second(2 + index),
});

const routineWith = (action: Every<Action>, catchUp: Every<CatchUp>): Every<Routine> => ({
  project,
  name: routine,
  description: 'What was sold, by country',
  enabled: true,
  triggers: Object.values(everyTrigger).map(everyRoutineTrigger),
  action,
  authorization: { identity: 'creator' },
  catchUp,
  concurrencyPolicy: 'coalesce_if_active',
  deadlineSeconds: 7200,
  metadata: { team: 'sales' },
  archivedAt: second(10),
  createdAt: second(11),
  updatedAt: second(12),
  generation: 13,
  createdKey: '019b76a3b80012345678',
});

/** One for each kind of action, and between them one for each way to catch up. */
export const everyRoutine: readonly Routine[] = [
  routineWith(everyAction.invoke_agent_responses_api, everyCatchUp.skip_missed),
  routineWith(everyAction.invoke_agent_invocations_api, everyCatchUp.enqueue_latest),
  routineWith(everyAction.invoke_agent_threads_api, everyCatchUp.enqueue_missed_with_cap),
];

export const everyTombstone: Every<Tombstone> = { project, name: routine, deletedAt: second(14), generation: 15 };

const error = { statusCode: 503, type: 'http_error', message: 'Überlastet "503"' };
const usage = { inputTokens: 80, outputTokens: 81, totalTokens: 161 };
const answer = {
  responseId: 'resp_1',
  sessionId: 'session_1',
  outputText: 'Fertig ✓',
  outputTruncated: true,
  outputNote: 'Nur der Anfang',
  usage,
};

export const everyState: EveryMember<RunState, 'phase'> = {
  queued: { phase: 'queued' },
  dispatching: {
    phase: 'dispatching',
    claim: { owner: 'instance-1', attempt: 2, startedAt: second(20), leaseUntil: second(21) },
  },
  backing_off: { phase: 'backing_off', retryAt: second(22) },
  polling: { phase: 'polling', polls: 3, notBefore: second(23) },
  completed: { phase: 'completed', endedAt: second(24), answer },
  failed: { phase: 'failed', endedAt: second(25), error, answer },
  killed: { phase: 'killed', endedAt: second(26), error, skipReason: 'overlap', blockedBy: runIdAt(27) },
};

export const runWith = (state: Every<RunState>, action: Every<Action>): Every<Run> => ({
  project,
  routine,
  id: runIdAt(0),
  triggerType: 'custom',
  triggerName: triggerName('t3'),
  attemptSource: 'event_fire',
  action,
  triggeredAt: second(30),
  scheduledFireAt: second(31),
  triggerTimeZone: 'Europe/Berlin',
  startedAt: second(32),
  attempts: [{ number: 1, startedAt: second(33), endedAt: second(34), statusCode: 200, error }],
  work: {
    ids: { invocationId: 'inv_1', sessionId: 'session_1' },
    attempt: 2,
    startedAt: second(35),
    statusCode: 202,
    deadline: second(36),
    isCancelledThere: true,
  },
  lives: 2,
  waited: { reason: 'Another run has the thread', times: 4, since: second(36), unfoundSince: second(37) },
  deadlineSeconds: 7200,
  missed: { count: 3, firstAt: second(37), lastAt: second(38) },
  exclusive: 'skip_if_active',
  retryOf: runIdAt(39),
  metadata: { team: 'sales' },
  state,
});

export const everyHold: Every<Hold> = { active: { runId: runIdAt(40), until: second(41) }, waiting: runIdAt(42) };

export const everyIdempotencyRecord: Every<IdempotencyRecord> = {
  key: 'key:order-1',
  runId: runIdAt(0),
  bodyHash: '5f1d',
  expiresAt: second(43),
};

export const everyThreadHolder: Every<ThreadHolder> = { routine, runId: runIdAt(44) };

/** Columns that no codec knows are no field of it. */
export const everyDueSlot: Every<Omit<DueSlot, 'unknownColumns'>> = {
  project,
  routine,
  triggerName: triggerName('t0'),
  trigger: everyTrigger.schedule,
  plan: 45,
  nominal: second(46),
  catchUpUntil: second(47),
};

export const everyHeartbeat: Every<Heartbeat> = { at: second(50), durationMs: 51.5, lagSeconds: 52, unusable: 53 };

const found = { routines: 54, lostRuns: 55, repairedSchedules: 56, unreadableRoutines: 57 };

export const everyScan: Every<EndedScan> = { startedAt: second(58), endedAt: second(59), ...found };

export const everyOutcomeRecord: Every<OutcomeRecord> = {
  project,
  minute: at('2026-01-01T00:05:00Z'),
  instance: 7,
  counts: { completed: 60, failed: 61, killed: 62 },
};

/** Its body takes two columns. */
export const everyPoisonedMessage: Every<PoisonedMessage> = {
  queue: 'delivery',
  body: `{"kind":"fire","text":"${'x'.repeat(32_768)}"}`,
  reason: 'It ended its process every time it was tried.',
  poisonedAt: second(63),
  of: { project, routine, runId: runIdAt(64) },
};

const names = { project, routine };

export const everyDeliveryMessage: EveryMember<DeliveryMessage, 'kind'> = {
  fire: { kind: 'fire', ...names, trigger: triggerName('t0'), nominal: second(70).getTime(), aside: 2, again: true },
  dispatch: { kind: 'dispatch', ...names, runId: runIdAt(71), sentAt: second(72).getTime(), aside: 3 },
  poll: { kind: 'poll', ...names, runId: runIdAt(73), poll: 74 },
};

export const everyWorkMessage: { readonly reconcile: Every<ReconcileMessage>; readonly scan: Every<ScanMessage> } = {
  reconcile: { kind: 'reconcile', ...names, generation: 75, again: true, lives: 1 },
  scan: { kind: 'scan', startedAt: second(76).getTime(), after: names, found, lives: 2 },
};
