import type { FireMessage } from '../../shared/app/ports/messages.ts';
import type { Routine } from '../../shared/domain/routine.ts';
import { isEnded, type Run } from '../../shared/domain/run.ts';
import { nextFireAfter } from '../../shared/domain/time/next-fire.ts';
import { isTimed, type TimedTrigger } from '../../shared/domain/trigger.ts';
import type { AgentCall } from './ring-agent.ts';
import type { Told } from './stage.ts';
import type { StorageView } from './storage-view.ts';

/** Everything there is to see when nobody is at work. */
export interface Observed extends StorageView {
  readonly at: Date;
  /** Messages in each queue, the invisible ones counted. */
  readonly queues: Readonly<Record<'delivery' | 'work' | 'deliveryPoison' | 'workPoison', number>>;
  /** Messages on the delivery queue that were looked at and put by, each the only one of its slot. */
  readonly putBy: readonly FireMessage[];
  readonly calls: readonly AgentCall[];
  /** Runs that were called for while a call for them was under way. */
  readonly overlaps: readonly string[];
  readonly told: Told;
}

/** What is wrong; nothing, when the promises were kept. */
export const violationsOf = (observed: Observed): readonly string[] =>
  [
    slotsWithoutRun,
    runsWithoutSlot,
    unendedRuns,
    wrongCalls,
    wrongSchedule,
    leftMessages,
    wrongCopies,
    leftHolds,
    brokenAnswers,
  ].flatMap((check) => check(observed));

type Check = (observed: Observed) => readonly string[];

interface FiringTrigger {
  readonly routine: Routine;
  readonly name: string;
  readonly trigger: TimedTrigger;
  readonly plan: number;
  readonly since: Date;
}

const standing = ({ definitions }: Observed): readonly Routine[] =>
  definitions.filter((definition) => 'triggers' in definition);

/** Said anew, and not by the app's own `firingTriggers`, which is on trial here. */
const firing = (routine: Routine): readonly FiringTrigger[] =>
  !routine.enabled || routine.archivedAt !== undefined
    ? []
    : routine.triggers.flatMap(({ name, trigger, enabled, plan, since }) =>
        enabled && isTimed(trigger) ? [{ routine, name, trigger, plan, since }] : [],
      );

/** All fires of the trigger after `from`, up to `until`. */
const slotsBetween = (trigger: TimedTrigger, from: Date, until: Date): readonly Date[] => {
  const slots: Date[] = [];
  let slot = nextFireAfter(trigger, from);
  for (; slot !== null && slot <= until; slot = nextFireAfter(trigger, slot)) slots.push(slot);
  return slots;
};

const slotText = ({ project, name }: Pick<Routine, 'project' | 'name'>, trigger: string, slot: Date): string =>
  `slot ${slot.toISOString()} of ${project}/${name} ${trigger}`;

/** No slot is lost, and none has two runs. */
const slotsWithoutRun: Check = (observed) =>
  standing(observed).flatMap((routine) =>
    firing(routine).flatMap(({ name, trigger, since }) => {
      const runs = slotRuns(observed).filter((run) => isOf(run, routine) && run.triggerName === name);
      return slotsBetween(trigger, since, observed.at).flatMap((slot) => {
        const isPutBy = observed.putBy.some(
          (message) => isOf(message, routine) && message.trigger === name && message.nominal === slot.getTime(),
        );
        const count = runs.filter((run) => covers(run, slot)).length + (isPutBy ? 1 : 0);
        return count === 1 ? [] : [`${slotText(routine, name, slot)} has ${count} runs`];
      });
    }),
  );

const slotRuns = ({ runs }: Observed): readonly Run[] => runs.filter((run) => run.scheduledFireAt !== undefined);

const isOf = (
  { project, routine }: { readonly project: string; readonly routine: string },
  of: Pick<Routine, 'project' | 'name'>,
): boolean => project === of.project && routine === of.name;

/** One visible run stands for all slots that were missed together. */
const covers = ({ missed, triggeredAt }: Run, slot: Date): boolean =>
  missed === undefined ? triggeredAt.getTime() === slot.getTime() : missed.firstAt <= slot && slot <= missed.lastAt;

/** No run is invented: its slot was one of a definition that stands or stood. */
const runsWithoutSlot: Check = (observed) => {
  const owners = [...standing(observed), ...observed.told.former].flatMap(firing);
  return slotRuns(observed)
    .filter(({ project, routine, triggerName, triggeredAt }) =>
      owners.every(
        (owner) =>
          owner.name !== triggerName ||
          !isOf({ project, routine }, owner.routine) ||
          triggeredAt <= owner.since ||
          nextFireAfter(owner.trigger, new Date(triggeredAt.getTime() - 1))?.getTime() !== triggeredAt.getTime(),
      ),
    )
    .map((run) => `run ${run.id} of ${run.triggeredAt.toISOString()} is of no slot`);
};

