import { describeTrigger, triggerWarnings, writtenLocalTime } from '../../domain/kinds/trigger-kinds.ts';
import type { TriggerName } from '../../domain/names.ts';
import { type FireNote, fireNote } from '../../domain/preview/fire-note.ts';
import type { NamedTriggerDraft } from '../../domain/routine-draft.ts';
import { zonedTimeText } from '../../domain/time/local-time-text.ts';
import { nextFireAfter } from '../../domain/time/next-fire.ts';
import { isTimed, type TimedTrigger } from '../../domain/trigger.ts';
import type { Uses } from '../uses.ts';
import { checkTriggers } from './check-triggers.ts';

export interface PreviewRequest {
  readonly triggers: readonly NamedTriggerDraft[];
  /** Fires are strictly after it. */
  readonly from: Date;
  /** At most so many fires, of all triggers together; fewer when they lie more than a hundred years ahead. */
  readonly count: number;
  readonly now: Date;
}

export interface TriggersPreview {
  /** In order of time, then of trigger name. */
  readonly fires: readonly PreviewedFire[];
  /** In order of name, as a routine has them. */
  readonly triggers: readonly PreviewedTrigger[];
}

export interface PreviewedFire {
  readonly triggerName: TriggerName;
  readonly fireAt: Date;
  /** The same instant on the wall clock of the trigger's zone, with its offset. */
  readonly localTime: string;
  readonly note: FireNote | null;
}

export interface PreviewedTrigger {
  readonly name: TriggerName;
  readonly enabled: boolean;
  readonly description: string;
  readonly warnings: readonly string[];
}

/**
 * What triggers would do, were they put into a routine now: checked as a PUT checks them, and nothing is saved.
 * Throws InvalidRequestError with every problem of theirs, a timer in the past included.
 */
export const previewTriggers = (
  { minIntervalSeconds }: Uses<'minIntervalSeconds'>,
  { triggers: drafts, from, count, now }: PreviewRequest,
): TriggersPreview => {
  const checked = checkTriggers(drafts, { old: null, now, minIntervalSeconds });
  const triggers = checked.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const streams = triggers.flatMap(({ name, enabled, trigger }): FireStream[] => {
    if (!enabled || !isTimed(trigger)) return [];
    return [{ name, trigger, writtenAt: writtenAtOf(name, drafts), next: nextFireAfter(trigger, from) }];
  });
  return {
    fires: mergeFires(streams, count, new Date(from.getTime() + horizonMs)),
    triggers: triggers.map(({ name, enabled, trigger }) => ({
      name,
      enabled,
      description: describeTrigger(trigger),
      warnings: triggerWarnings(trigger, from),
    })),
  };
};

/** Later fires are left out, except for the first: a schedule for rare dates would be followed through the millennia. */
const horizonMs = 100 * 366 * 86_400_000;

interface FireStream {
  readonly name: TriggerName;
  readonly trigger: TimedTrigger;
  readonly writtenAt: number | null;
  next: Date | null;
}

const writtenAtOf = (name: TriggerName, drafts: readonly NamedTriggerDraft[]): number | null => {
  const draft = drafts.find((candidate) => candidate.name === name)?.trigger;
  return draft === undefined ? null : writtenLocalTime(draft);
};

/** Computes no more fires than it gives, and one for each trigger. */
const mergeFires = (streams: readonly FireStream[], count: number, until: Date): readonly PreviewedFire[] => {
  const fires: PreviewedFire[] = [];
  while (fires.length < count) {
    const [earliest] = streams
      .flatMap((stream) => (stream.next === null ? [] : [{ stream, at: stream.next }]))
      .sort((a, b) => a.at.getTime() - b.at.getTime());
    if (earliest === undefined) break;
    const { stream, at } = earliest;
    fires.push(previewFire(stream, at));
    const next = nextFireAfter(stream.trigger, at);
    stream.next = next !== null && next <= until ? next : null;
  }
  return fires;
};

const previewFire = ({ name, trigger, writtenAt }: FireStream, fireAt: Date): PreviewedFire => ({
  triggerName: name,
  fireAt,
  localTime: zonedTimeText(trigger.timeZone, fireAt),
  note: fireNote(trigger, fireAt, writtenAt),
});
