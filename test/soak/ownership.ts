import { isFireOf, nextFireAfter } from '../../shared/domain/time/next-fire.ts';
import type { Change, Definition, Interval } from './ledger.ts';

/** A definition that a routine may have, and when what it fires began; null: there is no routine. */
interface Standing {
  readonly definition: Definition | null;
  readonly since: Interval;
}

/** From the request of one change until the answer to the next one: what the routine may have been. */
interface Stretch extends Interval {
  readonly possible: readonly Standing[];
}

/** What a routine owned over time, as far as the answers to its one client tell. */
export interface Ownership {
  /**
   * Slots up to `until` that have a run, for certain: all that the routine may have been owned them, and still did so
   * `settleMs` later. (A change also stops a slot that is due and was not started.)
   */
  certainSlots(until: number, settleMs: number): readonly number[];
  /** Whether there was a moment at which this slot could start. */
  mayHaveOwned(slot: number): boolean;
}

const nothing: Standing = { definition: null, since: { from: 0, to: 0 } };

/** `changes` come from one client, one after the other. */
export const ownershipOf = (changes: readonly Change[]): Ownership => {
  const stretches = toStretches(changes);
  const isCertain = (slot: number, settledAt: number): boolean =>
    stretches
      .filter(({ from, to }) => from <= settledAt && to >= slot)
      .every(({ possible }) => possible.every((standing) => owns(standing, slot, standing.since.to)));
  return {
    certainSlots: (until, settleMs) => {
      const candidates = new Set(stretches.flatMap((stretch) => slotsIn(stretch, until)));
      return [...candidates].filter((slot) => isCertain(slot, Math.min(slot + settleMs, until))).sort((a, b) => a - b);
    },
    mayHaveOwned: (slot) =>
      stretches.some(
        ({ to, possible }) => to >= slot && possible.some((standing) => owns(standing, slot, standing.since.from)),
      ),
  };
};

const toStretches = (changes: readonly Change[]): readonly Stretch[] => {
  const stretches: Stretch[] = [];
  let possible: readonly Standing[] = [nothing];
  let from = 0;
  for (const change of changes.map(knownToBeMade)) {
    stretches.push({ from, to: change.to, possible });
    possible = distinct(after(change, possible));
    from = change.from;
  }
  return [...stretches, { from, to: Number.POSITIVE_INFINITY, possible }];
};

/** A timer is accepted only before its time, however late the answer comes. */
const knownToBeMade = (change: Change): Change =>
  change.kind === 'put' && change.outcome === 'acknowledged' && change.definition.trigger.type === 'timer'
    ? { ...change, to: Math.max(change.from, Math.min(change.to, change.definition.trigger.at.getTime() - 1)) }
    : change;

const after = (change: Change, possible: readonly Standing[]): readonly Standing[] => {
  switch (change.outcome) {
    case 'acknowledged':
      return possible.flatMap((standing) => apply(change, standing));
    case 'unknown':
      return [...possible, ...possible.flatMap((standing) => apply(change, standing))];
    case 'refused':
      return change.status === 404 ? possible.filter(({ definition }) => definition === null) : possible;
    default:
      return change.outcome satisfies never;
  }
};

/** Empty when the change cannot have been made to what stood there. */
const apply = (change: Change, { definition: old, since }: Standing): readonly Standing[] => {
  switch (change.kind) {
    case 'put':
      return [planned(change, change.definition, { definition: old, since })];
    case 'delete':
      return [nothing];
    case 'enable':
    case 'disable':
      return old === null
        ? []
        : [planned(change, { ...old, enabled: change.kind === 'enable' }, { definition: old, since })];
    default:
      return change satisfies never;
  }
};

/** A change of nothing that fires keeps the plan, and with it every slot. */
const planned = ({ from, to }: Interval, definition: Definition, old: Standing): Standing =>
  JSON.stringify(definition) === JSON.stringify(old.definition) ? old : { definition, since: { from, to } };

const distinct = (standings: readonly Standing[]): readonly Standing[] => [
  ...new Map(standings.map((standing) => [JSON.stringify(standing), standing])).values(),
];

const owns = ({ definition }: Standing, slot: number, since: number): boolean =>
  definition?.enabled === true && slot > since && isFireOf(definition.trigger, new Date(slot));

const slotsIn = ({ from, to, possible }: Stretch, until: number): readonly number[] =>
  possible.flatMap(({ definition, since }) => {
    if (definition?.enabled !== true) return [];
    const slots: number[] = [];
    let slot = nextFireAfter(definition.trigger, new Date(Math.max(from, since.to)));
    for (; slot !== null && slot.getTime() <= Math.min(to, until); slot = nextFireAfter(definition.trigger, slot)) {
      slots.push(slot.getTime());
    }
    return slots;
  });