/** Nothing stays queued, dispatching or backing off. */
const unendedRuns: Check = ({ runs }) =>
  runs.filter(({ state }) => !isEnded(state)).map(({ id, state }) => `run ${id} is ${state.phase} for ever`);

/**
 * A completed run was called for, every call is of a run, and all calls of one run say the same. Its lease keeps a
 * second call away while the first is under way.
 */
const wrongCalls: Check = ({ runs, calls, overlaps }) => {
  const callsOf = Map.groupBy(calls, ({ key }) => key);
  const ids = new Set<string>(runs.map(({ id }) => id));
  return [
    ...runs.flatMap(({ id, attempts }) => {
      // One without a status may have ended before its call reached anybody.
      const answered = attempts.filter(({ statusCode }) => statusCode !== undefined).length;
      const count = callsOf.get(id)?.length ?? 0;
      return answered <= count ? [] : [`run ${id} has ${answered} answered attempts and ${count} calls`];
    }),
    ...runs
      .filter(({ id, state }) => state.phase === 'completed' && !callsOf.has(id))
      .map(({ id }) => `run ${id} is completed and its agent was never called`),
    ...runs
      .filter(({ state, attempts }) => state.phase === 'completed' && attempts.length === 0)
      .map(({ id }) => `run ${id} is completed without an attempt`),
    ...overlaps.map((key) => `an agent was called for run ${key} while a call for it was under way`),
    ...[...callsOf].flatMap(([key, ofRun]) => [
      ...(ids.has(key) ? [] : [`an agent was called for ${key}, which is no run`]),
      ...(new Set(ofRun.flatMap(({ body }) => body ?? [])).size > 1 ? [`the calls of run ${key} differ`] : []),
    ]),
  ];
};

/** Due index and state agree with each other and with what the routines say; no slot is overdue or passed over. */
const wrongSchedule: Check = (observed) => {
  const owners = standing(observed).flatMap(firing);
  return [
    ...owners.flatMap((owner) => wrongTrigger(observed, owner)),
    ...observed.states
      .filter((state) => state.next !== null && !owners.some((owner) => isStateOf(state, owner)))
      .map(({ routine, triggerName, plan }) => `state of ${routine} ${triggerName} waits for plan ${plan} of nobody`),
    ...observed.due
      .filter(({ project, routine, triggerName, plan, nominal }) =>
        observed.states.every(
          (state) =>
            state.project !== project ||
            state.routine !== routine ||
            state.triggerName !== triggerName ||
            state.plan !== plan ||
            state.next?.getTime() !== nominal.getTime(),
        ),
      )
      .map(({ routine, triggerName, nominal, plan }) => {
        return `due row ${nominal.toISOString()} of ${routine} ${triggerName}, plan ${plan}, has no state`;
      }),
  ];
};

const isStateOf = (state: Observed['states'][number], { routine, name, plan }: FiringTrigger): boolean =>
  isOf(state, routine) && state.triggerName === name && state.plan === plan;

const wrongTrigger = (observed: Observed, owner: FiringTrigger): readonly string[] => {
  const { routine, name, trigger, plan, since } = owner;
  const label = `${routine.project}/${routine.name} ${name}`;
  const states = observed.states.filter((state) => isStateOf(state, owner));
  const [state] = states;
  if (state === undefined || states.length > 1) return [`${label} has ${states.length} states of plan ${plan}`];
  const { next } = state;
  const due = observed.due.filter((slot) => isOf(slot, routine) && slot.triggerName === name);
  if (next === null) {
    const coming = nextFireAfter(trigger, observed.at > since ? observed.at : since);
    const isWrong = trigger.type === 'schedule' || (coming !== null && !isAwaited(observed, owner, coming));
    return [
      ...(isWrong ? [`${label} waits for nothing, and is not spent`] : []),
      ...due.map(({ nominal }) => `${label} is spent and has a due row ${nominal.toISOString()}`),
    ];
  }
  const isFire = nextFireAfter(trigger, new Date(next.getTime() - 1))?.getTime() === next.getTime();
  const passed = slotsBetween(trigger, observed.at > since ? observed.at : since, new Date(next.getTime() - 1));
  return [
    ...(due.length === 1 ? [] : [`${label} has ${due.length} due rows`]),
    ...(isFire && next > since ? [] : [`${label} waits for ${next.toISOString()}, which is no slot of it`]),
    ...(next > observed.at ? [] : [`${label} is overdue since ${next.toISOString()}`]),
    ...passed
      .filter((slot) => !isAwaited(observed, owner, slot))
      .map((slot) => `${slotText(routine, name, slot)} was passed over`),
  ];
};

