import * as z from 'zod';
import type { EveryField } from '../domain/every-field.ts';
import { isJsonObject } from '../domain/json.ts';
import { triggerAliases, triggerFromWire, triggerWires, type WireTrigger } from '../domain/kinds/trigger-kinds.ts';
import { unionOfKinds } from '../domain/kinds/union-of-kinds.ts';
import { isTriggerName, maxTriggerNameLength, nameRule, type TriggerName } from '../domain/names.ts';
import type { NamedTriggerDraft } from '../domain/routine-draft.ts';
import { expected, expectedType, isObjectPayload } from '../domain/schema/wire-fields.ts';
import { triggerTypes } from '../domain/trigger.ts';
import { inAnySpelling } from './wire-body.ts';

/** Triggers as JSON text: what one table property holds, with room to spare. */
const maxTriggersLength = 30_000;

const triggerSchema = inAnySpelling(
  unionOfKinds(triggerWires, expectedType(triggerTypes)),
  triggerWires,
  triggerAliases,
);

/** The map of triggers by name, for at most that many of them. */
export const triggersSchema = (maxTriggers: number) => {
  const what = maxTriggers === 1 ? 'exactly one trigger' : `1 to ${maxTriggers} triggers`;
  const counts = { error: countOf(what), when: isObjectPayload };
  return z
    .record(z.string(), triggerSchema, { error: expected(`an object with ${what} by name`) })
    .superRefine(checkNames, { when: isObjectPayload })
    .refine((triggers) => isWithin(Object.keys(triggers).length, maxTriggers), counts)
    .refine((triggers) => JSON.stringify(triggers).length <= maxTriggersLength, {
      error: (issue) =>
        `found ${JSON.stringify(issue.input).length} characters of JSON; expected at most ${maxTriggersLength}`,
    });
};

const checkNames = (triggers: object, context: z.RefinementCtx): void => {
  for (const name of Object.keys(triggers)) {
    if (isTriggerName(name)) continue;
    const message = expected(`a trigger name of 1 to ${maxTriggerNameLength} ${nameRule}`)({ input: name });
    context.addIssue({ code: 'custom', path: [name], message });
  }
};

const isWithin = (count: number, max: number): boolean => count >= 1 && count <= max;
const countOf = (what: string) => (issue: { readonly input?: unknown }) =>
  `found ${isJsonObject(issue.input) ? Object.keys(issue.input).length : 0}; expected ${what}`;

export const toNamedTriggers = (wire: Readonly<Record<string, WireTrigger>>): readonly NamedTriggerDraft[] =>
  // The schema has refused every other key; the guard only tells the compiler.
  Object.entries(wire).flatMap(([name, trigger]) => (isTriggerName(name) ? [toNamedTrigger(name, trigger)] : []));

const toNamedTrigger = (name: TriggerName, trigger: WireTrigger): EveryField<NamedTriggerDraft> => ({
  name,
  enabled: trigger.enabled,
  trigger: triggerFromWire(trigger),
});
