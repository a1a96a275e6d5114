import type { TriggerDraft } from '../../shared/domain/routine-draft.ts';
import { zoneOffset } from '../unit/time/oracle.ts';
import type { Random } from './random.ts';

type TimerDraft = Extract<TriggerDraft, { type: 'timer' }>;

export interface TimerCase {
  readonly draft: TimerDraft;
  /** When it has to fire, in milliseconds. */
  readonly at: number;
}

const daySeconds = 86_400;

/** A timer from a minute to a month ahead, written in one of all the forms that `at` has. */
export const drawTimer = (
  random: Random,
  { now, zone }: { readonly now: number; readonly zone: string },
): TimerCase => {
  const seconds = random.spread(60, 30 * daySeconds);
  const minutes = Math.ceil(seconds / 60);
  const at = now + seconds * 1000;
  const inMinutes = now + minutes * 60_000;
  const write = random.pick([
    () => ({ at, text: at / 1000 }),
    () => ({ at, text: at }),
    () => ({ at, text: isoOf(at) }),
    // A fraction of a second is rounded up.
    () => ({ at, text: new Date(at - 750).toISOString() }),
    () => ({ at, text: `${isoOf(at + 345 * 60_000).slice(0, 19)}+05:45` }),
    () => ({ at, text: `${seconds}s` }),
    () => ({ at, text: `PT${seconds}S` }),
    () => ({ at: inMinutes, text: `${Math.floor(minutes / 60)}h${minutes % 60}m` }),
    () => localTime(at, zone),
  ]);
  const { at: instant, text } = write();
  // A local time that comes twice is the first; that may have passed.
  if (instant <= now) return { at, draft: { type: 'timer', at: isoOf(at), timeZone: zone } };
  return { at: instant, draft: { type: 'timer', at: text, timeZone: zone } };
};

const isoOf = (instant: number): string => new Date(instant).toISOString().replace('.000', '');

/** The wall clock's reading at an instant, and the first instant at which it shows that. */
const localTime = (instant: number, zone: string): { readonly at: number; readonly text: string } => {
  const local = instant + zoneOffset(zone, instant);
  const before = local - zoneOffset(zone, instant - daySeconds * 1000);
  const isShownBefore = before < instant && before + zoneOffset(zone, before) === local;
  return { at: isShownBefore ? before : instant, text: isoOf(local).slice(0, 19) };
};
