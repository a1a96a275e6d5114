import type { Routine } from '../../../shared/domain/routine.ts';
import { encodeMessage } from '../../../shared/storage/queues/messages.ts';
import { triggerName } from '../../builders.ts';
import type { PlatformPart } from '../platform.ts';
import { startPlatform } from '../platform.ts';
import { countMessages, isAtRest } from '../rest.ts';
import type { HostPart, Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { dueNow, main, project, routineDueAt, seedRoutines, sendSlot, struck } from './seeds.ts';

const lookMilliseconds = 1_000;
const deadlineMilliseconds = 90_000;

/** Runs the queue functions through the proxy until no message is left, or for so long. */
const pumpUntilEmpty =
  (part: PlatformPart = 'main') =>
  async (stage: Stage): Promise<void> => {
    const deadline = Date.now() + deadlineMilliseconds;
    const { app: services, proxied: connectionString, log } = stage;
    const platform = startPlatform({ services, connectionString, log, part });
    do await platform.nextHandled(lookMilliseconds);
    while (!isAtRest(await countMessages(stage, 0), 0) && Date.now() < deadline);
    await platform.stop();
  };

/** The tick has been: the schedule waits for the next slot, and the message of this one is on the queue. */
const fired =
  (over: Partial<Routine> = {}, triggers = [main]) =>
  async (stage: Stage): Promise<void> => {
    const slot = dueNow();
    const routine = routineDueAt(slot, over, triggers);
    await seedRoutines(stage, [routine], () => slot);
    for (const trigger of triggers) await sendSlot(stage, routine, slot, trigger);
  };

/** A tick may fall into the delivery; it has nothing to do there. */
const host: HostPart = { isOwn: ({ target }) => !target.endsWith('schedule') };

const busyForEver = Number.POSITIVE_INFINITY;
const twoTriggers = [main, triggerName('other')];

export const deliveryScenarios: readonly Scenario[] = [
  { title: 'delivery that succeeds', host, prepare: fired(), act: pumpUntilEmpty() },
  { title: 'delivery with a retry', host, agent: { failures: 1 }, prepare: fired(), act: pumpUntilEmpty() },
  {
    title: 'delivery of work that ends at a look',
    host,
    agent: { worksMilliseconds: 80 },
    prepare: fired(),
    act: pumpUntilEmpty(),
  },
  {
    title: 'delivery of work that is polled',
    host,
    agent: { worksMilliseconds: 700 },
    prepare: fired(),
    act: pumpUntilEmpty(),
  },
  {
    title: 'delivery that is exhausted',
    maxAttempts: 3,
    ends: ['failed'],
    host,
    agent: { failures: busyForEver },
    prepare: fired(),
    act: pumpUntilEmpty(),
  },
];

export const exclusiveScenarios: readonly Scenario[] = [
  {
    title: 'exclusive delivery that succeeds',
    host,
    prepare: fired({ concurrencyPolicy: 'skip_if_active' }),
    act: pumpUntilEmpty(),
  },
  {
    title: 'exclusive delivery with a retry',
    agent: { failures: 1 },
    host,
    prepare: fired({ concurrencyPolicy: 'skip_if_active' }),
    act: pumpUntilEmpty(),
  },
];

/** Two runs of one routine at once. */
export const crowdScenarios: readonly Scenario[] = [
  {
    title: 'two deliveries that skip',
    ends: ['completed', 'killed'],
    agent: { milliseconds: 300 },
    host,
    prepare: fired({ concurrencyPolicy: 'skip_if_active' }, twoTriggers),
    act: pumpUntilEmpty(),
  },
  {
    title: 'two deliveries that coalesce',
    ends: ['completed', 'killed'],
    agent: { milliseconds: 300 },
    host,
    prepare: fired({ concurrencyPolicy: 'coalesce_if_active' }, twoTriggers),
    act: pumpUntilEmpty(),
  },
];

export const repairScenarios: readonly Scenario[] = [
  {
    title: 'reconcile',
    // The writer of the routine crashed before it wrote the schedule.
    prepare: async ({ stores }) => {
      const routine = routineDueAt(dueNow());
      await stores.routines.put(routine, null);
      await stores.work.send({ kind: 'reconcile', project, routine: struck, generation: 1 }, 0);
    },
    act: pumpUntilEmpty(),
  },
  {
    title: 'poisoned delivery',
    prepare: async (stage) => {
      const slot = dueNow();
      await seedRoutines(stage, [routineDueAt(slot)], () => slot);
      const message = { kind: 'fire', project, routine: struck, trigger: main, nominal: slot.getTime() };
      await stage.stores.clients.queues.deliveryPoison.sendMessage(encodeMessage(message));
    },
    act: pumpUntilEmpty('poison'),
  },
];
