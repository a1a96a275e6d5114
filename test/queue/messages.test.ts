import { describe, expect, test } from 'vitest';
import {
  encodeMessage,
  InvalidMessageError,
  parseDeliveryMessage,
  parseWorkMessage,
  toMessageText,
  toVisibilitySeconds,
} from '../../shared/queue/messages.ts';

const fire = { kind: 'fire', project: 'p', routine: 'r', trigger: 't', nominal: 1_780_297_200_000 };
const dispatch = {
  ...{ kind: 'dispatch', project: 'p', routine: 'r', sentAt: 1 },
  runId: '019e81fb-7180-8012-b456-789abcdef012',
};
const poll = { kind: 'poll', project: 'p', routine: 'r', runId: dispatch.runId, poll: 1 };
const reconcile = { kind: 'reconcile', project: 'p', routine: 'r', generation: 0 };

describe('a message of this service', () => {
  test.each([fire, dispatch, poll])('for the delivery queue is read as it was written: $kind', (message) => {
    expect(parseDeliveryMessage(message)).toEqual(message);
    expect(parseDeliveryMessage(JSON.stringify(message))).toEqual(message);
  });

  const found = { routines: 1, lostRuns: 2, repairedSchedules: 3, unreadableRoutines: 4 };
  const scan = { kind: 'scan', startedAt: 1, found };
  const nextChunk = { ...scan, after: { project: 'p', routine: 'r' } };
  test.each([reconcile, { ...reconcile, again: true }, scan, nextChunk])(
    'for the work queue is read as it was written',
    (message) => {
      expect(parseWorkMessage(message)).toEqual(message);
    },
  );

  test('may carry what a newer version added', () => {
    expect(parseDeliveryMessage({ ...fire, new: 1 })).toEqual(fire);
  });
});

test.each<[string, unknown, string]>([
  ['a text that is no JSON', 'hello', 'Queue message cannot be read: it is no JSON'],
  ['nothing', undefined, 'message: '],
  ['another kind', { ...fire, kind: 'weekly' }, 'kind: '],
  ['a message of the other queue', reconcile, 'kind: '],
  ['a field that is missing', { ...fire, nominal: undefined }, 'nominal: '],
  ['an instant that is none', { ...fire, nominal: 1.5 }, 'nominal: '],
  ['an instant that no date can hold', { ...fire, nominal: 8_640_000_000_000_001 }, 'nominal: '],
  ['a name that is none', { ...fire, routine: 'a/b' }, 'routine: expected a routine name'],
  ['a run id that is none', { ...dispatch, runId: 'x' }, 'runId: expected a run id'],
])('%s is refused with the reason', (_what, body, reason) => {
  expect(() => parseDeliveryMessage(body)).toThrow(InvalidMessageError);
  expect(() => parseDeliveryMessage(body)).toThrow(reason);
});

test('the wire text is base64 of the JSON, and only an object has one', () => {
  expect(encodeMessage(fire)).toBe(Buffer.from(JSON.stringify(fire)).toString('base64'));
  expect(() => encodeMessage('text')).toThrow('Queue message "text": expected an object');
});

test('the largest message is far from what the wire takes', () => {
  const name = 'n'.repeat(128);
  const text = encodeMessage({ ...fire, project: name, routine: name, trigger: name });
  expect(text.length).toBeLessThan(1_000);
});

test('a message as text is what stood on the queue', () => {
  expect(toMessageText('hello')).toBe('hello');
  expect(toMessageText(fire)).toBe(JSON.stringify(fire));
});

test.each([
  [-1, 0],
  [0, 0],
  [0.9, 0],
  [29.99, 29],
  [604_800, 604_800],
  [1e9, 604_800],
])('a delay of %d s is %d whole seconds on the queue', (delaySeconds, expected) => {
  expect(toVisibilitySeconds(delaySeconds)).toBe(expected);
});
