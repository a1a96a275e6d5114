import type { DeliveryMessage } from '../../shared/app/ports/messages.ts';
import type { VirtualService } from './virtual-service.ts';

/** How copies of a message come. What is put back comes again by itself. */
export interface Arrival {
  readonly title: string;
  arrive(service: VirtualService, message: DeliveryMessage): Promise<void>;
}

/** Received for the first time and for the ninth, as copies of one message are that crashes have kept alive. */
const dequeueCounts = [1, 1, 2, 3, 3, 4, 5, 6, 8, 9];

const twiceInOrder = async (service: VirtualService, message: DeliveryMessage): Promise<void> => {
  for (let copy = 0; copy < 2; copy += 1) await receiveOnce(service, message, 1);
};

const tenAtOnce = async (service: VirtualService, message: DeliveryMessage): Promise<void> => {
  await Promise.all(dequeueCounts.map((count) => receiveOnce(service, message, count)));
};

const receiveOnce = async (service: VirtualService, message: DeliveryMessage, dequeueCount: number): Promise<void> => {
  const rest = await service.receive(message, { dequeueCount });
  if (rest.kind === 'put_back') await service.deps.deliveries.send({ ...message, ...rest.marks }, rest.delaySeconds);
};

export const arrivals: readonly Arrival[] = [
  { title: 'twice in order', arrive: twiceInOrder },
  { title: 'ten at once', arrive: tenAtOnce },
  {
    title: 'an hour late, twice',
    arrive: async (service, message) => {
      service.clock.advance(3600);
      await twiceInOrder(service, message);
    },
  },
];
