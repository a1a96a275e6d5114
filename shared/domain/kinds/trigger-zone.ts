import type { Problem } from '../errors.ts';
import { unknownTimeZoneMessage } from '../time/time-zone.ts';
import type { TriggerContext } from './trigger-kind.ts';

export const defaultTimeZone = 'UTC';

export const zoneProblemOf = (timeZone: string, { path }: TriggerContext): Problem => ({
  code: 'invalid_time_zone',
  message: unknownTimeZoneMessage(timeZone),
  param: `${path}.time_zone`,
});
