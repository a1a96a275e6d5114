import type { CatchUp } from '../../shared/domain/catch-up.ts';
import type { RoutineName } from '../../shared/domain/names.ts';
import { anAction, projectName, routineName, triggerName } from '../builders.ts';
import { interestingZones } from '../unit/time/zones.ts';
import { cronKinds, drawCron, frequentKinds } from './cron-mix.ts';
import type { Expectation, Firing } from './expectation.ts';
import type { Random } from './random.ts';
import type { SimulatedService } from './service.ts';
import type { SimulatedTime } from './simulated-time.ts';
import { type SimulatedTrigger, scheduleTrigger, timerTrigger } from './simulated-trigger.ts';
import { drawTimer } from './timer-forms.ts';

/** `edit` changes nothing of what fires. `rewrite` puts another trigger, also where there was no routine. */
export type ChangeKind = 'edit' | 'rewrite' | 'disable' | 'enable' | 'delete';

export const simulation = projectName('simulation');
export const nameOf = (index: number): RoutineName => routineName(`routine-${index}`);
const main = triggerName('main');
const timersOfHundred = 12;

/** What most owners leave as it is comes most often. */
const catchUps: readonly CatchUp[] = [
  { policy: 'skip_missed' },
  { policy: 'skip_missed' },
  { policy: 'skip_missed' },
  { policy: 'enqueue_latest' },
  { policy: 'enqueue_missed_with_cap', cap: 1 },
  { policy: 'enqueue_missed_with_cap', cap: 10 },
];

interface Definition extends Firing {
  readonly enabled: boolean;
}

export interface OwnersDeps {
  readonly service: SimulatedService;
  readonly expectation: Expectation;
  readonly time: SimulatedTime;
  readonly random: Random;
  /** The latest instant, in milliseconds, whose slots matter. */
  readonly until: number;
}

export type Owners = ReturnType<typeof createOwners>;

/** The people who own the routines: what they do, they do to the service and tell the expectation. */
export const createOwners = ({ service, expectation, time, random, until }: OwnersDeps) => {
  const definitions = new Map<number, Definition>();
  const { useCases } = service;

  const write = async (index: number, definition: Definition, draft = definition.trigger.draft): Promise<void> => {
    await useCases.putRoutine(simulation, nameOf(index), {
      description: `Written at ${time.moment.real}`,
      enabled: definition.enabled,
      triggers: [{ name: main, enabled: true, trigger: draft }],
      action: anAction(),
      catchUp: definition.catchUp,
      concurrencyPolicy: 'always_enqueue',
    });
    definitions.set(index, definition);
  };
  const replan = (index: number): void => {
    const definition = definitions.get(index);
    expectation.plan(nameOf(index), definition?.enabled ? definition : null, time.moment);
  };
  const drawTrigger = (index: number, isNew: boolean): SimulatedTrigger => {
    const { shown } = time.moment;
    const zone = isNew ? zoneOf(index) : random.pick(interestingZones);
    // A routine that fires often still does, but not at the same times.
    const kind = isNew || index >= frequentKinds ? index : random.whole(0, frequentKinds - 1);
    if (index >= cronKinds && random.whole(1, 100) <= timersOfHundred) {
      return timerTrigger(drawTimer(random, { now: shown, zone }));
    }
    return scheduleTrigger(drawCron(random, kind), zone, { from: shown, until });
  };
  const rewrite = async (index: number, isNew: boolean): Promise<void> => {
    const trigger = drawTrigger(index, isNew);
    const before = definitions.get(index);
    // The same trigger once more is no change of what fires.
    if (before?.enabled && JSON.stringify(before.trigger.draft) === JSON.stringify(trigger.draft)) return;
    await write(index, { trigger, enabled: true, catchUp: random.pick(catchUps) });
    replan(index);
  };
  const edit = async (index: number, before: Definition): Promise<void> => {
    const catchUp = random.pick(catchUps);
    await write(index, { ...before, catchUp }, before.trigger.sameDraft);
    expectation.changeCatchUp(nameOf(index), catchUp);
  };
  const setEnabled = async (index: number, definition: Definition, enabled: boolean): Promise<void> => {
    await useCases.setRoutineEnabled(simulation, nameOf(index), enabled);
    definitions.set(index, { ...definition, enabled });
    if (definition.enabled !== enabled) replan(index);
  };
  const remove = async (index: number): Promise<void> => {
    await useCases.deleteRoutine(simulation, nameOf(index));
    if (definitions.delete(index)) replan(index);
  };

  return {
    create: (index: number) => rewrite(index, true),
    change: async (kind: ChangeKind, index: number): Promise<void> => {
      const definition = definitions.get(index);
      if (kind === 'rewrite') return rewrite(index, false);
      if (kind === 'delete') return remove(index);
      if (definition === undefined) return;
      if (kind === 'edit') return edit(index, definition);
      return setEnabled(index, definition, kind === 'enable');
    },
  };
};

/** By turns, so that every zone has its routines. */
const zoneOf = (index: number): string => interestingZones[index % interestingZones.length] ?? 'UTC';
export const zonesOf = (routines: number): number => Math.min(routines, interestingZones.length);
