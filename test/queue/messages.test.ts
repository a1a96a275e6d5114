import { describe, expect, test } from 'vitest';
import {
  encodeMessage,
  InvalidMessageError,
  parseDeliveryMessage,
  parseWorkMessage,
  toMessageText,
  toVisibilitySeconds,
} from '../../shared/storage/queues/messages.ts';

const fire = { kind: 'fire', project: 'p', routine: 'r', trigger: 't', nominal: 1_780_297_200_000 };
const dispatch = {
  ...{ kind: 'dispatch', project: 'p', routine: 'r', sentAt: 1 },
  runId: '019e81fb-7180-8012-b456-789abcdef012',
};
const poll = { kind: 'poll', project: 'p', routine: 'r', runId: dispatch.runId, poll: 1 };
const reconcile = { kind: 'reconcile', project: 'p', routine: 'r', generation: 0 };
const found = { routines: 1, lostRuns: 2, repairedSchedules: 3, unreadableRoutines: 4 };
const scan = { kind: 'scan', startedAt: 1, found };

describe('a message of this service', () => {
  test.each([fire, dispatch, poll])('for the delivery queue is read as it was written: $kind', (message) => {
    expect(parseDeliveryMessage(message)).toEqual(message);
    expect(parseDeliveryMessage(JSON.stringify(message))).toEqual(message);
  });

  const nextChunk = { ...scan, after: { project: 'p', routine: 'r' } };
  const firstChunk = { ...scan, found: { routines: 0, lostRuns: 0, repairedSchedules: 0, unreadableRoutines: 0 } };
  test.each([reconcile, { ...reconcile, again: true }, firstChunk, scan, nextChunk])(
    'for the work queue is read as it was written',
    (message) => {
      expect(parseWorkMessage(message)).toEqual(message);
    },
  );

  test('may carry what a newer version added, and keeps it', () => {
    expect(parseDeliveryMessage({ ...fire, new: 1 })).toEqual({ ...fire, new: 1 });
  });
});

test.each<[string, unknown, string]>([
  ['a text that is no JSON', 'hello', 'Queue message cannot be read: it is no JSON'],
  ['nothing', undefined, 'message: '],
  ['another kind', { ...fire, kind: 'weekly' }, 'kind: '],
  ['a message of the other queue', reconcile, 'kind: '],
  ['a field that is missing', { ...fire, nominal: undefined }, 'nominal: '],
  ['an instant that is none', { ...fire, nominal: 1.5 }, 'nominal: '],
  ['an instant before all others', { ...fire, nominal: -1 }, 'nominal: '],
  ['an instant that no date can hold', { ...fire, nominal: 8_640_000_000_000_001 }, 'nominal: '],
  ['a name that is none', { ...fire, routine: 'a/b' }, 'routine: expected a routine name'],
  ['a run id that is none', { ...dispatch, runId: 'x' }, 'runId: expected a run id'],
  ['a poll before the first', { ...poll, poll: 0 }, 'poll: '],
  ['half a poll', { ...poll, poll: 1.5 }, 'poll: '],
])('%s is refused with the reason', (_what, body, reason) => {
  expect(() => parseDeliveryMessage(body)).toThrow(InvalidMessageError);
  expect(() => parseDeliveryMessage(body)).toThrow(reason);
});

test.each<[string, unknown, string]>([
  ['a message of the other queue', fire, 'kind: '],
  ['a generation that is none', { ...reconcile, generation: -1 }, 'generation: '],
  ['a count that is none', { ...scan, found: { ...found, lostRuns: -1 } }, 'found.lostRuns: '],
])('%s is refused by the work queue with the reason', (_what, body, reason) => {
  expect(() => parseWorkMessage(body)).toThrow(InvalidMessageError);
  expect(() => parseWorkMessage(body)).toThrow(reason);
});

test('the latest instant that a date can hold is one', () => {
  const latest = { ...fire, nominal: 8_640_000_000_000_000 };
  expect(parseDeliveryMessage(latest)).toEqual(latest);
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
