import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Action } from '../domain/action.ts';
import { ConflictError, InvalidRequestError } from '../domain/errors.ts';
import type { RunId } from '../domain/names.ts';
import type { Routine } from '../domain/routine.ts';
import type { Run } from '../domain/run.ts';
import { dispatchRunId } from '../domain/run-id.ts';
import type { Randomness } from '../randomness.ts';
import { findRoutine } from './manage-routines.ts';
import type { DeliveryQueue } from './ports/messages.ts';
import type { RoutineStore } from './ports/routine-store.ts';
import type { RunStore, StoredIdempotencyRecord } from './ports/run-store.ts';
import type { DispatchRequest } from './use-cases.ts';

export interface DispatchRoutineDeps {
  readonly routines: RoutineStore;
  readonly runs: RunStore;
  readonly deliveries: DeliveryQueue;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly delayScale: number;
}

/** The row is written while the message is still invisible. */
const messageDelaySeconds = 1;
/** Half of what the message waits for its run: the clocks of sender and receiver need not agree to the second. */
const sendAgainAfterSeconds = 30;
const idempotencyHours = 24;
const maxTries = 3;

/**
 * Starts a run by hand and answers with its id. A repeat under the same idempotency key answers with the first one's
 * id and starts nothing, whatever has become of the routine since: the caller only missed the first answer.
 *
 * The message is sent before the run is written (promise 8). A crash between leaves a message without a run: it is
 * dropped after a minute, and nobody was told of it. A crash after the write leaves a run that is delivered. A process
 * that was held up for so long that the message may be gone sends it again before it answers.
 */
export const dispatchRoutine = async (deps: DispatchRoutineDeps, request: DispatchRequest): Promise<RunId> => {
  if (request.idempotency === undefined) return sendAndWrite(deps, await newDispatch(deps, request));
  const bodyHash = sha256(JSON.stringify(request.payload ?? null));
  for (let tries = 0; tries < maxTries; tries += 1) {
    const key = `${request.idempotency.kind}:${request.idempotency.value}`;
    const over = await deps.runs.findIdempotencyRecord(request.project, request.routine, key);
    const first = firstRunOf(over, { request, bodyHash, now: deps.clock.now() });
    if (first !== null) return first;
    const dispatch = await newDispatch(deps, request);
    const runId = await sendAndWrite(deps, { ...dispatch, idempotency: { key, bodyHash, over } });
    if (runId !== null) return runId;
  }
  throw new ConflictError(`Dispatch of routine "${request.routine}": too many requests with the same idempotency key.`);
};

/** Throws NotFoundError without such a routine, InvalidRequestError for a payload of another type than its action. */
const newDispatch = async (deps: DispatchRoutineDeps, request: DispatchRequest): Promise<NewDispatch> => {
  const { routine } = await findRoutine(deps.routines, request.project, request.routine);
  return { routine, action: dispatchedAction(routine.action, request.payload) };
};

/** The action with the payload's input in place of its own. Its type must be the action's. */
const dispatchedAction = (action: Action, payload: DispatchRequest['payload']): Action => {
  if (payload === undefined) return action;
  if (payload.type !== action.type) {
    throw new InvalidRequestError({
      code: 'payload_type_mismatch',
      param: 'payload.type',
      message: `payload.type is "${payload.type}", but the routine's action is "${action.type}"; they must be equal.`,
    });
  }
  return payload.input === undefined ? action : { ...action, input: payload.input };
};

interface Repeat {
  readonly request: DispatchRequest;
  readonly bodyHash: string;
  readonly now: Date;
}

/** The run that an earlier request with this key started; null when this one is the first. */
const firstRunOf = (record: StoredIdempotencyRecord | null, { request, bodyHash, now }: Repeat): RunId | null => {
  if (record === null || record.expiresAt <= now) return null;
  if (record.bodyHash === bodyHash) return record.runId;
  // A client that reuses a request id for another body means another request; a reused Idempotency-Key is a mistake.
  if (request.idempotency?.kind === 'request') return null;
  throw new ConflictError(
    `Idempotency-Key "${request.idempotency?.value}" was used for another body within ${idempotencyHours} hours.`,
  );
};

interface NewDispatch {
  readonly routine: Routine;
  readonly action: Action;
}

interface KeyedDispatch extends NewDispatch {
  readonly idempotency: {
    readonly key: string;
    readonly bodyHash: string;
    readonly over: StoredIdempotencyRecord | null;
  };
}

async function sendAndWrite(deps: DispatchRoutineDeps, dispatch: NewDispatch): Promise<RunId>;
async function sendAndWrite(deps: DispatchRoutineDeps, dispatch: KeyedDispatch): Promise<RunId | null>;
async function sendAndWrite(
  deps: DispatchRoutineDeps,
  dispatch: NewDispatch & Partial<KeyedDispatch>,
): Promise<RunId | null> {
  const { routine, idempotency } = dispatch;
  const now = deps.clock.now();
  const run = dispatchedRun(dispatch, dispatchRunId(now, deps.randomness.hex(10)), now);
  const send = () =>
    deps.deliveries.send(
      { kind: 'dispatch', project: routine.project, routine: routine.name, runId: run.id, sentAt: now.getTime() },
      messageDelaySeconds,
    );
  await send();
  if (!(await writeDispatched(deps.runs, run, idempotency))) return null;
  const waitedSeconds = (deps.clock.now().getTime() - now.getTime()) / 1000;
  if (waitedSeconds >= sendAgainAfterSeconds * deps.delayScale) await send();
  return run.id;
}

/** False when another dispatch has the idempotency key. */
const writeDispatched = async (
  runs: RunStore,
  run: Run,
  idempotency: KeyedDispatch['idempotency'] | undefined,
): Promise<boolean> => {
  if (idempotency === undefined) {
    // The id is random: a run that is there already is this one, written behind a lost answer and claimed since.
    await runs.create(run);
    return true;
  }
  const { over, ...keyed } = idempotency;
  const expiresAt = new Date(run.triggeredAt.getTime() + idempotencyHours * 3_600_000);
  return (await runs.createDispatched(run, { ...keyed, runId: run.id, expiresAt }, over)) === 'created';
};

const dispatchedRun = ({ routine, action }: NewDispatch, id: RunId, now: Date): Run => {
  const [trigger] = routine.triggers;
  if (trigger === undefined)
    throw new Error(`Routine "${routine.name}" in project "${routine.project}" has no trigger.`);
  return {
    project: routine.project,
    routine: routine.name,
    id,
    triggerType: trigger.trigger.type,
    triggerName: trigger.name,
    attemptSource: 'queued_dispatch',
    action,
    triggeredAt: now,
    attempts: [],
    state: { phase: 'queued' },
  };
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
