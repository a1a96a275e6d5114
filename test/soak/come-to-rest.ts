import { setTimeout as pause } from 'node:timers/promises';
import { parseDeliveryMessage } from '../../shared/storage/queues/messages.ts';
import { lookaheadSeconds, type Rig } from './rig.ts';
import { findViolations, type Violations } from './violations.ts';
import { readWorld, type World } from './world.ts';

const patienceSeconds = 240;
/** What a handler that failed leaves on the queue is back by then: the visibility timeout of host.json. */
const leastRestSeconds = 32;
const settleMs = 60_000;

export interface Rest {
  readonly violations: Violations;
  readonly world: World;
}

/**
 * Waits until the app has nothing left to do, stops it, and looks at what is there. A promise may take its time (leases,
 * locks, delays), but not for ever: what is wrong after four minutes is a violation, and so is what is wrong at the end.
 * Slots up to `until` are looked for.
 */
export const comeToRest = async (rig: Rig, until: number): Promise<Rest> => {
  const check = async (): Promise<Rest> => {
    const world = await readWorld(rig.clients);
    const { ledger } = rig;
    return { world, violations: findViolations({ ledger, world, calls: rig.agent.calls, until, settleMs }) };
  };
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
  const stoppedAt = Date.now();
  await rig.app.end('SIGTERM');
  rest = await check();
  return { ...rest, violations: [...rest.violations, ...crashes(rig), ...(await leftMessages(rig, stoppedAt))] };
};

/**
 * Schedules go on firing, at whole minutes: it is no rest soon after one, and soon before one it does not last. A busy
 * machine takes seconds to see what is due, and to stop.
 */
const areSlotsDue = (now: number): boolean => {
  const second = (now / 1000) % 60;
  return second < 15 || second > 42;
};

const crashes = ({ app }: Rig): Violations =>
  app.lives.flatMap(({ crash }) => (crash === undefined ? [] : [`the app ended by itself with ${crash}`]));

/** The messages that are left become visible one by one: those of slots to come are as they should be. */
const leftMessages = async ({ clients }: Rig, stoppedAt: number): Promise<Violations> => {
  const queue = clients.queues.delivery;
  const violations: string[] = [];
  const deadline = stoppedAt + (lookaheadSeconds + 60) * 1000;
  while (((await queue.getProperties()).approximateMessagesCount ?? 0) > 0) {
    if (Date.now() > deadline) return [...violations, 'messages are left that stay invisible'];
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32, visibilityTimeout: 60 });
    for (const { messageId, messageText, popReceipt } of receivedMessageItems) {
      await queue.deleteMessage(messageId, popReceipt);
      const message = parseDeliveryMessage(Buffer.from(messageText, 'base64').toString());
      if (message.kind === 'fire' && message.nominal >= stoppedAt) continue;
      violations.push(`a message is left: ${JSON.stringify(message)}`);
    }
    if (receivedMessageItems.length === 0) await pause(500);
  }
  return violations;
};
