import type { Action } from './action.ts';
import type { CatchUp } from './catch-up.ts';
import type { ConcurrencyPolicy } from './concurrency.ts';
import type { Metadata } from './metadata.ts';
import type { TriggerName } from './names.ts';
import type { AuthorizationIdentity } from './routine.ts';
import type { CustomTrigger, GithubIssueTrigger, TriggerType } from './trigger.ts';

export interface ScheduleDraft {
  readonly type: 'schedule';
  readonly cronExpression: string;
  readonly timeZone?: string;
}

export interface TimerDraft {
  readonly type: 'timer';
  readonly at: string | number;
  readonly timeZone?: string;
}

/** A trigger as a caller writes it: well formed, its meaning (cron, zone, instant) not yet checked. */
export type TriggerDraft = ScheduleDraft | TimerDraft | GithubIssueTrigger | CustomTrigger;
export type TriggerDraftByType = {
  readonly [Type in TriggerType]: Extract<TriggerDraft, { readonly type: Type }>;
};

export interface NamedTriggerDraft {
  readonly name: TriggerName;
  readonly enabled: boolean;
  readonly trigger: TriggerDraft;
}

/** The body of a PUT after its shape was checked. Defaults are filled in; `authorization` counts only on create. */
export interface RoutineDraft {
  readonly description?: string;
  readonly enabled: boolean;
  readonly triggers: readonly NamedTriggerDraft[];
  readonly action: Action;
  readonly authorization?: AuthorizationIdentity;
  readonly catchUp: CatchUp;
  readonly concurrencyPolicy: ConcurrencyPolicy;
  readonly deadlineSeconds?: number;
  readonly metadata?: Metadata;
}
