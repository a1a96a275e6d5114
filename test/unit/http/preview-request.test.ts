import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../../shared/domain/errors.ts';
import type { JsonValue } from '../../../shared/domain/json.ts';
import { parsePreviewRequest } from '../../../shared/http/preview-schema.ts';
import { at } from '../../builders.ts';

const now = at('2026-01-01T00:01:00Z');
const triggers = { main: { type: 'schedule', cron: '0 9 * * *', timeZone: 'Europe/Paris' } };

const parse = (body: JsonValue | undefined, maxTriggers = 1) => parsePreviewRequest(body, { maxTriggers, now });

const problemsOf = (body: JsonValue | undefined): unknown => {
  try {
    return parse(body);
  } catch (error) {
    return error instanceof InvalidRequestError ? error.problems.map(({ message }) => message) : error;
  }
};

describe('the body of a preview', () => {
  it('means ten fires from now unless it says otherwise', () => {
    expect(parse({ triggers, count: null, from: null })).toEqual({
      triggers: [
        {
          name: 'main',
          enabled: true,
          trigger: { type: 'schedule', cronExpression: '0 9 * * *', timeZone: 'Europe/Paris' },
        },
      ],
      from: now,
      count: 10,
      now,
    });
  });

  it('may be a whole routine', () => {
    expect(parse({ triggers, action: 5, name: 'daily', enabled: false, next_fire_at: 7 })).toMatchObject({ count: 10 });
  });

  it.each([
    ['2026-11-01T01:30:00-07:00', '2026-11-01T08:30:00.000Z'],
    ['2026-11-01T08:30Z', '2026-11-01T08:30:00.000Z'],
    ['2026-11-01T08:30:00.250Z', '2026-11-01T08:30:00.250Z'],
    [1793521800, '2026-11-01T08:30:00.000Z'],
    [1793521800.25, '2026-11-01T08:30:00.250Z'],
    [0, '1970-01-01T00:00:00.000Z'],
    ['2999-12-31T23:59:59Z', '2999-12-31T23:59:59.000Z'],
  ])('from %j begins at %s', (from, instant) => {
    expect(parse({ triggers, from }).from.toISOString()).toBe(instant);
  });

  it.each<[JsonValue]>([
    ['2026-11-01T08:30:00'],
    ['2026-02-30T08:30:00Z'],
    ['1969-12-31T23:59:59Z'],
    ['3000-01-01T00:00:00Z'],
    ['10m'],
    ['1793521800'],
    [1793521800000],
    [1e300],
    [-1],
    [true],
    [{}],
  ])('from %j is refused', (from) => {
    const message = `from: found ${JSON.stringify(from)}; expected an ISO 8601 instant such as "2026-09-01T09:00:00Z" or unix seconds, from 1970 to 2999`;
    expect(problemsOf({ triggers, from })).toEqual([message]);
  });

  it.each([1, 100])('count %i is enough', (count) => {
    expect(parse({ triggers, count }).count).toBe(count);
  });

  it.each<[JsonValue]>([[0], [101], [1.5], ['3'], [-1]])('count %j is refused', (count) => {
    expect(problemsOf({ triggers, count })).toEqual([
      `count: found ${JSON.stringify(count)}; expected a whole number from 1 to 100`,
    ]);
  });

  it('is refused with all its problems, those of the triggers as in a PUT', () => {
    expect(problemsOf({ triggers: { a: { type: 'cron' }, b: triggers.main }, from: 'x', count: 0 })).toEqual([
      expect.stringMatching(/^triggers\.a\.type: /),
      expect.stringMatching(/^triggers: found 2; expected exactly one trigger$/),
      expect.stringMatching(/^from: found "x"/),
      expect.stringMatching(/^count: found 0/),
    ]);
  });

  it.each<[JsonValue | undefined, string]>([
    [undefined, 'body: missing; expected a JSON object with triggers'],
    [[], 'body: found []; expected a JSON object with triggers'],
    [{}, 'triggers: missing; expected an object with exactly one trigger by name'],
  ])('%j is refused', (body, message) => {
    expect(problemsOf(body)).toEqual([message]);
  });
});
