import type { DeliveryMessage, SentMessage, WorkMessage } from '../../shared/app/ports/messages.ts';
import type { Clock } from '../../shared/clock.ts';

export interface MemoryMessage<Message> extends SentMessage {
  readonly message: Message;
  readonly visibleAt: Date;
  readonly dequeueCount: number;
}

export interface MemoryQueue<Message> {
  /** What is on the queue now, invisible messages included. */
  readonly messages: readonly MemoryMessage<Message>[];
  /** Everything that was ever sent, in order. */
  readonly sent: readonly { readonly message: Message; readonly delaySeconds: number }[];
  send(message: Message, delaySeconds: number): Promise<SentMessage>;
  /** The messages that are visible now; they stay, locked, until they are removed or the lock ends. */
  receive(lockSeconds?: number): readonly MemoryMessage<Message>[];
  /** Changes when a message comes again; false when the receipt is not its latest. */
  extend(sent: SentMessage, delaySeconds: number): boolean;
  remove(sent: SentMessage): Promise<void>;
}

/** Time is the clock's alone: a test moves it on to make a message visible. */
const createMemoryQueue = <Message>(clock: Pick<Clock, 'now'>): MemoryQueue<Message> => {
  const messages: MemoryMessage<Message>[] = [];
  const sent: { message: Message; delaySeconds: number }[] = [];
  let receipts = 0;
  const nextReceipt = () => `receipt-${++receipts}`;
  const later = (seconds: number) => new Date(clock.now().getTime() + Math.floor(seconds) * 1000);
  const indexOf = ({ messageId, popReceipt }: SentMessage) =>
    messages.findIndex((held) => held.messageId === messageId && held.popReceipt === popReceipt);
  return {
    messages,
    sent,
    send: async (message, delaySeconds) => {
      sent.push({ message, delaySeconds });
      const added = { messageId: `message-${sent.length}`, popReceipt: nextReceipt(), message, dequeueCount: 0 };
      messages.push({ ...added, visibleAt: later(delaySeconds) });
      return { messageId: added.messageId, popReceipt: added.popReceipt };
    },
    receive: (lockSeconds = 600) => {
      const received: MemoryMessage<Message>[] = [];
      for (const [index, held] of messages.entries()) {
        if (held.visibleAt > clock.now()) continue;
        const locked = {
          popReceipt: nextReceipt(),
          visibleAt: later(lockSeconds),
          dequeueCount: held.dequeueCount + 1,
        };
        messages[index] = { ...held, ...locked };
        received.push({ ...held, ...locked });
      }
      return received;
    },
    extend: (message, delaySeconds) => {
      const index = indexOf(message);
      const held = messages[index];
      if (held !== undefined) messages[index] = { ...held, popReceipt: nextReceipt(), visibleAt: later(delaySeconds) };
      return held !== undefined;
    },
    remove: async (message) => {
      const index = indexOf(message);
      if (index >= 0) messages.splice(index, 1);
    },
  };
};

export type MemoryDeliveryQueue = Omit<MemoryQueue<DeliveryMessage>, 'send'> & {
  send(message: DeliveryMessage, delaySeconds: number): Promise<void>;
};

export const createMemoryDeliveryQueue = (clock: Pick<Clock, 'now'>): MemoryDeliveryQueue => {
  const queue = createMemoryQueue<DeliveryMessage>(clock);
  return {
    ...queue,
    send: async (message, delaySeconds) => {
      await queue.send(message, delaySeconds);
    },
  };
};

export const createMemoryWorkQueue = (clock: Pick<Clock, 'now'>): MemoryQueue<WorkMessage> =>
  createMemoryQueue<WorkMessage>(clock);
