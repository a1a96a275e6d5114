import { describe, expect, test } from 'vitest';
import { InvalidMessageError } from '../../shared/storage/queues/messages.ts';
import type { PutBack, PutBackResult } from '../../shared/storage/queues/put-back.ts';
import { parseReceipt } from '../../shared/storage/queues/receipt.ts';
import { PutBackNotice, settle } from '../../shared/storage/queues/settle.ts';

const message = { messageId: 'm', popReceipt: 'p', dequeueCount: 1, body: { kind: 'fire', newer: 1 } };

const puttingBack = (result: PutBackResult) => {
  const calls: unknown[] = [];
  const seen =
    <Result>(name: string, answer: Result) =>
    async (...call: readonly unknown[]): Promise<Result> => {
      calls.push([name, ...call]);
      return answer;
    };
  const putBack: PutBack = {
    retry: seen('retry', result),
    delay: seen('delay', undefined),
    toPoison: seen('to poison', undefined),
  };
  return { calls, putBack };
};

describe('a delivery that came to rest', () => {
  test('and is done lets the platform delete the message', async () => {
    const { calls, putBack } = puttingBack('extended');
    await settle(putBack, message, { kind: 'done', reason: 'poisoned' });
    expect(calls).toEqual([]);
  });

  test('and is left locked makes the platform keep the message as it is', async () => {
    const { calls, putBack } = puttingBack('copied');
    await expect(settle(putBack, message, { kind: 'left_locked' })).rejects.toThrow(PutBackNotice);
    expect(calls).toEqual([]);
  });

  const retry = { kind: 'put_back', reason: 'backing_off', delaySeconds: 7, isRetry: true } as const;
  const delay = { ...retry, reason: 'leased', isRetry: false } as const;

  test('and is retried makes the platform keep the message, with one line in the log', async () => {
    const { calls, putBack } = puttingBack('extended');
    const text = 'Not an error: the message comes again in 7 s (backing_off).';
    const thrown = await settle(putBack, message, retry).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(PutBackNotice);
    expect(thrown).toMatchObject({ message: text, stack: `PutBackNotice: ${text}` });
    expect(calls).toEqual([['retry', message, 7]]);
  });

  test('and is retried as a copy lets the platform delete the message', async () => {
    const { calls, putBack } = puttingBack('copied');
    await settle(putBack, message, retry);
    expect(calls).toEqual([['retry', message, 7]]);
  });

  test('and is delayed is a new message, and no failure', async () => {
    const { calls, putBack } = puttingBack('extended');
    await settle(putBack, message, delay);
    expect(calls).toEqual([['delay', message, 7]]);
  });

  test('and is delayed keeps all that the message says, with its marks', async () => {
    const { calls, putBack } = puttingBack('extended');
    await settle(putBack, message, { ...delay, marks: { again: true, aside: 2 } });
    expect(calls).toEqual([['delay', { ...message, body: { kind: 'fire', newer: 1, again: true, aside: 2 } }, 7]]);
  });

  test('and has ended its process too often goes to poison', async () => {
    const { calls, putBack } = puttingBack('extended');
    await settle(putBack, message, { kind: 'to_poison', reason: 'died' });
    expect(calls).toEqual([['to poison', message]]);
  });
});

const metadata = { id: 'm', popReceipt: 'p', dequeueCount: 2 };

test.each([2, '2'])('a receipt is read of the metadata of a trigger whose count is %j', (dequeueCount) => {
  const receipt = { messageId: 'm', popReceipt: 'p', dequeueCount: 2 };
  expect(parseReceipt({ ...metadata, dequeueCount, queueTrigger: '{}' })).toEqual(receipt);
});

test.each([
  [{ id: '' }, 'id'],
  [{ popReceipt: '' }, 'popReceipt'],
  [{ dequeueCount: 0 }, 'dequeueCount'],
  [{ dequeueCount: 1.5 }, 'dequeueCount'],
  [{ id: 7, dequeueCount: 'many' }, 'id, dequeueCount'],
])('a field of the message that hides its receipt is named: %j', (hiding, fields) => {
  const parse = () => parseReceipt({ ...metadata, ...hiding });
  expect(parse).toThrow(InvalidMessageError);
  expect(parse).toThrow(`Trigger metadata cannot be read: ${fields}; a field of that name in the message?`);
});
