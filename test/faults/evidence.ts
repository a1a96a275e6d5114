import type { FireMessage } from '../../shared/app/ports/messages.ts';
import type { Routine, Tombstone } from '../../shared/domain/routine.ts';
import { type Evidence, type PastTrigger, type Stretch, unknown } from '../promises/evidence.ts';
import { firingOf, standing } from '../promises/firing.ts';
import { viewStorage } from '../promises/storage-view.ts';
import type { Scenario } from './scenario.ts';
import { project } from './scenarios/seeds.ts';
import type { Stage } from './stage.ts';

/** Messages in each queue, the invisible ones counted. */
export type QueueCounts = Readonly<Record<'delivery' | 'work' | 'deliveryPoison' | 'workPoison', number>>;

interface Rested {
  readonly queues: QueueCounts;
  /** Messages on the delivery queue that were looked at and put by, each the only one of its slot. */
  readonly putBy: readonly FireMessage[];
}

/** What a point has to show, now that all is at rest: three tables, four queues, its agent and its callers. */
export const readEvidence = async (
  { stores, agent, told }: Stage,
  { ends = ['completed'], standsStill = false }: Scenario,
  { queues, putBy }: Rested,
): Promise<Evidence> => {
  const { definitions, due, states, runs, holds, keyedRuns, poisonedMessages, ...lists } = await viewStorage(
    stores.clients,
  );
  const now = new Date();
  const { delivery, ...others } = queues;
  return {
    now,
    slots: { after: new Date(0), until: now },
    definitions,
    history: historyOf(definitions, told),
    contended: [],
    settleMs: unknown,
    lists,
    schedule: { due, states },
    plannedUntil: unknown,
    // A message that waits for its slot cannot be looked at.
    deliveries: Array.from({ length: delivery - putBy.length }, () => ({})),
    putBy,
    remains: { ...others, poisonedBodies: poisonedMessages },
    holds,
    runs,
    mayEnd: ends,
    stoodStill: standsStill,
    isDisturbed: true,
    mayRepeatCalls: true,
    calls: agent.calls,
    works: unknown,
    starts: told.starts.map((start) => ({ project, ...start })),
    keyedRuns,
    changes: told.changed,
    cancelled: told.cancelled,
    complaints: told.complaints,
  };
};

/** A routine may have been all that it was from the first moment on, until a change of it was answered. */
const historyOf = (
  definitions: readonly (Routine | Tombstone)[],
  { former, changed }: Stage['told'],
): readonly Stretch[] =>
  [...standing(definitions), ...former].map((routine) => {
    const answers = changed.filter((one) => one.routine === routine.name && one.generation > routine.generation);
    return {
      project,
      routine: routine.name,
      from: Number.NEGATIVE_INFINITY,
      to: Math.min(...answers.map(({ answeredAt }) => answeredAt.getTime())),
      possible: [firingOf(routine).map(toPastTrigger)],
    };
  });

const toPastTrigger = ({ triggerName: name, trigger, since }: ReturnType<typeof firingOf>[number]): PastTrigger => ({
  name,
  trigger,
  since: { from: since.getTime(), to: since.getTime() },
});
