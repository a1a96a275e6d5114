import type { Stretch } from '../promises/evidence.ts';
import type { Change, Definition, Interval, RoutineLedger } from './ledger.ts';

/** A definition that a routine may have, and when what it fires began; null: there is no routine. */
interface Standing {
  readonly definition: Definition | null;
  readonly since: Interval;
}

/** From the request of one change until the answer to the next one: what the routine may have been. */
interface Period extends Interval {
  readonly possible: readonly Standing[];
}

const nothing: Standing = { definition: null, since: { from: 0, to: 0 } };

/** What a routine was over time, as far as the answers to its one client tell: it made one change after the other. */
export const stretchesOf = ({ project, name: routine, changes }: Asked): readonly Stretch[] =>
  toPeriods(changes).map(({ from, to, possible }) => ({
    project,
    routine,
    from,
    to,
    possible: possible.map(({ definition, since }) =>
      definition?.enabled === true ? [{ name: 'main', trigger: definition.trigger, since }] : [],
    ),
  }));

type Asked = Pick<RoutineLedger, 'project' | 'name'> & { readonly changes: readonly Change[] };

const toPeriods = (changes: readonly Change[]): readonly Period[] => {
  const periods: Period[] = [];
  let possible: readonly Standing[] = [nothing];
  let from = 0;
  for (const change of changes.map(knownToBeMade)) {
    periods.push({ from, to: change.to, possible });
    possible = distinct(after(change, possible));
    from = change.from;
  }
  return [...periods, { from, to: Number.POSITIVE_INFINITY, possible }];
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
