import type { Action } from '../../domain/action.ts';
import { InvalidRequestError } from '../../domain/errors.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { ProjectName, RoutineName, RunId } from '../../domain/names.ts';
import { newRun } from '../../domain/progress/new-run.ts';
import type { Routine } from '../../domain/routine.ts';
import type { Run } from '../../domain/run.ts';
import { findRoutine, refuseArchived } from '../routines/find-routine.ts';
import type { Uses } from '../uses.ts';
import { type Idempotency, type StartByHandUses, startByHand } from './start-by-hand.ts';

export interface DispatchRequest {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly payload?: { readonly type: string; readonly input?: JsonValue };
  readonly idempotency?: Idempotency;
}

/**
 * Starts a run of the routine now and answers with its id; a disabled routine too, as a test of it. Throws
 * NotFoundError without such a routine, ConflictError for an archived one, InvalidRequestError for a payload of
 * another type than its action.
 */
export const dispatchRoutine = (deps: StartByHandUses & Uses<'routines'>, request: DispatchRequest): Promise<RunId> => {
  const { project, routine: name, payload, idempotency } = request;
  const create = async () => {
    const { routine } = await findRoutine(deps, project, name);
    refuseArchived(routine);
    const action = dispatchedAction(routine.action, payload);
    return (id: RunId, now: Date) => dispatchedRun(routine, action, { id, now });
  };
  return startByHand(deps, { project, routine: name, idempotency, body: payload ?? null, create });
};

/** The routine's action with the payload's input. The payload's type must be the action's. */
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

const dispatchedRun = (routine: Routine, action: Action, { id, now }: { id: RunId; now: Date }): Run => {
  const [trigger] = routine.triggers;
  if (trigger === undefined)
    throw new Error(`Routine "${routine.name}" in project "${routine.project}" has no trigger.`);
  return newRun(routine, {
    id,
    triggerType: trigger.trigger.type,
    triggerName: trigger.name,
    attemptSource: 'queued_dispatch',
    action,
    triggeredAt: now,
  });
};
