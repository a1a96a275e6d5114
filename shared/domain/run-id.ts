import { createHash } from 'node:crypto';
import type { ProjectName, RoutineName, RunId, TriggerName } from './names.ts';
import { hexOfInstant, invertHex } from './sortable-hex.ts';

/** A slot: one trigger of one routine at one nominal time. */
export interface SlotIdentity {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly trigger: TriggerName;
  readonly nominal: Date;
}

/**
 * The run id of a slot: known before anything is written, and the same for every tick and every delivery. That makes it
 * the lock on "one run for each slot". Ids sort by time: the first 48 bits are the nominal time in milliseconds (UUID
 * version 8).
 */
export const slotRunId = ({ project, routine, trigger, nominal }: SlotIdentity): RunId => {
  const identity = JSON.stringify([project, routine, trigger, nominal.getTime()]);
  return toRunId(nominal, createHash('sha256').update(identity).digest('hex'));
};

/** The id of a run that was asked for at that moment. `randomHex` has at least 19 hex digits. */
export const dispatchRunId = (at: Date, randomHex: string): RunId => toRunId(at, randomHex);

const runIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const isRunId = (text: string): text is RunId => runIdPattern.test(text);

/** `dispatch_` and the run id without dashes. */
export const dispatchIdOf = (id: RunId): string => `dispatch_${id.replaceAll('-', '')}`;

export const taskIdOf = (id: RunId): string => `routine_${dispatchIdOf(id)}_delivery`;

/** Sorts the other way round; applied twice it gives the id back. It is no run id itself. */
export const invertRunId = (id: string): string => id.split('-').map(invertHex).join('-');

/** No run id of that millisecond sorts before `first` or after `last`. They are bounds, no run ids. */
export const runIdBoundsAt = (at: Date): { readonly first: string; readonly last: string } => {
  const time = hexOfInstant(at);
  return { first: withDashes(time + '0'.repeat(20)), last: withDashes(time + 'f'.repeat(20)) };
};

const runIdOf = (text: string): RunId => {
  if (!isRunId(text)) throw new Error(`Run id "${text}": expected a lower-case UUID of version 8`);
  return text;
};

const variantDigits = '89ab';

const toRunId = (time: Date, bits: string): RunId => {
  // The variant takes the two upper bits of its digit; the rest of the digit is used.
  const variant = variantDigits[Number.parseInt(bits.slice(3, 4), 16) % 4];
  return runIdOf(withDashes(`${hexOfInstant(time)}8${bits.slice(0, 3)}${variant}${bits.slice(4, 19)}`));
};

const withDashes = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
