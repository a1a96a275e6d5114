import { type Disposition, settlementOf } from '../../shared/app/delivery/disposition.ts';
import type { DeliveryMessage } from '../../shared/app/ports/messages.ts';
import { maxDequeueCount } from '../../shared/storage/queues/put-back.ts';
import type { MemoryDeliveryQueue, MemoryMessage } from './queue.ts';

/** What the queue functions do with a message that came to rest, and the platform after them. */
export const settleInMemory = async (
  queue: Pick<MemoryDeliveryQueue, 'send' | 'extend' | 'remove'>,
  received: MemoryMessage<DeliveryMessage>,
  disposition: Disposition,
): Promise<void> => {
  const rest = settlementOf(disposition);
  if (rest.kind === 'put_back') {
    const { delaySeconds, isRetry, marks } = rest;
    if (isRetry && received.dequeueCount < maxDequeueCount) {
      queue.extend(received, delaySeconds);
      return;
    }
    await queue.send({ ...received.message, ...marks }, delaySeconds);
  }
  await queue.remove(received);
};
