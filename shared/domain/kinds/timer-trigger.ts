import * as z from 'zod';
import type { NothingLeft } from '../every-field.ts';
import type { TimerDraft } from '../routine-draft.ts';
import { instantInJson, storedObject } from '../schema/stored-fields.ts';
import { expected, flag, text } from '../schema/wire-fields.ts';
import { zonedTimeText } from '../time/local-time-text.ts';
import { resolveTimeZone } from '../time/time-zone.ts';
import { localTimeOf, resolveTimerAt } from '../time/timer-at.ts';
import type { TimerTrigger } from '../trigger.ts';
import type { TriggerCheck, TriggerContext, TriggerKind } from './trigger-kind.ts';
import { defaultTimeZone, zoneProblemOf } from './trigger-zone.ts';

const wire = z.object({
  type: z.literal('timer'),
  enabled: flag,
  at: z.union([text(1, 256), z.number()], {
    error: expected('an instant ("2026-09-01T09:00:00Z" or unix seconds) or a duration ("30m")'),
  }),
  time_zone: text(1, 256).optional(),
});

/** An instant that the routine holds already may be written again when it is past. */
const check = (draft: TimerDraft, context: TriggerContext): TriggerCheck<TimerTrigger> => {
  const { type, at, timeZone = defaultTimeZone } = draft;
  const { path, now, before } = context;
  const zone = resolveTimeZone(timeZone);
  if (zone === null) return { ok: false, problems: [zoneProblemOf(timeZone, context)] };
  const resolved = resolveTimerAt(at, { zone, now, storedAt: before?.type === 'timer' ? before.at : undefined });
  if (resolved.ok) return { ok: true, trigger: { type, at: resolved.at, timeZone } };
  return { ok: false, problems: [{ code: resolved.code, message: resolved.message, param: `${path}.at` }] };
};

export const timerTrigger = {
  wire,
  aliases: {},
  fromWire: ({ type, at, time_zone }) => ({ type, at, timeZone: time_zone }),
  check,
  toWire: ({ type, at, timeZone, ...rest }, instant) => {
    rest satisfies NothingLeft;
    return { type, at: instant(at), time_zone: timeZone };
  },
  stored: storedObject({ type: z.literal('timer'), at: instantInJson, timeZone: z.string() }),
  attemptSource: 'timer_delivery',
  firing: ({ at }) => at.toISOString(),
  localTime: ({ at }) => localTimeOf(at),
  describe: ({ at, timeZone }) => `Once, at ${zonedTimeText(timeZone, at)}, time zone ${timeZone}`,
  warnings: () => [],
} satisfies TriggerKind<TimerTrigger, TimerDraft, typeof wire>;
