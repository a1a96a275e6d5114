import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolveTimeZone, unknownTimeZoneMessage } from '../../../shared/domain/time/time-zone.ts';
import { renderWindowsZones } from '../../../shared/domain/time/windows-zones.generate.ts';
import { windowsZones } from '../../../shared/domain/time/windows-zones.ts';

describe('a known id', () => {
  it.each([
    ['Europe/Paris', 'Europe/Paris'],
    ['europe/PARIS', 'Europe/Paris'],
    ['UTC', 'UTC'],
    ['Etc/GMT+5', 'Etc/GMT+5'],
    ['US/Pacific', 'America/Los_Angeles'],
    ['Pacific Standard Time', 'America/Los_Angeles'],
    ['pacific standard time', 'America/Los_Angeles'],
    ['W. Europe Standard Time', 'Europe/Berlin'],
    ['UTC-11', 'Etc/GMT+11'],
  ])('%s is the zone %s', (id, zone) => {
    expect(resolveTimeZone(id)).toBe(zone);
  });

  it('may be any zone or link of the IANA database, new names too', () => {
    for (const zone of [...Intl.supportedValuesOf('timeZone'), 'Europe/Kyiv', 'Asia/Kolkata', 'EST', 'CET', 'PRC']) {
      expect(resolveTimeZone(zone), zone).not.toBeNull();
    }
  });

  it('may be any of the 139 Windows ids', () => {
    expect(windowsZones.size).toBe(139);
    for (const id of windowsZones.keys()) expect(resolveTimeZone(id), id).not.toBeNull();
  });
});

describe('an unknown id', () => {
  it.each(['', 'Mars/Base', '+05:30', '-08:00', 'Z', 'GMT+5', 'BST', 'IST', 'pst', ' UTC', 'x'.repeat(10_000)])(
    '"%s" is refused',
    (id) => {
      expect(resolveTimeZone(id)).toBeNull();
    },
  );

  it.each([
    ['Europe/Pariss', 'did you mean Europe/Paris?'],
    ['New York', 'did you mean America/New_York?'],
    ['Pacific Standart Time', 'did you mean Pacific Standard Time?'],
  ])('%s is answered with the id that looks like it', (id, hint) => {
    expect(unknownTimeZoneMessage(id)).toBe(
      `Time zone "${id}" is unknown, expected an IANA name such as Europe/Paris or a Windows id; ${hint}`,
    );
  });

  it('is answered without a hint when nothing looks like it', () => {
    expect(unknownTimeZoneMessage('Qqqq/Xxxx')).not.toContain('did you mean');
  });

  it('is not repeated when it is long', () => {
    expect(unknownTimeZoneMessage('x'.repeat(10_000))).toBe('Time zone has 10000 characters, expected at most 100');
  });
});

it('the Windows table is what its generator writes', () => {
  const file = new URL('../../../shared/domain/time/windows-zones.ts', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(renderWindowsZones());
});
