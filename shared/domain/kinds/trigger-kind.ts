import type { z } from 'zod';
import type { Problem } from '../errors.ts';
import type { EveryField } from '../every-field.ts';
import type { TriggerDraft } from '../routine-draft.ts';
import type { AttemptSource } from '../run.ts';
import type { StoredFields } from '../schema/stored-fields.ts';
import type { Trigger } from '../trigger.ts';

/**
 * All that the service knows of one kind of trigger, but for when it fires (time/next-fire.ts).
 * `fromWire` is a method, so that a table can hold kinds with different fields.
 */
export interface TriggerKind<Of extends Trigger, Draft extends TriggerDraft, Wire extends z.ZodObject = z.ZodObject> {
  /** The fields by their canonical names, `enabled` among them; each may also be written in camelCase. */
  readonly wire: Wire;
  /** Other names that a field may be written by. */
  readonly aliases: { readonly [Field in keyof z.output<Wire>]?: readonly string[] };
  fromWire(wire: z.output<Wire>): EveryField<Draft>;
  /** Says whether what a caller wrote can be fired, and makes it a trigger. All problems come together. */
  readonly check: (draft: Draft, context: TriggerContext) => TriggerCheck<Of>;
  /** `instant`: how the caller wants to read the time of a timer. */
  readonly toWire: (trigger: Of, instant: (at: Date) => number | string) => object;
  /** The trigger inside JSON text. */
  readonly stored: z.ZodObject<StoredFields<Of>>;
  /** What the runs that it starts say of where they come from. */
  readonly attemptSource: AttemptSource;
  /**
   * What it fires, as text: while that stays the same, the trigger keeps its plan. As it was written, so that `UTC` and
   * `Etc/UTC` differ, which only costs a fresh plan. Empty for a trigger that the tick does not fire.
   */
  readonly firing: (trigger: Of) => string;
  /** The local time that a caller wrote, in floating milliseconds, where it is one; the trigger holds an instant. */
  readonly localTime: (draft: Draft) => number | null;
  /** When it fires, in words, without a full stop. Throws RangeError when it cannot be read, which `check` rules out. */
  readonly describe: (trigger: Of) => string;
  /** Why it may not fire when its author thinks, from `from` on: one sentence each. */
  readonly warnings: (trigger: Of, from: Date) => readonly string[];
}

export interface TriggerContext {
  /** Where the trigger stands in the body, such as `triggers.weekday-morning`: the beginning of each `param`. */
  readonly path: string;
  readonly now: Date;
  readonly minIntervalSeconds: number;
  /** The trigger that the routine as it stands holds by this name. */
  readonly before?: Trigger;
}

export type TriggerCheck<Of extends Trigger = Trigger> =
  | { readonly ok: true; readonly trigger: Of }
  | { readonly ok: false; readonly problems: readonly [Problem, ...Problem[]] };
