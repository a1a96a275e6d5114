import type { FireMessage } from '../../shared/app/ports/messages.ts';
import { parseDeliveryMessage } from '../../shared/storage/queues/messages.ts';
import type { Evidence } from '../promises/evidence.ts';
import { readDue } from '../promises/storage-view.ts';
import { type QueueCounts, readEvidence } from './evidence.ts';
import { type Platform, type PlatformPart, startPlatform } from './platform.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const deadlineMilliseconds = 300_000;
/** At the latest; a message that was handled is a reason to look at once. */
const lookMilliseconds = 1_000;

/** Lets the host run on cleanly until nothing is left to do, and looks at everything. Gives up after a while. */
export const playOn = async (
  stage: Stage,
  scenario: Scenario,
  putBy: readonly FireMessage[] = [],
): Promise<Evidence> => {
  const deadline = Date.now() + deadlineMilliseconds;
  const { clean: services, connectionString, log } = stage;
  const platforms = new Map<PlatformPart, Platform>();
  let queues = await countMessages(stage, putBy.length);
  try {
    while (Date.now() < deadline) {
      if (isAtRest(queues, putBy.length) && !(await tickWhatIsDue(stage))) break;
      // Each part polls its queues, which is most of what a point costs: a poison queue seldom has anything.
      const part = queues.deliveryPoison + queues.workPoison > 0 ? 'poison' : 'main';
      const platform = platforms.get(part) ?? startPlatform({ services, connectionString, log, part });
      platforms.set(part, platform);
      await platform.nextHandled(lookMilliseconds);
      queues = await countMessages(stage, putBy.length);
    }
  } finally {
    await Promise.all([...platforms.values()].map((platform) => platform.stop()));
  }
  return readEvidence(stage, scenario, { queues, putBy });
};

/** A clean tick, when there is something for it; says whether there was. */
export const tickWhatIsDue = async (stage: Stage): Promise<boolean> => {
  const horizon = new Date(Date.now() + stage.clean.config.schedule.lookaheadSeconds * 1000);
  const due = await readDue(stage.stores.clients);
  if (due.every(({ nominal }) => nominal > horizon)) return false;
  await stage.quietly(stage.clean.service.tick);
  return true;
};

export const isAtRest = ({ delivery, work, deliveryPoison, workPoison }: QueueCounts, putBy: number): boolean =>
  delivery <= putBy && work + deliveryPoison + workPoison === 0;

/** The invisible messages are counted too. Whatever comes after a queue that is not empty counts as empty. */
export const countMessages = async ({ stores }: Stage, putBy: number): Promise<QueueCounts> => {
  const queues = { delivery: 0, work: 0, deliveryPoison: 0, workPoison: 0 };
  for (const role of ['delivery', 'work', 'deliveryPoison', 'workPoison'] as const) {
    const { approximateMessagesCount = 0 } = await stores.clients.queues[role].getProperties();
    queues[role] = approximateMessagesCount;
    if (!isAtRest(queues, putBy)) break;
  }
  return queues;
};

const maxReceived = 32;
/** Longer than anything that comes after. */
const lockSeconds = 3_600;

/**
 * Looks at every message that is visible and puts those by that are the only one of their slot: what becomes of them is
 * the business of other scenarios. The others may be seen again at once.
 */
export const putSinglesBy = async ({ stores }: Stage): Promise<readonly FireMessage[]> => {
  const queue = stores.clients.queues.delivery;
  const receive = async () =>
    (await queue.receiveMessages({ numberOfMessages: maxReceived, visibilityTimeout: lockSeconds }))
      .receivedMessageItems;
  const received = await receive();
  for (let batch = received; batch.length === maxReceived; received.push(...batch)) batch = await receive();
  const singles: FireMessage[] = [];
  for (const [text, messages] of Map.groupBy(received, ({ messageText }) => messageText)) {
    const message = parseDeliveryMessage(Buffer.from(text, 'base64').toString());
    if (message.kind === 'fire' && messages.length === 1) singles.push(message);
    else await Promise.all(messages.map((one) => queue.updateMessage(one.messageId, one.popReceipt, undefined, 0)));
  }
  return singles;
};
