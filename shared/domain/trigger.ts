import type { JsonObject } from './json.ts';
import type { TriggerName } from './names.ts';

/** Fires at every slot of a cron expression, read in a time zone. Both stay as the user wrote them. */
export interface ScheduleTrigger {
  readonly type: 'schedule';
  readonly cronExpression: string;
  readonly timeZone: string;
}

/** Fires once. `at` was resolved when the routine was written; `timeZone` is only echoed. */
export interface TimerTrigger {
  readonly type: 'timer';
  readonly at: Date;
  readonly timeZone: string;
}

export interface GithubIssueTrigger {
  readonly type: 'github_issue';
  readonly connectionId: string;
  readonly owner: string;
  readonly repository: string;
  readonly issueEvent: 'opened' | 'closed';
}

export interface CustomTrigger {
  readonly type: 'custom';
  readonly provider: string;
  readonly eventName?: string;
  readonly parameters: JsonObject;
}

/** A trigger that the tick fires; the others wait for an event. */
export type TimedTrigger = ScheduleTrigger | TimerTrigger;
export type Trigger = TimedTrigger | GithubIssueTrigger | CustomTrigger;
export type TriggerType = Trigger['type'];

export const isTimed = (trigger: Trigger): trigger is TimedTrigger =>
  trigger.type === 'schedule' || trigger.type === 'timer';

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
