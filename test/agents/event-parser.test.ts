import { expect, test } from 'vitest';
import { createEventParser, type ServerSentEvent } from '../../shared/agents/answers/event-parser.ts';

const parse = (chunks: readonly string[], maxLength = 1000): readonly ServerSentEvent[] => {
  const events: ServerSentEvent[] = [];
  const parser = createEventParser(maxLength, (event) => events.push(event));
  for (const chunk of chunks) parser.feed(chunk);
  parser.end();
  return events;
};
const event = (data: string, name = ''): ServerSentEvent => ({ name, data, isTooLong: false });

test.each([
  ['fields with one space, two and none', 'data: a\ndata:  b\ndata:c\n\n', [event('a\n b\nc')]],
  ['data with colons, and without any', 'data: a:b\ndata\n\n', [event('a:b\n')]],
  ['the name of one event only', 'event: x\ndata: a\n\ndata: b\n\n', [event('a', 'x'), event('b')]],
  ['no event without data', 'event: x\n\nid: 1\n\n: note\n\ndata: a\n\n', [event('a')]],
  [
    'every kind of line end',
    'data: a\r\ndata: b\r\n\r\ndata: c\rdata: d\r\rdata: e\n\n',
    [event('a\nb'), event('c\nd'), event('e')],
  ],
  ['a last event that lacks its empty line', 'data: a\n\ndata: b', [event('a'), event('b')]],
  ['an end after a carriage return', 'data: a\r', [event('a')]],
])('reads %s, wherever the stream is cut', (_what, stream, events) => {
  expect(parse([stream])).toEqual(events);
  expect(parse([...stream])).toEqual(events);
  for (let cut = 1; cut < stream.length; cut += 1) {
    expect(parse([stream.slice(0, cut), stream.slice(cut)]), `cut at ${cut}`).toEqual(events);
  }
});

test.each([
  ['line', 'data: 123456789\n'],
  ['number of lines', 'data: 1\ndata: 2\ndata: 3\n'],
  ['number of empty lines', 'data\ndata\ndata\ndata\ndata\ndata\ndata\n'],
  ['comment', ': 123456789012\ndata: a\n'],
  ['second name', 'event: 12345\ndata: a\n'],
])('drops an event whose %s goes beyond the limit, to its end, and keeps its name', (_what, lines) => {
  const stream = `event: x\n${lines}data: more\n\nevent: y\ndata: 12\n\n`;
  const events = [{ name: 'x', data: '', isTooLong: true }, event('12', 'y')];
  expect(parse([stream], 10)).toEqual(events);
  expect(parse([...stream], 10)).toEqual(events);
});

test('keeps what just fits', () => {
  expect(parse(['data: 1234\n\n'], 10)).toEqual([event('1234')]);
});

test('a chunk of nothing does not part a carriage return from its line feed', () => {
  expect(parse(['data: a\r', '', '\ndata: b\n\n'])).toEqual([event('a\nb')]);
});