/** Coming slots inside the horizon are messages that nobody can look at yet: their number must be enough. */
const isAwaited = (observed: Observed, { routine, name }: FiringTrigger, slot: Date): boolean =>
  observed.queues.delivery - observed.putBy.length > 0 ||
  observed.putBy.some((message) => isOf(message, routine) && message.trigger === name && +slot === message.nominal);

/** No message is left but those of coming slots, and nothing was given up. */
const leftMessages: Check = (observed) => {
  const { queues, putBy, poisonedMessages } = observed;
  const coming = standing(observed)
    .flatMap(firing)
    .flatMap((owner) => {
      const state = observed.states.find((candidate) => isStateOf(candidate, owner));
      const from = observed.at > owner.since ? observed.at : owner.since;
      const until = state?.next ?? (owner.trigger.type === 'timer' ? owner.trigger.at : from);
      return slotsBetween(owner.trigger, from, new Date(until.getTime() - (state?.next ? 1 : 0)));
    });
  const left = queues.delivery - putBy.length;
  return [
    ...(left > 0 && coming.length === 0 ? [`${left} messages are left on the delivery queue`] : []),
    ...(left < coming.length ? [`${coming.length} slots are on their way, and only ${left} messages`] : []),
    ...(queues.work > 0 ? [`${queues.work} messages are left on the work queue`] : []),
    ...(queues.deliveryPoison + queues.workPoison > 0 ? ['messages are left on a poison queue'] : []),
    ...(poisonedMessages > 0 ? [`${poisonedMessages} messages were given up`] : []),
  ];
};

const fingerprint = (routines: readonly Routine[]): string =>
  JSON.stringify(routines.map((routine) => [routine.name, routine.generation, routine.updatedAt]).sort());

/** The list copies are those of the definitions, and each run has its place in the ascending list. */
const wrongCopies: Check = (observed) => {
  const definitions = fingerprint(standing(observed));
  const runs = observed.runs.map(({ project, routine, id }) => `${project}!${routine} ${id}`).sort();
  return [
    ...(fingerprint(observed.newestFirst) === definitions ? [] : ['the newest-first list is not that of the routines']),
    ...(fingerprint(observed.oldestFirst) === definitions ? [] : ['the oldest-first list is not that of the routines']),
    ...(runs.join() === [...observed.pointers].sort().join() ? [] : ['the ascending list is not that of the runs']),
  ];
};

/** Nobody holds a routine, and nobody waits for one. A cancelled run whose delivery crashed holds until its lease ends. */
const leftHolds: Check = ({ holds, runs, at }) =>
  holds.flatMap(({ partition, hold: { active, waiting } }) => {
    const run = runs.find(({ id }) => id === active?.runId);
    const hasLapsed = run?.state.phase === 'killed' && active !== undefined && active.until <= at;
    return [
      ...(active === undefined || hasLapsed ? [] : [`${partition} is held by ${active.runId}`]),
      ...(waiting === undefined ? [] : [`${partition} has ${waiting} waiting`]),
    ];
  });

/** What a caller was told is so: the run is there, the definition stands, the cancelled run is killed. */
const brokenAnswers: Check = ({ told, runs, keyedRuns, definitions }) => {
  const byHand = runs.filter(({ scheduledFireAt }) => scheduledFireAt === undefined).map(({ id }) => id);
  const missing = [...told.dispatched, ...keyedRuns].filter((id) => !byHand.includes(id));
  const untold = byHand.filter((id) => !told.dispatched.includes(id));
  return [
    ...(untold.length <= told.unanswered ? [] : [`runs ${untold.join()} were asked for by nobody`]),
    ...missing.map((id) => `run ${id}, which a caller was told of, is not there`),
    ...told.changed
      .filter(({ routine, generation }) =>
        definitions.every((definition) => definition.name !== routine || definition.generation < generation),
      )
      .map(({ routine, generation }) => `generation ${generation} of ${routine}, which was answered, never stood`),
    ...told.cancelled
      .filter((id) => runs.every((run) => run.id !== id || run.state.phase !== 'killed'))
      .map((id) => `run ${id} was answered as cancelled and is not`),
  ];
};
