import { createTimings } from '../shared/app/create-timings.ts';
import type { ServiceSettings } from '../shared/app/settings.ts';

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
