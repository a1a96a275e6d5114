import type { PreviewedFire, PreviewedTrigger, TriggersPreview } from '../app/routines/preview-triggers.ts';
import type { NothingLeft } from '../domain/every-field.ts';
import { enumerate } from '../domain/preview/enumeration.ts';
import type { FireNote } from '../domain/preview/fire-note.ts';
import { clockText } from '../domain/time/local-time-text.ts';
import { type Dialect, instantView } from './dialect.ts';

/** A preview as it goes over the wire. Several triggers are told apart by their names, also in words. */
export const previewView = ({ fires, triggers, ...rest }: TriggersPreview, dialect: Dialect): object => {
  rest satisfies NothingLeft;
  const told = triggers.map((trigger) => tell(trigger, triggers.length > 1));
  const warnings = told.flatMap((trigger) => trigger.warnings);
  return {
    data: fires.map((fire) => fireView(fire, dialect)),
    description: told.map(({ sentence }) => sentence).join(' '),
    ...(warnings.length > 0 && { warnings }),
  };
};

const tell = ({ name, enabled, description, warnings, ...rest }: PreviewedTrigger, isOneOfSeveral: boolean) => {
  rest satisfies NothingLeft;
  const label = isOneOfSeveral ? `${name}: ` : '';
  return {
    sentence: `${label}${description}${enabled ? '' : ' (disabled)'}.`,
    warnings: warnings.map((warning) => label + warning),
  };
};

const fireView = ({ triggerName, fireAt, localTime, note, ...rest }: PreviewedFire, dialect: Dialect): object => {
  rest satisfies NothingLeft;
  return {
    trigger_name: triggerName,
    fire_at: instantView(fireAt, dialect.instants),
    local_time: localTime,
    ...(note !== null && { note: noteText(note) }),
  };
};

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
