import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseNcrontab } from '../../local/host/ncrontab.ts';
import { openTimerStatusStore, resumeStatus, statusAfter } from '../../local/host/timer-status.ts';
import { aFolder } from './host-process.ts';

const hourly = parseNcrontab('0 0 * * * *');
const at = (time: string): Date => new Date(`2026-11-22T${time}:00Z`);

describe('a timer that is started again', () => {
  const stored = { last: at('08:00'), next: at('09:00'), lastUpdated: at('08:00') };

  it('waits for its next occurrence when none was missed', () => {
    expect(resumeStatus(stored, at('08:30'), hourly)).toEqual({ status: stored, isPastDue: false });
  });

  it('is past due, once, when occurrences were missed', () => {
    expect(resumeStatus(stored, at('12:30'), hourly)).toEqual({ status: stored, isPastDue: true });
    expect(statusAfter(at('12:30'), hourly)?.next).toEqual(at('13:00'));
  });

  it('is past due when it never ran and its first occurrence was missed', () => {
    const waiting = { last: null, next: at('09:00'), lastUpdated: at('08:10') };
    expect(resumeStatus(waiting, at('09:30'), hourly).isPastDue).toBe(true);
  });

  it('starts afresh when its schedule has changed', () => {
    const halfPast = parseNcrontab('0 30 * * * *');
    expect(resumeStatus(stored, at('12:40'), halfPast)).toEqual({
      status: { last: null, next: at('13:30'), lastUpdated: at('12:40') },
      isPastDue: false,
    });
  });
});

describe('the timer status file', () => {
  const status = { last: at('08:00'), next: at('09:00'), lastUpdated: at('08:00') };

  it('gives back what was written, also to the next host', () => {
    const file = join(aFolder(), 'status.json');
    openTimerStatusStore(file, () => undefined).write('tick', status);
    expect(openTimerStatusStore(file, () => undefined).read('tick')).toEqual(status);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('tick.last', '2026-11-22T08:00:00.000Z');
  });

  it('counts as empty, with a warning, when it is damaged', () => {
    const file = join(aFolder(), 'status.json');
    writeFileSync(file, '{"tick": {"next": "never"}}');
    const lines: string[] = [];
    expect(openTimerStatusStore(file, (line) => lines.push(line.level)).read('tick')).toBeUndefined();
    expect(lines).toEqual(['warning']);
  });

  it('costs only the memory of the next host, with an error, when it can not be written', () => {
    const lines: string[] = [];
    const store = openTimerStatusStore(join(aFolder(), 'missing', 'status.json'), (line) => lines.push(line.level));
    store.write('tick', status);
    expect([store.read('tick'), lines]).toEqual([status, ['error']]);
  });
});
