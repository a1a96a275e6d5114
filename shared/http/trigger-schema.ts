import { z } from 'zod';
import { isJsonObject } from '../domain/json.ts';
import { isTriggerName, maxTriggerNameLength, nameRule } from '../domain/names.ts';
import type { NamedTriggerDraft, TriggerDraft } from '../domain/routine-draft.ts';
import { expected, expectedType, flag, isObjectPayload, jsonObject, text } from '../domain/schema/wire-fields.ts';
import { issueEvents, triggerTypes } from '../domain/trigger.ts';
import { inAnySpelling } from './wire-body.ts';

/** Triggers as JSON text: what one table property holds, with room to spare. */
const maxTriggersLength = 30_000;

const triggerUnion = z.discriminatedUnion(
  'type',
  [
    z.object({
      type: z.literal('schedule'),
      enabled: flag,
      cron_expression: text(1, 1024),
      time_zone: text(1, 256).optional(),
    }),
    z.object({
      type: z.literal('timer'),
      enabled: flag,
      at: z.union([text(1, 256), z.number()], {
        error: expected('an instant ("2026-09-01T09:00:00Z" or unix seconds) or a duration ("30m")'),
      }),
      time_zone: text(1, 256).optional(),
    }),
    z.object({
      type: z.literal('github_issue'),
      enabled: flag,
      connection_id: text(1, 256),
      owner: text(1, 128),
      repository: text(1, 128),
      issue_event: z.enum(issueEvents, { error: expected('"opened" or "closed"') }),
    }),
    z.object({
      type: z.literal('custom'),
      enabled: flag,
      provider: text(1, 128).refine((provider) => provider !== 'webhook', {
        error: expected('another provider: webhooks are not available yet'),
      }),
      event_name: text(1, 256).optional(),
      parameters: jsonObject,
    }),
  ],
  { error: expectedType(triggerTypes) },
);

const triggerSchema = inAnySpelling(triggerUnion, triggerUnion.options, { cron_expression: ['cron'] });

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

type WireTrigger = z.infer<typeof triggerUnion>;

export const toNamedTriggers = (wire: Readonly<Record<string, WireTrigger>>): readonly NamedTriggerDraft[] =>
  // The schema has refused every other key; the guard only tells the compiler.
  Object.entries(wire).flatMap(([name, trigger]) =>
    isTriggerName(name) ? [{ name, enabled: trigger.enabled, trigger: toTrigger(trigger) }] : [],
  );

const toTrigger = (wire: WireTrigger): TriggerDraft => {
  switch (wire.type) {
    case 'schedule':
      return { type: wire.type, cronExpression: wire.cron_expression, timeZone: wire.time_zone };
    case 'timer':
      return { type: wire.type, at: wire.at, timeZone: wire.time_zone };
    case 'github_issue':
      return {
        type: wire.type,
        connectionId: wire.connection_id,
        owner: wire.owner,
        repository: wire.repository,
        issueEvent: wire.issue_event,
      };
    case 'custom':
      return { type: wire.type, provider: wire.provider, eventName: wire.event_name, parameters: wire.parameters };
    default:
      return wire satisfies never;
  }
};
