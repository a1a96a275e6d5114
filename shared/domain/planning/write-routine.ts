import { withFields } from '../every-field.ts';
import { firesTheSame } from '../kinds/trigger-kinds.ts';
import { type AuthorizationIdentity, canFire, type Routine, type Tombstone } from '../routine.ts';
import type { RoutineTrigger } from '../trigger.ts';

/** Fields that a write sets by itself. */
type WrittenField = 'createdAt' | 'updatedAt' | 'generation' | 'createdKey';

/** A checked definition: what a PUT asks for, after its triggers were resolved. */
export interface RoutineDefinition extends Omit<Routine, WrittenField | 'triggers' | 'authorization'> {
  readonly triggers: readonly TriggerDefinition[];
  readonly authorization: AuthorizationIdentity;
}

export type TriggerDefinition = Omit<RoutineTrigger, 'plan' | 'since'>;

export interface WriteContext {
  readonly before: Routine | Tombstone | null;
  readonly now: Date;
  /** Used when the routine is new. */
  readonly createdKey: string;
}

/** The routine that a definition makes of what stood there before. Creation time and authorization never change. */
export const writeRoutine = (definition: RoutineDefinition, context: WriteContext): Routine => {
  const { before, now } = context;
  const old = before !== null && 'triggers' in before ? before : null;
  const generation = (before?.generation ?? 0) + 1;
  return withFields<Routine>({
    project: definition.project,
    name: definition.name,
    description: definition.description,
    enabled: definition.enabled,
    triggers: definition.triggers
      .map((trigger) => planTrigger(trigger, definition, { old, generation, now }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    action: definition.action,
    authorization: old?.authorization ?? { identity: definition.authorization },
    catchUp: definition.catchUp,
    concurrencyPolicy: definition.concurrencyPolicy,
    deadlineSeconds: definition.deadlineSeconds,
    metadata: definition.metadata,
    archivedAt: definition.archivedAt,
    createdAt: old?.createdAt ?? now,
    updatedAt: now,
    generation,
    createdKey: old?.createdKey ?? context.createdKey,
  });
};

/** The same routine switched on or off. A trigger whose firing that changes starts a new plan: it never looks back. */
export const switchRoutine = (routine: Routine, enabled: boolean, now: Date): Routine =>
  writeRoutine(
    { ...routine, enabled, authorization: routine.authorization.identity },
    { before: routine, now, createdKey: routine.createdKey },
  );

/** The same routine, never to fire again. One that is archived already stays as it is. */
export const archiveRoutine = (routine: Routine, now: Date): Routine =>
  routine.archivedAt !== undefined
    ? routine
    : writeRoutine(
        { ...routine, archivedAt: now, authorization: routine.authorization.identity },
        { before: routine, now, createdKey: routine.createdKey },
      );

export const tombstoneOf = (routine: Routine, now: Date): Tombstone => ({
  project: routine.project,
  name: routine.name,
  deletedAt: now,
  generation: routine.generation + 1,
});

interface PlanContext {
  readonly old: Routine | null;
  readonly generation: number;
  readonly now: Date;
}

const planTrigger = (
  named: TriggerDefinition,
  routine: Pick<Routine, 'enabled' | 'archivedAt'>,
  context: PlanContext,
): RoutineTrigger => {
  const { old, generation, now } = context;
  const before = old?.triggers.find((trigger) => trigger.name === named.name);
  const keepsPlan =
    before !== undefined &&
    (old !== null && canFire(old) && before.enabled) === (canFire(routine) && named.enabled) &&
    firesTheSame(before.trigger, named.trigger);
  const { plan, since } = keepsPlan ? before : { plan: generation, since: now };
  // What a newer version has written into the trigger stays in it.
  return {
    ...named,
    ...withFields<RoutineTrigger>({ name: named.name, trigger: named.trigger, enabled: named.enabled, plan, since }),
  };
};
