import type { Clock } from '../../clock.ts';
import type { Action } from '../../domain/action.ts';
import { ConflictError, InvalidRequestError, NotFoundError, type Problem } from '../../domain/errors.ts';
import { checkTrigger } from '../../domain/kinds/trigger-kinds.ts';
import type { ProjectName, RoutineName } from '../../domain/names.ts';
import { archiveRoutine, switchRoutine, tombstoneOf, writeRoutine } from '../../domain/planning/write-routine.ts';
import type { AuthorizationIdentity, Routine } from '../../domain/routine.ts';
import type { NamedTriggerDraft, RoutineDraft } from '../../domain/routine-draft.ts';
import type { Randomness } from '../../randomness.ts';
import type { RoutineStore, StoredRoutine } from '../ports/routine-store.ts';
import { type ChangeRoutineDeps, changeRoutine } from '../schedule/change-routine.ts';
import type { UseCases } from '../use-cases.ts';
import { type AgentVerdict, agentWarnings } from './check-agent.ts';

export interface ManageRoutinesDeps extends ChangeRoutineDeps {
  readonly routines: RoutineStore;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly minIntervalSeconds: number;
  /** Never rejects. Absent: agents are not checked. */
  readonly checkAgent?: (project: ProjectName, action: Action) => Promise<AgentVerdict>;
}

/** A concurrent write is met by reading again; after that many losses the caller is told. */
const maxTries = 3;

type ManageRoutines = Pick<
  UseCases,
  'putRoutine' | 'getRoutine' | 'listRoutines' | 'deleteRoutine' | 'setRoutineEnabled' | 'archiveRoutine'
>;

export const createManageRoutines = (deps: ManageRoutinesDeps): ManageRoutines => ({
  putRoutine: (project, name, draft) => {
    // Asked once, beside the read, however often the write is lost.
    const checked = deps.checkAgent?.(project, draft.action) ?? Promise.resolve<AgentVerdict>({ kind: 'fit' });
    return retryLostWrites(name, async () => {
      const [over, verdict] = await Promise.all([deps.routines.get(project, name), checked]);
      const now = deps.clock.now();
      const old = over?.kind === 'routine' ? over.routine : null;
      if (old !== null) refuseArchived(old);
      const routine = writeRoutine(
        {
          project,
          name,
          description: draft.description,
          enabled: draft.enabled,
          triggers: checkTriggers(draft.triggers, old, now, deps.minIntervalSeconds),
          action: draft.action,
          authorization: authorizationOf(draft, old),
          catchUp: draft.catchUp,
          concurrencyPolicy: draft.concurrencyPolicy,
          metadata: draft.metadata,
        },
        { before: definitionOf(over), now, createdKey: createdKeyAt(now, deps.randomness) },
      );
      const warnings = agentWarnings(verdict, old?.action, draft.action);
      return (await changeRoutine(deps, { over, to: routine })) ? { routine, warnings } : null;
    });
  },

  getRoutine: async (project, name) => (await findRoutine(deps.routines, project, name)).routine,

  listRoutines: (project, page) => deps.routines.list(project, page),

  deleteRoutine: (project, name) =>
    retryLostWrites(name, async () => {
      const over = await deps.routines.get(project, name);
      if (over?.kind !== 'routine') return true;
      const tombstone = tombstoneOf(over.routine, deps.clock.now());
      return (await changeRoutine(deps, { over, to: tombstone })) ? true : null;
    }).then(() => undefined),

  setRoutineEnabled: (project, name, enabled) =>
    retryLostWrites(name, async () => {
      const over = await findRoutine(deps.routines, project, name);
      refuseArchived(over.routine);
      const routine = switchRoutine(over.routine, enabled, deps.clock.now());
      return (await changeRoutine(deps, { over, to: routine })) ? routine : null;
    }),

  archiveRoutine: (project, name) =>
    retryLostWrites(name, async () => {
      const over = await findRoutine(deps.routines, project, name);
      const routine = archiveRoutine(over.routine, deps.clock.now());
      if (routine === over.routine) return routine;
      return (await changeRoutine(deps, { over, to: routine })) ? routine : null;
    }),
});

/** Throws ConflictError for a routine that takes no change any more. */
export const refuseArchived = ({ name, archivedAt }: Routine): void => {
  if (archivedAt === undefined) return;
  throw new ConflictError(
    `Routine "${name}" was archived at ${archivedAt.toISOString()}; it can be read and deleted, nothing else.`,
  );
};

const retryLostWrites = async <Result>(name: RoutineName, write: () => Promise<Result | null>): Promise<Result> => {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const result = await write();
    if (result !== null) return result;
  }
  throw new ConflictError(`Routine "${name}" was changed by somebody else ${maxTries} times in a row; try again.`);
};

/** Throws NotFoundError when there is no such routine (any more). */
export const findRoutine = async (
  routines: RoutineStore,
  project: ProjectName,
  name: RoutineName,
): Promise<StoredRoutine & { readonly kind: 'routine' }> => {
  const stored = await routines.get(project, name);
  if (stored?.kind === 'routine') return stored;
  throw routineNotFound(project, name);
};

export const routineNotFound = (project: ProjectName, name: RoutineName): NotFoundError =>
  new NotFoundError('routine_not_found', `There is no routine "${name}" in project "${project}".`);

const definitionOf = (stored: StoredRoutine | null) =>
  stored === null ? null : stored.kind === 'routine' ? stored.routine : stored.tombstone;

/** Resolves the triggers of a routine. Throws InvalidRequestError with everything that is wrong with any of them. */
export const checkTriggers = (
  drafts: readonly NamedTriggerDraft[],
  old: Routine | null,
  now: Date,
  minIntervalSeconds: number,
) => {
  const problems: Problem[] = [];
  const triggers = drafts.flatMap(({ name, enabled, trigger: draft }) => {
    const before = old?.triggers.find((trigger) => trigger.name === name)?.trigger;
    const checked = checkTrigger(draft, { path: `triggers.${name}`, now, minIntervalSeconds, before });
    if (checked.ok) return [{ name, enabled, trigger: checked.trigger }];
    problems.push(...checked.problems);
    return [];
  });
  const [first, ...more] = problems;
  if (first !== undefined) throw new InvalidRequestError(first, ...more);
  return triggers;
};

/** Fixed at creation. A run can only ever act as the agent: nobody is signed in when a trigger fires. */
const authorizationOf = (draft: RoutineDraft, old: Routine | null): AuthorizationIdentity => {
  if (old === null && draft.authorization === 'creator') {
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
