import { z } from 'zod';
import { instantInJson, jsonColumn, jsonObject } from '../../domain/schema/stored-fields.ts';
import { issueEvents, triggerTypes } from '../../domain/trigger.ts';

const scheduleTrigger = z.object({ type: z.literal('schedule'), cronExpression: z.string(), timeZone: z.string() });
const timerTrigger = z.object({ type: z.literal('timer'), at: instantInJson, timeZone: z.string() });
const githubIssueTrigger = z.object({
  type: z.literal('github_issue'),
  connectionId: z.string(),
  owner: z.string(),
  repository: z.string(),
  issueEvent: z.enum(issueEvents),
});
const customTrigger = z.object({
  type: z.literal('custom'),
  provider: z.string(),
  eventName: z.string().optional(),
  parameters: jsonObject,
});

/** A trigger inside JSON text. */
export const triggerInJson = z.discriminatedUnion('type', [
  scheduleTrigger,
  timerTrigger,
  githubIssueTrigger,
  customTrigger,
]);

export const triggerTypeColumn = z.enum(triggerTypes);

export const timedTriggerColumn = jsonColumn(z.discriminatedUnion('type', [scheduleTrigger, timerTrigger]));
