import { createTimings } from '../shared/app/create-timings.ts';
import type { ServiceSettings } from '../shared/app/settings.ts';
import type { Timings } from '../shared/app/timings.ts';

/** As if no look at accepted work had found its end: what is tested begins with the first poll. */
export const withoutLooks: Timings = { ...createTimings(1), lookDelaysSeconds: [] };

/** The service's settings in every test world; one that is about a setting names it. */
export const serviceSettings = (over: Partial<ServiceSettings> = {}): ServiceSettings => ({
  window: { lookaheadSeconds: 300, misfireGraceSeconds: 300 },
  minIntervalSeconds: 300,
  agentValidation: 'off',
  retryPolicy: { maxAttempts: 3, backoffInitialSeconds: 1, backoffMaxSeconds: 5 },
  attemptTimeoutSeconds: 30,
  runDeadlineSeconds: 600,
  timings: createTimings(1),
  ...over,
});
