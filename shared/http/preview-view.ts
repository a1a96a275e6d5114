import type { PreviewedFire, PreviewedTrigger, TriggersPreview } from '../app/routines/preview-triggers.ts';
import { enumerate } from '../domain/preview/enumeration.ts';
import type { FireNote } from '../domain/preview/fire-note.ts';
import { clockText } from '../domain/time/local-time-text.ts';
import { type Dialect, instantView } from './dialect.ts';

/** A preview as it goes over the wire. Several triggers are told apart by their names, also in words. */
export const previewView = ({ fires, triggers }: TriggersPreview, dialect: Dialect): object => {
  const label = ({ name }: PreviewedTrigger): string => (triggers.length > 1 ? `${name}: ` : '');
  const warnings = triggers.flatMap((trigger) => trigger.warnings.map((warning) => label(trigger) + warning));
  return {
    data: fires.map((fire) => fireView(fire, dialect)),
    description: triggers.map((trigger) => label(trigger) + sentenceOf(trigger)).join(' '),
    ...(warnings.length > 0 && { warnings }),
  };
};

const sentenceOf = ({ description, enabled }: PreviewedTrigger): string =>
  `${description}${enabled ? '' : ' (disabled)'}.`;

const fireView = ({ triggerName, fireAt, localTime, note }: PreviewedFire, dialect: Dialect): object => ({
  trigger_name: triggerName,
  fire_at: instantView(fireAt, dialect.instants),
  local_time: localTime,
  ...(note !== null && { note: noteText(note) }),
});

const noteText = (note: FireNote): string => {
  switch (note.kind) {
    case 'shifted':
      return `shifted: the clock skips ${timesText(note.skipped)}`;
    case 'merged':
      return `merged: also for ${timesText(note.skipped)}, which the clock skips`;
    case 'repeated_hour':
      return `repeated hour: ${note.occurrence}`;
    default:
      return note satisfies never;
  }
};

const timesText = (times: readonly number[]): string => enumerate(times.map(clockText));
