import type { z } from 'zod';
import type { TriggerDraft, TriggerDraftByType } from '../routine-draft.ts';
import type { AttemptSource } from '../run.ts';
import { type Trigger, type TriggerByType, type TriggerType, timedTriggerTypes } from '../trigger.ts';
import { customTrigger } from './custom-trigger.ts';
import { githubIssueTrigger } from './github-issue-trigger.ts';
import { scheduleTrigger } from './schedule-trigger.ts';
import { timerTrigger } from './timer-trigger.ts';
import type { TriggerCheck, TriggerContext, TriggerKind } from './trigger-kind.ts';
import { unionOfKinds } from './union-of-kinds.ts';

type TriggerKinds = {
  readonly [Type in TriggerType]: TriggerKind<TriggerByType[Type], TriggerDraftByType[Type]>;
};

/** Every kind of trigger: the one place that names them all. */
const table = {
  schedule: scheduleTrigger,
  timer: timerTrigger,
  github_issue: githubIssueTrigger,
  custom: customTrigger,
} satisfies TriggerKinds;

type WireByType = { readonly [Type in TriggerType]: z.output<(typeof table)[Type]['wire']> };

/** A trigger on the wire, by its canonical field names. */
export type WireTrigger = WireByType[TriggerType];

// The same table, typed so that the compiler knows: the kind that a type names takes the trigger of that type.
const kinds: TriggerKinds = table;
const readers: {
  readonly [Type in TriggerType]: { fromWire(wire: WireByType[Type]): TriggerDraftByType[Type] };
} = table;

export const triggerWires = Object.values(table).map(({ wire }) => wire);
export const triggerAliases: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.values(table).flatMap(({ aliases }) => Object.entries(aliases)),
);

/** A trigger inside JSON text. */
export const storedTrigger = unionOfKinds(Object.values(table).map(({ stored }) => stored));
export const storedTimedTrigger = unionOfKinds(timedTriggerTypes.map((type) => table[type].stored));

const fromWireAs = <Type extends TriggerType>(type: Type, wire: WireByType[Type]): TriggerDraft =>
  readers[type].fromWire(wire);
export const triggerFromWire = (wire: WireTrigger): TriggerDraft => fromWireAs(wire.type, wire);

type InstantView = (at: Date) => number | string;

const toWireAs = <Type extends TriggerType>(type: Type, trigger: TriggerByType[Type], instant: InstantView): object =>
  kinds[type].toWire(trigger, instant);
/** Fields without a value are undefined. `instant`: how the caller wants to read the time of a timer. */
export const triggerToWire = (trigger: Trigger, instant: InstantView): object =>
  toWireAs(trigger.type, trigger, instant);

const checkAs = <Type extends TriggerType>(
  type: Type,
  draft: TriggerDraftByType[Type],
  context: TriggerContext,
): TriggerCheck => kinds[type].check(draft, context);
/** Says whether what a caller wrote can be fired, and makes it a trigger. All problems come together. */
export const checkTrigger = (draft: TriggerDraft, context: TriggerContext): TriggerCheck =>
  checkAs(draft.type, draft, context);

/** What the runs that a trigger starts say of where they come from. */
export const attemptSourceOf = ({ type }: Trigger): AttemptSource => kinds[type].attemptSource;

const firingAs = <Type extends TriggerType>(type: Type, trigger: TriggerByType[Type]): string =>
  kinds[type].firing(trigger);
const firingOf = (trigger: Trigger): string => firingAs(trigger.type, trigger);
/** Whether a trigger that becomes the other keeps its plan. Two that the tick does not fire fire the same: nothing. */
export const firesTheSame = (a: Trigger, b: Trigger): boolean => firingOf(a) === firingOf(b);

const localTimeAs = <Type extends TriggerType>(type: Type, draft: TriggerDraftByType[Type]): number | null =>
  kinds[type].localTime(draft);
/** The local time that a caller wrote, in floating milliseconds, where it is one. */
export const writtenLocalTime = (draft: TriggerDraft): number | null => localTimeAs(draft.type, draft);

const describeAs = <Type extends TriggerType>(type: Type, trigger: TriggerByType[Type]): string =>
  kinds[type].describe(trigger);
/** When a trigger fires, in words, without a full stop. Throws RangeError when it cannot be read. */
export const describeTrigger = (trigger: Trigger): string => describeAs(trigger.type, trigger);

const warningsAs = <Type extends TriggerType>(
  type: Type,
  trigger: TriggerByType[Type],
  from: Date,
): readonly string[] => kinds[type].warnings(trigger, from);
/** Why a trigger may not fire when its author thinks, from `from` on: one sentence each. */
export const triggerWarnings = (trigger: Trigger, from: Date): readonly string[] =>
  warningsAs(trigger.type, trigger, from);
