import * as z from 'zod';
import type { NothingLeft } from '../every-field.ts';
import { jsonObject as jsonObjectInJson, storedObject } from '../schema/stored-fields.ts';
import { expected, flag, jsonObject, text } from '../schema/wire-fields.ts';
import type { CustomTrigger } from '../trigger.ts';
import type { TriggerKind } from './trigger-kind.ts';

const wire = z.object({
  type: z.literal('custom'),
  enabled: flag,
  provider: text(1, 128).refine((provider) => provider !== 'webhook', {
    error: expected('another provider: webhooks are not available yet'),
  }),
  event_name: text(1, 256).optional(),
  parameters: jsonObject,
});

const describe = ({ provider, eventName }: CustomTrigger): string => {
  if (provider === 'api') return 'Only when it is dispatched';
  const event = eventName === undefined ? 'any event' : `the event ${JSON.stringify(eventName)}`;
  return `On ${event} of ${JSON.stringify(provider)}`;
};

export const customTrigger = {
  wire,
  aliases: {},
  fromWire: ({ type, provider, event_name, parameters }) => ({ type, provider, eventName: event_name, parameters }),
  check: (draft) => ({ ok: true, trigger: draft }),
  toWire: ({ type, provider, eventName, parameters, ...rest }) => {
    rest satisfies NothingLeft;
    return { type, provider, event_name: eventName, parameters };
  },
  stored: storedObject({
    type: z.literal('custom'),
    provider: z.string(),
    eventName: z.string().optional(),
    parameters: jsonObjectInJson,
  }),
  attemptSource: 'event_fire',
  firing: () => '',
  localTime: () => null,
  describe,
  warnings: () => [],
} satisfies TriggerKind<CustomTrigger, CustomTrigger, typeof wire>;
