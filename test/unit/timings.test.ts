import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTimings } from '../../shared/app/create-timings.ts';
import { bounds, type Timings, unscaledTimings } from '../../shared/app/timings.ts';
import { ConfigError, parseConfig } from '../../shared/config.ts';

/** The timings with some of them wrong. */
const timingsWith = (over: Partial<Timings>) => () => createTimings(1, { ...unscaledTimings, ...over });
const agentTimings = (over: Partial<Timings['agents']>): Partial<Timings> => ({
  agents: { ...unscaledTimings.agents, ...over },
});
const storageTimings = (over: Partial<Timings['storage']>): Partial<Timings> => ({
  storage: { ...unscaledTimings.storage, ...over },
});

describe('the timings', () => {
  it('fit together', () => {
    expect(createTimings(1)).toEqual(unscaledTimings);
  });

  it.each<[string, Partial<Timings>, string]>([
    ['storageDeadlineSeconds', { giveUpSeconds: 10 }, 'giveUpSeconds'],
    ['giveUpSeconds', { giveUpSeconds: 30 }, 'reconcileDelaySeconds'],
    ['reconcileDelaySeconds', { settledSeconds: 60 }, 'settledSeconds'],
    ['dispatchDelaySeconds', { dispatchDelaySeconds: 30 }, 'sendAgainAfterSeconds'],
    ['sendAgainAfterSeconds', { sendAgainAfterSeconds: 60 }, 'dispatchGraceSeconds'],
    ['watchEverySeconds', { letGoSeconds: 25 }, 'letGoSeconds'],
    ['longestAttemptSeconds', { pollMarginSeconds: 265 }, 'pollMarginSeconds'],
    ['longestFirstPollDelaySeconds', { firstPollDelaysSeconds: [2, 15] }, 'laterPollDelaySeconds'],
    ['laterPollDelaySeconds', { laterPollDelaySeconds: 60 }, 'maxAskedPollDelaySeconds'],
    ['laterPollDelaySeconds', { longestPollDelaySeconds: 15 }, 'longestPollDelaySeconds'],
    ['busyDelaySeconds', { busyDelaySeconds: 60 }, 'maxBusyDelaySeconds'],
    ['beforeRecordSeconds', { beforeRecordSeconds: 15 }, 'leaseMarginSeconds'],
    ['watchEverySeconds', { watchEverySeconds: 15, letGoSeconds: 60 }, 'leaseMarginSeconds'],
    ['writeAgainAfterSeconds', { writeAgainAfterSeconds: 2 }, 'recordMarginSeconds'],
    ['recordMarginSeconds', { recordMarginSeconds: 15 }, 'leaseMarginSeconds'],
    ['waitInProcessSeconds', { waitInProcessSeconds: 15 }, 'leaseMarginSeconds'],
    ['leaseMarginSeconds', { leaseMarginSeconds: 40 }, 'handlerLimitSeconds'],
    ['tickLimitSeconds', { tickLimitSeconds: 290 }, 'functionTimeoutSeconds'],
    ['replayLimitSeconds', { replayLimitSeconds: 220 }, 'httpTimeoutSeconds'],
    ['maxClockAheadSeconds', { maxClockAheadSeconds: 61 }, 'leastGraceSeconds'],
    ['timerPauseSeconds', { maxTickAgeSeconds: 120 }, 'maxTickAgeSeconds'],
    ['timerPauseSeconds', { maxLagSeconds: 120 }, 'maxLagSeconds'],
    ['lostAfterSeconds', { lookBackSeconds: 86_400 }, 'lookBackSeconds'],
    [
      'all delays of a storage call',
      storageTimings({ firstRetryDelaySeconds: 4, maxRetryDelaySeconds: 4 }),
      'storageDeadlineSeconds',
    ],
    ['rememberMissingSeconds', agentTimings({ rememberMissingSeconds: 60 }), 'rememberUsableSeconds'],
    ['leastTokenLifeSeconds', agentTimings({ leastTokenLifeSeconds: 300 }), 'refreshBeforeExpirySeconds'],
    ['tokenTimeoutSeconds', agentTimings({ tokenTimeoutSeconds: 60 }), 'leastTokenLifeSeconds'],
  ])('are refused when %s is not below: %j', (less, wrong, more) => {
    expect(timingsWith(wrong)).toThrow(new RegExp(`${less} \\(.* must be below .*${more} \\(`));
  });

  it('are shortened for tests where a test would wait for them, and judged before', () => {
    expect(createTimings(0.1)).toMatchObject({
      leaseMarginSeconds: 1.5,
      firstPollDelaysSeconds: [0.2, 0.4, 0.8],
      reconcileDelaySeconds: 3,
      tickLimitSeconds: 200,
      settledSeconds: 120,
      agents: unscaledTimings.agents,
      storage: unscaledTimings.storage,
    });
  });
});

describe('the bounds that timings rest on', () => {
  const settings = {
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    AGENT_PROJECT_ENDPOINT: 'http://127.0.0.1:9/p',
  };

  it('are those of the settings', () => {
    const isTaken = (attempt: number, grace: number) => () =>
      parseConfig({
        ...settings,
        ATTEMPT_TIMEOUT_SECONDS: String(attempt),
        LOOKAHEAD_SECONDS: '60',
        MISFIRE_GRACE_SECONDS: String(grace),
      });
    const { longestAttemptSeconds, leastGraceSeconds } = bounds;
    expect(isTaken(longestAttemptSeconds, leastGraceSeconds)).not.toThrow();
    expect(isTaken(longestAttemptSeconds + 1, leastGraceSeconds)).toThrow(ConfigError);
    expect(isTaken(longestAttemptSeconds, leastGraceSeconds - 1)).toThrow(ConfigError);
  });

  it('are those of host.json', () => {
    const text = readFileSync(new URL('../../host.json', import.meta.url), 'utf8');
    const { functionTimeout } = z.object({ functionTimeout: z.string() }).parse(JSON.parse(text));
    const [hours = 0, minutes = 0, seconds = 0] = functionTimeout.split(':').map(Number);
    expect(bounds.functionTimeoutSeconds).toBe(hours * 3600 + minutes * 60 + seconds);
  });
});
