import type { JsonObject } from './json.ts';
import type { TriggerName } from './names.ts';

/** Of triggers that the tick fires. */
export const timedTriggerTypes = ['schedule', 'timer'] as const;
export const triggerTypes = [...timedTriggerTypes, 'github_issue', 'custom'] as const;
export type TimedTriggerType = (typeof timedTriggerTypes)[number];
export type TriggerType = (typeof triggerTypes)[number];

interface TriggerBase {
  readonly type: TriggerType;
}

/** Fires at every slot of a cron expression, read in a time zone. Both stay as the user wrote them. */
export interface ScheduleTrigger extends TriggerBase {
  readonly type: 'schedule';
  readonly cronExpression: string;
  readonly timeZone: string;
}

/** Fires once. `at` was resolved when the routine was written; `timeZone` is only echoed. */
export interface TimerTrigger extends TriggerBase {
  readonly type: 'timer';
  readonly at: Date;
  readonly timeZone: string;
}

export const issueEvents = ['opened', 'closed'] as const;
export type IssueEvent = (typeof issueEvents)[number];

export interface GithubIssueTrigger extends TriggerBase {
  readonly type: 'github_issue';
  readonly connectionId: string;
  readonly owner: string;
  readonly repository: string;
  readonly issueEvent: IssueEvent;
}

export interface CustomTrigger extends TriggerBase {
  readonly type: 'custom';
  readonly provider: string;
  readonly eventName?: string;
  readonly parameters: JsonObject;
}

export type Trigger = ScheduleTrigger | TimerTrigger | GithubIssueTrigger | CustomTrigger;
export type TriggerByType = { readonly [Type in TriggerType]: Extract<Trigger, { readonly type: Type }> };
/** A trigger that the tick fires; the others wait for an event. */
export type TimedTrigger = Extract<Trigger, { readonly type: TimedTriggerType }>;

export const isTimed = (trigger: Trigger): trigger is TimedTrigger =>
  timedTriggerTypes.some((type) => type === trigger.type);

/**
 * A trigger as a routine holds it.
 * `plan` is the generation in which what this trigger fires last changed; `since` is that instant.
 * The first slot of a plan is the first fire strictly after `since`.
 */
export interface RoutineTrigger {
  readonly name: TriggerName;
  readonly trigger: Trigger;
  readonly enabled: boolean;
  readonly plan: number;
  readonly since: Date;
}

/** A trigger of a routine that has slots. */
export type TimedRoutineTrigger = RoutineTrigger & { readonly trigger: TimedTrigger };
