import type { TriggerDraft } from '../../shared/domain/routine-draft.ts';
import type { CronCase } from '../unit/time/arbitrary-cron.ts';
import { oracleFires } from '../unit/time/oracle.ts';
import type { TimerCase } from './timer-forms.ts';

const dayMs = 86_400_000;
/** A 29 February may be eight years away. */
const longestWaitMs = 9 * 366 * dayMs;
/** A clock may be put back so far after a trigger was written. */
const lookBackMs = 2 * dayMs;

/** A trigger as it is written, and when it has to fire, in milliseconds: by the oracle, never by the service. */
export interface SimulatedTrigger {
  readonly draft: TriggerDraft;
  /** For a PUT that changes nothing of what fires. A duration would count anew, so this one names the instant. */
  readonly sameDraft: TriggerDraft;
  readonly isTimer: boolean;
  /** All within the span, ascending. */
  readonly slots: readonly number[];
  /** The first one after an instant, within the span or beyond. */
  readonly nextAfter: (instant: number) => number | null;
}

export interface Span {
  readonly from: number;
  readonly until: number;
}

export const scheduleTrigger = ({ expression, schedule }: CronCase, zone: string, span: Span): SimulatedTrigger => {
  const draft = { type: 'schedule', cronExpression: expression, timeZone: zone } as const;
  return {
    draft,
    sameDraft: draft,
    isTimer: false,
    slots: oracleFires(schedule, zone, span.from - lookBackMs, span.until, Number.POSITIVE_INFINITY),
    nextAfter: (instant) => oracleFires(schedule, zone, instant, instant + longestWaitMs, 1)[0] ?? null,
  };
};

export const timerTrigger = ({ draft, at }: TimerCase): SimulatedTrigger => ({
  draft,
  sameDraft: { ...draft, at: new Date(at).toISOString() },
  isTimer: true,
  slots: [at],
  nextAfter: (instant) => (instant < at ? at : null),
});
