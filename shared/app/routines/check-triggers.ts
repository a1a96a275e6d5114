import { InvalidRequestError, type Problem } from '../../domain/errors.ts';
import type { EveryField } from '../../domain/every-field.ts';
import { checkTrigger } from '../../domain/kinds/trigger-kinds.ts';
import type { TriggerDefinition } from '../../domain/planning/write-routine.ts';
import type { Routine } from '../../domain/routine.ts';
import type { NamedTriggerDraft } from '../../domain/routine-draft.ts';

export interface TriggerCheck {
  /** The routine as it stands; null when there is none. */
  readonly old: Routine | null;
  readonly now: Date;
  readonly minIntervalSeconds: number;
}

/** Resolves the triggers of a routine. Throws InvalidRequestError with everything that is wrong with any of them. */
export const checkTriggers = (
  drafts: readonly NamedTriggerDraft[],
  { old, now, minIntervalSeconds }: TriggerCheck,
): readonly TriggerDefinition[] => {
  const problems: Problem[] = [];
  const triggers = drafts.flatMap(({ name, enabled, trigger: draft }): EveryField<TriggerDefinition>[] => {
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
