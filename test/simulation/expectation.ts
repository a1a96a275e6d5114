import type { CatchUp } from '../../shared/domain/catch-up.ts';
import type { Moment } from './simulated-time.ts';
import type { SimulatedTrigger } from './simulated-trigger.ts';

/**
 * What has to come of it all, told by a second, plain model: slots are the oracle's, and a tick, a message and a change
 * do to them what the documentation says. It shares no code with the service and stores nothing.
 */
export interface Expectation {
  /** The routine fires this from now on, and nothing that it fired before; null: nothing. */
  plan(routine: string, firing: Firing | null, moment: Moment): void;
  /** What it fires stays the same; what is missed from now on is caught up like this. */
  changeCatchUp(routine: string, catchUp: CatchUp): void;
  tick(moment: Moment): void;
  /** Messages that are visible are delivered. */
  deliver(moment: Moment): void;
  readonly routines: ReadonlyMap<string, ExpectedRoutine>;
}

export interface Firing {
  readonly trigger: SimulatedTrigger;
  readonly catchUp: CatchUp;
}

export interface MissedSpan {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

export interface ExpectedRoutine {
  /** Slots that fired, each with when it started by the service's clock. */
  readonly fired: ReadonlyMap<number, number>;
  /** One for each outage, by the first slot. */
  readonly missed: ReadonlyMap<number, MissedSpan>;
  /** The slot that the due index waits for. */
  next(): number | null;
}

const lookaheadMs = 300_000;
const graceMs = 300_000;

export const createExpectation = (): Expectation => {
  const routines = new Map<string, RoutineModel>();
  const withMessages = new Set<RoutineModel>();
  const models: RoutineModel[] = [];
  const modelOf = (name: string): RoutineModel => {
    const known = routines.get(name);
    if (known !== undefined) return known;
    const model = createRoutineModel();
    routines.set(name, model);
    models.push(model);
    return model;
  };
  const note = (model: RoutineModel) => {
    if (model.hasMessages()) withMessages.add(model);
    else withMessages.delete(model);
  };
  return {
    routines,
    plan: (routine, firing, moment) => {
      const model = modelOf(routine);
      model.plan(firing, moment);
      note(model);
    },
    changeCatchUp: (routine, catchUp) => modelOf(routine).changeCatchUp(catchUp),
    tick: (moment) => {
      for (const model of models) {
        if (model.waitsFor > moment.shown + lookaheadMs) continue;
        model.tick(moment);
        note(model);
      }
    },
    deliver: (moment) => {
      for (const model of [...withMessages]) {
        model.deliver(moment);
        note(model);
      }
    },
  };
};

interface RoutineModel extends ExpectedRoutine {
  /** The next slot to send; infinity when there is none. Nothing to do for a tick before that. */
  waitsFor: number;
  plan(firing: Firing | null, moment: Moment): void;
  changeCatchUp(catchUp: CatchUp): void;
  tick(moment: Moment): void;
  deliver(moment: Moment): void;
  hasMessages(): boolean;
}

interface Plan extends Firing {
  readonly since: number;
  /** How many slots are behind it, be they sent or missed. */
  position: number;
}

const createRoutineModel = (): RoutineModel => {
  let plan: Plan | null = null;
  /** Slots whose messages are on the queue, and when, in real time, they come. */
  const messages = new Map<number, number>();
  const fired = new Map<number, number>();
  const missed = new Map<number, MissedSpan>();

  const recordMissed = (slots: readonly number[]) => {
    const late = slots.filter((slot) => !fired.has(slot));
    const [first] = late;
    const last = late.at(-1);
    if (first === undefined || last === undefined) return;
    const known = missed.get(first);
    if (known === undefined || known.count < late.length) missed.set(first, { first, last, count: late.length });
  };
  const advance = ({ real, shown }: Moment): void => {
    if (plan === null) return;
    const { trigger, catchUp } = plan;
    const late: number[] = [];
    let due: number[] = [];
    for (let slot = slotAt(plan); slot !== undefined && slot <= shown + lookaheadMs; slot = slotAt(plan)) {
      plan.position += 1;
      if (!trigger.isTimer && shown - slot > graceMs) late.push(slot);
      else due.push(slot);
    }
    if (late.length > 0) {
      const kept = catchUpOf(late, catchUp);
      recordMissed(late.slice(0, late.length - kept.length));
      due = [...kept, ...due];
    }
    for (const slot of due) messages.set(slot, real + Math.max(0, slot - shown));
    model.waitsFor = slotAt(plan) ?? Number.POSITIVE_INFINITY;
  };
  const model: RoutineModel = {
    fired,
    missed,
    waitsFor: Number.POSITIVE_INFINITY,
    hasMessages: () => messages.size > 0,
    next: () => (plan === null ? null : (slotAt(plan) ?? nextBeyond(plan))),
    plan: (firing, moment) => {
      messages.clear();
      model.waitsFor = Number.POSITIVE_INFINITY;
      plan = firing === null ? null : { ...firing, since: moment.shown, position: firstAfter(firing, moment.shown) };
      advance(moment);
    },
    changeCatchUp: (catchUp) => {
      if (plan !== null) plan = { ...plan, catchUp };
    },
    tick: advance,
    deliver: ({ real, shown }) => {
      for (const [slot, comesAt] of messages) {
        if (comesAt > real) continue;
        // Too early by the service's clock, which was put back: the message waits for the rest.
        if (slot > shown) messages.set(slot, real + slot - shown);
        else {
          messages.delete(slot);
          if (!missed.has(slot) && !fired.has(slot)) fired.set(slot, shown);
        }
      }
    },
  };
  return model;
};

const slotAt = ({ trigger, position }: Plan): number | undefined => trigger.slots[position];

const nextBeyond = ({ trigger, since }: Plan): number | null =>
  trigger.nextAfter(Math.max(since, trigger.slots.at(-1) ?? since));

const firstAfter = ({ trigger: { slots } }: Firing, since: number): number => {
  const index = slots.findIndex((slot) => slot > since);
  return index < 0 ? slots.length : index;
};

/** The latest of the slots that are too late, as many as the policy lets through. */
const catchUpOf = (late: readonly number[], catchUp: CatchUp): readonly number[] => {
  switch (catchUp.policy) {
    case 'skip_missed':
      return [];
    case 'enqueue_latest':
      return late.slice(-1);
    case 'enqueue_missed_with_cap':
      return late.slice(-catchUp.cap);
    default:
      return catchUp satisfies never;
  }
};
