import { setTimeout as pause } from 'node:timers/promises';
import { parseDeliveryMessage } from '../../shared/storage/queues/messages.ts';
import { violationTexts } from '../promises/check-promises.ts';
import { type LeftDelivery, type Unknown, unknown } from '../promises/evidence.ts';
import { toEvidence } from './evidence.ts';
import { lookaheadSeconds, type Rig } from './rig.ts';
import { readWorld, type World } from './world.ts';

const patienceSeconds = 240;
/** What a handler that failed leaves on the queue is back by then: the visibility timeout of host.json. */
const leastRestSeconds = 32;
const settleMs = 60_000;

export interface Rest {
  /** What is wrong, in words; empty when every promise was kept. */
  readonly violations: readonly string[];
  readonly world: World;
}

/**
 * Waits until the app has nothing left to do, stops it, and looks at what is there. A promise may take its time (leases,
 * locks, delays), but not for ever: what is wrong after four minutes is a violation, and so is what is wrong at the end.
 * Slots up to `until` are looked for.
 */
export const comeToRest = async (rig: Rig, until: number): Promise<Rest> => {
  const { ledger, agent } = rig;
  const judge = (world: World, deliveries: readonly LeftDelivery[] | Unknown): Rest => {
    const evidence = toEvidence({ ledger, world, calls: agent.calls, until, settleMs, deliveries });
    return { world, violations: violationTexts(evidence) };
  };
  const check = async (): Promise<Rest> => judge(await readWorld(rig.clients), unknown);
  const startedAt = Date.now();
  const restedSeconds = () => (Date.now() - startedAt) / 1000;
  let rest = await check();
  while (
    (rest.violations.length > 0 && restedSeconds() < patienceSeconds) ||
    restedSeconds() < leastRestSeconds ||
    areSlotsDue(Date.now())
  ) {
    await pause(1000);
    rest = await check();
  }
  const stoppedAt = new Date();
  await rig.app.end('SIGTERM');
  const world = await readWorld(rig.clients);
  const { violations } = judge({ ...world, readAt: stoppedAt }, await takeDeliveries(rig, stoppedAt));
  return { world, violations: [...violations, ...crashes(rig)] };
};

/**
 * Schedules go on firing, at whole minutes: it is no rest soon after one, and soon before one it does not last. A busy
 * machine takes seconds to see what is due, and to stop.
 */
const areSlotsDue = (now: number): boolean => {
  const second = (now / 1000) % 60;
  return second < 15 || second > 42;
};

/** Promise 12: nothing that a message does ends the process. */
const crashes = ({ app }: Rig): readonly string[] =>
  app.lives.flatMap(({ crash }) => (crash === undefined ? [] : [`promise 12: the app ended by itself with ${crash}`]));

/** The messages that are left become visible one by one. One that does not in time stays unseen. */
const takeDeliveries = async ({ clients }: Rig, stoppedAt: Date): Promise<readonly LeftDelivery[]> => {
  const queue = clients.queues.delivery;
  const taken: LeftDelivery[] = [];
  const deadline = stoppedAt.getTime() + (lookaheadSeconds + 60) * 1000;
  for (;;) {
    const { approximateMessagesCount = 0 } = await queue.getProperties();
    if (approximateMessagesCount === 0) return taken;
    if (Date.now() > deadline) {
      return [...taken, ...Array.from({ length: approximateMessagesCount }, () => ({ neverCame: true }) as const)];
    }
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32, visibilityTimeout: 60 });
    for (const { messageId, messageText, popReceipt } of receivedMessageItems) {
      await queue.deleteMessage(messageId, popReceipt);
      taken.push({ message: parseDeliveryMessage(Buffer.from(messageText, 'base64').toString()) });
    }
    if (receivedMessageItems.length === 0) await pause(500);
  }
};
