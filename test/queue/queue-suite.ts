import { describe, expect, test } from 'vitest';
import type { DeliveryMessage, SentMessage, WorkMessage } from '../../shared/app/ports/messages.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { at, projectName, routineName, triggerName } from '../builders.ts';

/** A queue as its receiver sees it. */
export interface ReceivingEnd {
  /** The messages that are visible now. */
  receive(): Promise<readonly unknown[]>;
  /** The same after up to that many seconds, as soon as there is one. */
  receiveWithin(seconds: number): Promise<readonly unknown[]>;
}

const project = projectName('queue');
const routine = routineName('r');

// What every queue does. Each test has a queue of its own.

const sendingSuite = <Message extends { readonly kind: string }>(
  message: Message,
  create: () => Promise<ReceivingEnd & { send(message: Message, delaySeconds: number): Promise<unknown> }>,
): unknown =>
  describe(`a ${message.kind} message`, () => {
    test('without a delay is received as it was sent', async () => {
      const queue = await create();
      await queue.send(message, 0);
      expect(await queue.receive()).toEqual([message]);
      expect(await queue.receive()).toEqual([]);
    });

    test('with a delay is received when its whole seconds are over', async () => {
      const queue = await create();
      await queue.send(message, 12.9);
      expect(await queue.receive()).toEqual([]);
      expect(await queue.receiveWithin(12)).toEqual([message]);
    });
  });

export const deliveryQueueSuite = (
  create: () => Promise<ReceivingEnd & { send(message: DeliveryMessage, delaySeconds: number): Promise<void> }>,
): void => {
  sendingSuite({ kind: 'fire', project, routine, trigger: triggerName('main'), nominal: 1_780_297_200_000 }, create);
  const runId = dispatchRunId(at('2026-01-01T00:00:00Z'), '0123456789abcdef0123');
  sendingSuite({ kind: 'dispatch', project, routine, runId, sentAt: 1 }, create);
};

export const workQueueSuite = (
  create: () => Promise<
    ReceivingEnd & {
      send(message: WorkMessage, delaySeconds: number): Promise<SentMessage>;
      remove(sent: SentMessage): Promise<void>;
    }
  >,
): void => {
  const message: WorkMessage = { kind: 'reconcile', project, routine, generation: 3, again: true };
  sendingSuite(message, create);

  test('a message that its sender takes back is never received', async () => {
    const queue = await create();
    const sent = await queue.send(message, 1);
    await queue.send({ ...message, generation: 4 }, 1);
    await queue.remove(sent);
    expect(await queue.receiveWithin(1)).toEqual([{ ...message, generation: 4 }]);
  });

  test('taking back what is gone, or was received since, does no harm', async () => {
    const queue = await create();
    const [gone, received] = [await queue.send(message, 0), await queue.send(message, 0)];
    await queue.remove(gone);
    await queue.remove(gone);
    expect(await queue.receive()).toEqual([message]);
    await queue.remove(received);
  });
};
