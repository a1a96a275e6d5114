import { describe, expect, it } from 'vitest';
import { nextPollDelay } from '../../local/host/poll-delay.ts';
import { decodeMessage, toTriggerMetadata } from '../../local/host/queue-message.ts';

const message = {
  messageId: 'the-id',
  popReceipt: 'the-receipt',
  messageText: '',
  dequeueCount: 2,
  insertedOn: new Date('2026-11-22T10:00:00Z'),
  expiresOn: new Date('2026-11-29T10:00:00Z'),
  nextVisibleOn: new Date('2026-11-22T10:10:00Z'),
};

describe('trigger metadata', () => {
  it('describes the message', () => {
    expect(toTriggerMetadata(message, 'text')).toEqual({
      QueueTrigger: { string: 'text' },
      DequeueCount: { json: '2' },
      ExpirationTime: { json: '"2026-11-29T10:00:00.000Z"' },
      Id: { string: 'the-id' },
      InsertionTime: { json: '"2026-11-22T10:00:00.000Z"' },
      NextVisibleTime: { json: '"2026-11-22T10:10:00.000Z"' },
      PopReceipt: { string: 'the-receipt' },
    });
  });

  it('is overlaid by the fields of a JSON object, in any case, except lists and nulls', () => {
    const body = JSON.stringify({ dequeuecount: 9, name: 'n', yes: true, deep: { a: 1 }, list: [1], none: null });
    const metadata = toTriggerMetadata(message, body);
    expect(metadata).toMatchObject({
      DequeueCount: { string: '9' },
      name: { string: 'n' },
      yes: { string: 'True' },
      deep: { json: '{"a":1}' },
    });
    expect(Object.keys(metadata)).not.toContain('list');
    expect(Object.keys(metadata)).not.toContain('none');
  });
});

describe('a message text', () => {
  it.each([
    ['base64', 'eyJhIjoxfQ==', '{"a":1}'],
    ['base64', '{"a":1}', undefined],
    ['base64', 'eyJhIjox', '{"a":1'],
    ['base64', 'abc', undefined],
    ['none', 'eyJh', 'eyJh'],
  ] as const)('in %s, %s is %s', (encoding, text, decoded) => {
    expect(decodeMessage(text, encoding)).toBe(decoded);
  });
});

describe('the wait between polls', () => {
  it('starts at 100 ms and grows to the maximum, spread by 20 %', () => {
    const waits = (random: number) =>
      [1, 2, 3, 4, 5, 20].map((polls) => Math.round(nextPollDelay(polls, random, 2_000)));
    expect(waits(0)).toEqual([100, 180, 260, 420, 740, 2000]);
    expect(waits(0.5)).toEqual([100, 200, 300, 500, 900, 2000]);
    expect(waits(1)).toEqual([100, 220, 340, 580, 1060, 2000]);
  });
});
