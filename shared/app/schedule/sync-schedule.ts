import type { TriggerName } from '../../domain/names.ts';
import { type FireWindow, planFires } from '../../domain/planning/plan-fires.ts';
import { type ScheduleTarget, scheduleTargets } from '../../domain/planning/schedule-targets.ts';
import type { Routine, Tombstone } from '../../domain/routine.ts';
import { nextFireAfter } from '../../domain/time/next-fire.ts';
import type { RoutineTrigger } from '../../domain/trigger.ts';
import type { ScheduleChange, TriggerSchedule } from '../ports/schedule-store.ts';
import type { Uses } from '../uses.ts';
import { sendSlots } from './send-slots.ts';

export type SyncUses = Uses<'schedule' | 'deliveries' | 'clock'>;

export interface SyncRequest {
  readonly definition: Routine | Tombstone;
  /** The schedule as it was read, before the definition was. */
  readonly schedule: readonly TriggerSchedule[];
  /** What fired before: a slow writer of those plans must find a newer row, or it would write them. */
  readonly formerTriggers?: readonly Pick<RoutineTrigger, 'name' | 'plan'>[];
  readonly window: FireWindow;
}

/**
 * `in_step`: there was nothing to do. `superseded`: the schedule knows a newer definition, whose writer has this in hand.
 * `changed`: another writer came in between; read again and repeat.
 */
export type SyncResult = 'in_step' | 'synced' | 'superseded' | 'changed';

/**
 * Makes the schedule of one routine what its definition says. Slots inside the horizon are sent first, then the
 * schedule is written already advanced past them. A crash between the two repeats the sends: the run id of a slot is
 * known beforehand, so a second message meets the first one's run.
 */
export const syncSchedule = async (deps: SyncUses, request: SyncRequest): Promise<SyncResult> => {
  const { definition, window } = request;
  if (request.schedule.some((row) => row.plan > definition.generation)) return 'superseded';
  const rows = new Map(request.schedule.map((row) => [row.triggerName, row]));
  const formerPlans = new Map(request.formerTriggers?.map(({ name, plan }) => [name, plan]));
  const targets = scheduleTargets(definition, [...rows.keys(), ...formerPlans.keys()]);
  const changes: ScheduleChange[] = [];
  for (const [triggerName, target] of targets) {
    const from = rows.get(triggerName) ?? null;
    if (isAsTargeted(from, target, formerPlans.get(triggerName))) continue;
    changes.push(await startPlan(deps, { definition, triggerName, target, from, window }));
  }
  if (changes.length === 0) return 'in_step';
  return (await deps.schedule.write(definition.project, definition.name, changes)) ? 'synced' : 'changed';
};

/** Rewrite a spent row older than the former plan, or a slow writer of that plan would pass it. */
const isAsTargeted = (row: TriggerSchedule | null, target: ScheduleTarget, formerPlan = 0): boolean =>
  target.kind === 'fires'
    ? row?.plan === target.trigger.plan
    : row !== null && row.next === null && row.plan >= formerPlan;

interface PlanStart {
  readonly definition: Routine | Tombstone;
  readonly triggerName: TriggerName;
  readonly target: ScheduleTarget;
  readonly from: TriggerSchedule | null;
  readonly window: FireWindow;
}

const startPlan = async (deps: Uses<'deliveries' | 'clock'>, start: PlanStart): Promise<ScheduleChange> => {
  const { definition, triggerName, target, from, window } = start;
  if (target.kind === 'nothing') return { triggerName, from, to: { spentPlan: target.plan } };
  const { trigger, plan, since } = target.trigger;
  const { project, name: routine } = definition;
  const first = nextFireAfter(trigger, since);
  if (first === null) return { triggerName, from, to: { spentPlan: plan } };
  const fires = planFires(trigger, first, window);
  // Late and missed are judged by the tick alone (promise 10): a plan that begins with a missed slot is left to it.
  const next = fires.missed === null ? fires.next : first;
  if (fires.missed === null) await sendSlots(deps, { project, routine, triggerName }, fires.fires);
  if (next === null) return { triggerName, from, to: { spentPlan: plan } };
  return { triggerName, from, to: { project, routine, triggerName, trigger, plan, nominal: next } };
};
