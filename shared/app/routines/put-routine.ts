import { InvalidRequestError } from '../../domain/errors.ts';
import type { EveryField, NothingLeft } from '../../domain/every-field.ts';
import { type RoutineDefinition, writeRoutine } from '../../domain/planning/write-routine.ts';
import type { AuthorizationIdentity, Routine } from '../../domain/routine.ts';
import type { RoutineDraft } from '../../domain/routine-draft.ts';
import type { Randomness } from '../../randomness.ts';
import type { RoutineKey } from '../ports/routine-store.ts';
import { type ChangeUses, changeRoutine } from '../schedule/change-routine.ts';
import type { Uses } from '../uses.ts';
import { agentWarnings, checkAgent } from './check-agent.ts';
import { checkTriggers } from './check-triggers.ts';
import { refuseArchived } from './find-routine.ts';
import { retryLostWrites } from './retry-lost-writes.ts';

export interface SavedRoutine {
  readonly routine: Routine;
  /** What may keep it from working, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Makes a routine what its owner wrote. Throws InvalidRequestError, ConflictError for an archived routine and for a
 * write that was lost time and again.
 */
export const putRoutine = (
  deps: ChangeUses & Uses<'agentDirectory' | 'agentValidation' | 'minIntervalSeconds' | 'randomness'>,
  { project, name }: RoutineKey,
  draft: RoutineDraft,
): Promise<SavedRoutine> => {
  const { description, enabled, triggers, action, authorization, catchUp, concurrencyPolicy, ...more } = draft;
  const { deadlineSeconds, metadata, ...rest } = more;
  rest satisfies NothingLeft;
  // Asked once, beside the read, however often the write is lost.
  const checked = checkAgent(deps, project, action);
  return retryLostWrites(name, async () => {
    const [over, verdict] = await Promise.all([deps.routines.get(project, name), checked]);
    const now = deps.clock.now();
    const old = over?.kind === 'routine' ? over.routine : null;
    if (old !== null) refuseArchived(old);
    const { minIntervalSeconds } = deps;
    const definition: EveryField<RoutineDefinition> = {
      project,
      name,
      description,
      enabled,
      triggers: checkTriggers(triggers, { old, now, minIntervalSeconds }),
      action,
      authorization: authorizationOf(authorization, old),
      catchUp,
      concurrencyPolicy,
      deadlineSeconds,
      metadata,
      archivedAt: undefined,
    };
    const before = over?.kind === 'tombstone' ? over.tombstone : old;
    const createdKey = createdKeyAt(now, deps.randomness);
    const routine = writeRoutine(definition, { before, now, createdKey });
    const warnings = agentWarnings(verdict, old?.action, action);
    return (await changeRoutine(deps, { over, to: routine })) ? { routine, warnings } : null;
  });
};

/** Fixed at creation. A run can only ever act as the agent: no user is signed in when a trigger fires. */
const authorizationOf = (asked: RoutineDraft['authorization'], old: Routine | null): AuthorizationIdentity => {
  if (old === null && asked === 'creator') {
    throw new InvalidRequestError({
      code: 'invalid_request',
      param: 'authorization.identity',
      message:
        'authorization.identity "creator" is not available: a routine runs without its creator; expected "agent".',
    });
  }
  return 'agent';
};

/** 12 hex digits of milliseconds, then 8 random ones: sorts by creation time and is never shared. */
const createdKeyAt = (now: Date, randomness: Randomness): string =>
  now.getTime().toString(16).padStart(12, '0') + randomness.hex(4);
