/**
 * The cases of test/data/cron-vectors.json that our rules answer differently, each with the reason. Every other case
 * is run as it stands; a line here that matches no case fails the test.
 */
export interface VectorException {
  readonly expression: string;
  readonly zone: string;
  readonly from: string;
  /** Tells two cases apart that ask the same and expect something else. */
  readonly firstExpected?: string;
  readonly reason: string;
}

const eitherDayField = 'both day fields restricted: either one fires here, the source wants both';
const starIsOpen = 'a day field that starts with * is not restricted: here both must match, the source fires on either';
const atGapEnd = 'a fixed time in the gap fires at its end here, the source skips it';
const shifted = 'a fixed time in the gap fires at its end here, the source moves it by the length of the gap';
const intervalSkips = 'an interval is skipped in the gap here, the source adds a fire at its end';
const wraps = 'a range around the end is accepted here, the dialect of the source has none';

export const vectorExceptions: readonly VectorException[] = [
  { expression: '1 0 2 1 0', zone: 'Europe/London', from: '2004-01-01T00:00:05Z', reason: eitherDayField },
  { expression: '0 0 1 * mon', zone: 'UTC', from: '2010-01-25T00:00:00Z', reason: eitherDayField },
  { expression: '47 17 09 12 5', zone: 'America/New_York', from: '2016-10-01T03:59:59Z', reason: eitherDayField },
  { expression: '47 17 09 DEC FRI', zone: 'America/New_York', from: '2016-07-05T03:59:59Z', reason: eitherDayField },
  {
    expression: '40-50 15-20 5-10 11,12 5,6,7',
    zone: 'America/New_York',
    from: '2016-12-12T02:49:59Z',
    reason: eitherDayField,
  },
  { expression: '05 18 13 01 05', zone: 'America/New_York', from: '2016-01-01T04:59:59Z', reason: eitherDayField },
  { expression: '05 18 13 * 05', zone: 'America/New_York', from: '2016-09-01T03:59:59Z', reason: eitherDayField },
  { expression: '05 18 13 * 05', zone: 'America/New_York', from: '2017-02-01T04:59:59Z', reason: eitherDayField },
  { expression: '5 5 5 5 5', zone: 'America/New_York', from: '2017-05-05T09:05:00Z', reason: eitherDayField },

  { expression: '0 0 */5 Apr,Aug,Oct Mon', zone: 'UTC', from: '2012-07-09T23:35:00Z', reason: starIsOpen },
  {
    expression: '0 16 */2 * sat',
    zone: 'UTC',
    from: '2023-05-02T00:00:00Z',
    firstExpected: '2023-05-03T16:00:00Z',
    reason: starIsOpen,
  },

  { expression: '30 2 11 Mar ?', zone: 'America/New_York', from: '2012-03-11T05:00:00Z', reason: atGapEnd },
  { expression: '0 2 * * ?', zone: 'America/New_York', from: '2012-03-11T05:00:00Z', reason: atGapEnd },
  { expression: '0 2 * * *', zone: 'America/New_York', from: '2025-03-08T12:00:00Z', reason: atGapEnd },
  { expression: '30 2 * * *', zone: 'America/New_York', from: '2025-03-09T06:00:00Z', reason: shifted },
  { expression: '30 1 * * *', zone: 'Antarctica/Troll', from: '2026-03-27T12:00:00Z', reason: shifted },
  { expression: '30 1 * * *', zone: 'Antarctica/Troll', from: '2026-03-28T12:00:00Z', reason: shifted },
  { expression: '30 2 * * *', zone: 'Antarctica/Troll', from: '2026-03-28T12:00:00Z', reason: shifted },

  { expression: '30 * * * *', zone: 'Asia/Amman', from: '2018-03-29T21:45:00Z', reason: intervalSkips },
  { expression: '*/30 */2 * * *', zone: 'America/New_York', from: '2016-03-13T06:58:59Z', reason: intervalSkips },
  { expression: '*/30 2 * * *', zone: 'America/New_York', from: '2016-03-13T06:58:59Z', reason: intervalSkips },
  { expression: '*/30 2 13 03 *', zone: 'America/New_York', from: '2016-03-13T06:58:59Z', reason: intervalSkips },
  { expression: '*/30 2 13 03 *', zone: 'America/New_York', from: '2016-03-13T06:59:00Z', reason: intervalSkips },
  { expression: '0 */2 * * *', zone: 'America/New_York', from: '2016-03-13T06:58:59Z', reason: intervalSkips },
  { expression: '0 */2 * * *', zone: 'America/New_York', from: '2016-03-13T05:00:00Z', reason: intervalSkips },
  { expression: '1-58 */2 * * *', zone: 'America/New_York', from: '2016-03-13T06:58:00Z', reason: intervalSkips },

  {
    expression: '30 1 04 Nov ?',
    zone: 'America/New_York',
    from: '2012-11-04T05:45:00Z',
    reason: 'a fixed time that comes twice fires the first time here, the source fires both times',
  },
  {
    expression: '*/20 3 * * *',
    zone: 'Europe/Athens',
    from: '2016-10-29T23:00:01Z',
    reason: 'a step in the minute makes it an interval here, which fires in both hours; the source looks at the hour',
  },
  {
    expression: '0 * * * *',
    zone: 'America/New_York',
    from: '2025-11-02T04:30:00Z',
    reason: 'an interval fires in both hours here, the source is silent in the second',
  },

  { expression: '50-40/5 * * * *', zone: 'UTC', from: '2025-01-01T00:00:00Z', reason: wraps },
  { expression: '0 17-9 * * *', zone: 'UTC', from: '2025-01-01T00:00:00Z', reason: wraps },
  { expression: '* 2-1 * * *', zone: 'UTC', from: '2025-01-01T00:00:00Z', reason: wraps },
  { expression: '* 2-0 * * *', zone: 'UTC', from: '2025-01-01T00:00:00Z', reason: wraps },
  {
    expression: '? ? ? ? ?',
    zone: 'America/New_York',
    from: '2016-12-09T21:45:59Z',
    reason: 'a question mark belongs in a day field here, the source takes it anywhere',
  },
];
