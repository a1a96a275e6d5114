import fc from 'fast-check';
import type { OracleSchedule } from './oracle.ts';

/** A cron expression and, made from the same choices but by other means, what it stands for. */
export interface CronCase {
  readonly expression: string;
  readonly schedule: OracleSchedule;
}

interface Piece {
  readonly text: string;
  readonly includes: (value: number) => boolean;
}

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const minutes: Field = { min: 0, max: 59, names: [] };
const hours: Field = { min: 0, max: 23, names: [] };
const daysOfMonth: Field = { min: 1, max: 31, names: [] };
const months: Field = {
  min: 1,
  max: 12,
  names: ['jan', 'Feb', 'MAR', 'apr', 'MAY', 'jun', 'JUL', 'aug', 'SEP', 'oct', 'NOV', 'dec'],
};
const daysOfWeek: Field = { min: 0, max: 6, names: ['sun', 'MON', 'tue', 'Wed', 'thu', 'FRI', 'sat'] };

const value = (field: Field): fc.Arbitrary<number> => fc.integer({ min: field.min, max: field.max });

const spelled = (field: Field, number: number): fc.Arbitrary<string> => {
  const name = field.names[number - field.min];
  const plain = fc.constantFrom(String(number), String(number).padStart(2, '0'));
  return name === undefined ? plain : fc.oneof(plain, fc.constant(name));
};

const one = (field: Field): fc.Arbitrary<Piece> =>
  value(field).chain((number) =>
    spelled(field, number).map((text) => ({ text, includes: (candidate) => candidate === number })),
  );

/** Walks the field like the hand of a clock, from the first value to the last, and notes every step. */
const steps = (field: Field, from: number, to: number, step: number): ReadonlySet<number> => {
  const met = new Set<number>();
  let walked = 0;
  for (let current = from; ; current = current === field.max ? field.min : current + 1) {
    if (walked % step === 0) met.add(current);
    if (current === to) return met;
    walked++;
  }
};

const range = (field: Field): fc.Arbitrary<Piece> =>
  fc
    .tuple(value(field), value(field), fc.option(fc.integer({ min: 1, max: field.max }), { nil: undefined }))
    .chain(([from, to, step]) =>
      fc.tuple(spelled(field, from), spelled(field, to)).map(([first, last]) => {
        const met = steps(field, from, to, step ?? 1);
        return {
          text: `${first}-${last}${step === undefined ? '' : `/${step}`}`,
          includes: (candidate) => met.has(candidate),
        };
      }),
    );

const every = (field: Field): fc.Arbitrary<Piece> =>
  fc.integer({ min: 1, max: field.max }).map((step) => ({
    text: step === 1 ? '*' : `*/${step}`,
    includes: (candidate) => (candidate - field.min) % step === 0,
  }));

const fromOn = (field: Field): fc.Arbitrary<Piece> =>
  fc.tuple(value(field), fc.integer({ min: 1, max: field.max })).map(([from, step]) => ({
    text: `${from}/${step}`,
    includes: (candidate) => candidate >= from && (candidate - from) % step === 0,
  }));

/** 7 is Sunday, and a step from a day of the week goes on to it: 1/2 is Monday, Wednesday, Friday, Sunday. */
const dayOfWeekFromOn: fc.Arbitrary<Piece> = fc
  .tuple(value(daysOfWeek), fc.integer({ min: 1, max: 6 }))
  .map(([from, step]) => ({
    text: `${from}/${step}`,
    includes: (candidate) =>
      [candidate, candidate === 0 ? 7 : candidate].some((day) => day >= from && (day - from) % step === 0),
  }));

const sunday: fc.Arbitrary<Piece> = fc.constant({ text: '7', includes: (candidate) => candidate === 0 });

const list = (pieces: fc.Arbitrary<Piece>): fc.Arbitrary<Piece> =>
  fc.array(pieces, { minLength: 1, maxLength: 3 }).map((parts) => ({
    text: parts.map((part) => part.text).join(','),
    includes: (candidate) => parts.some((part) => part.includes(candidate)),
  }));

const anything: Piece = { text: '*', includes: () => true };
const question: Piece = { text: '?', includes: () => true };

const timeField = (field: Field): fc.Arbitrary<Piece> =>
  fc.oneof(
    { weight: 4, arbitrary: list(one(field)) },
    { weight: 1, arbitrary: fc.constant(anything) },
    { weight: 3, arbitrary: list(fc.oneof(one(field), range(field), every(field), fromOn(field))) },
  );

const dateField = (field: Field, open: number, fromValueOn: fc.Arbitrary<Piece>): fc.Arbitrary<Piece> =>
  fc.oneof(
    { weight: open, arbitrary: fc.constant(anything) },
    { weight: 2, arbitrary: list(fc.oneof(one(field), range(field), every(field), fromValueOn)) },
  );

const startsOpen = ({ text }: Piece): boolean => text.startsWith('*') || text === '?';
const isPlain = ({ text }: Piece): boolean => /^[\d,]+$/.test(text);

/** Any expression that the grammar allows; two of three fire on any date, so that times are what most cases are about. */
export const arbitraryCron: fc.Arbitrary<CronCase> = fc
  .tuple(
    timeField(minutes),
    timeField(hours),
    fc.oneof(
      { weight: 9, arbitrary: dateField(daysOfMonth, 6, fromOn(daysOfMonth)) },
      { weight: 1, arbitrary: fc.constant(question) },
    ),
    dateField(months, 8, fromOn(months)),
    fc.oneof(
      { weight: 8, arbitrary: dateField(daysOfWeek, 6, dayOfWeekFromOn) },
      { weight: 1, arbitrary: fc.constant(question) },
      { weight: 1, arbitrary: sunday },
    ),
  )
  .map(([minute, hour, dayOfMonth, month, dayOfWeek]) => ({
    expression: [minute, hour, dayOfMonth, month, dayOfWeek].map((piece) => piece.text).join(' '),
    schedule: {
      minute: minute.includes,
      hour: hour.includes,
      dayOfMonth: dayOfMonth.includes,
      month: month.includes,
      dayOfWeek: dayOfWeek.includes,
      needsBothDayFields: startsOpen(dayOfMonth) || startsOpen(dayOfWeek),
      isFixedTime: isPlain(minute) && isPlain(hour),
    },
  }));
