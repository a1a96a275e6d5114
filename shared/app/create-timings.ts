import { bounds, type StorageTimings, type Timings, unscaledTimings } from './timings.ts';

/** The timings of a service. `delayScale`: a factor on those that a test would have to wait for; below 1 in tests only. */
export const createTimings = (delayScale: number, unscaled: Timings = unscaledTimings): Timings => {
  assertTimings(unscaled);
  return {
    ...unscaled,
    leaseMarginSeconds: unscaled.leaseMarginSeconds * delayScale,
    watchEverySeconds: unscaled.watchEverySeconds * delayScale,
    pollMarginSeconds: unscaled.pollMarginSeconds * delayScale,
    letGoSeconds: unscaled.letGoSeconds * delayScale,
    standAsideSeconds: unscaled.standAsideSeconds * delayScale,
    notAloneSeconds: unscaled.notAloneSeconds * delayScale,
    outageSeconds: unscaled.outageSeconds * delayScale,
    firstPollDelaysSeconds: unscaled.firstPollDelaysSeconds.map((seconds) => seconds * delayScale),
    laterPollDelaySeconds: unscaled.laterPollDelaySeconds * delayScale,
    longWorkSeconds: unscaled.longWorkSeconds * delayScale,
    longestPollDelaySeconds: unscaled.longestPollDelaySeconds * delayScale,
    maxAskedPollDelaySeconds: unscaled.maxAskedPollDelaySeconds * delayScale,
    recordMarginSeconds: unscaled.recordMarginSeconds * delayScale,
    lookDelaysSeconds: unscaled.lookDelaysSeconds.map((seconds) => seconds * delayScale),
    dispatchGraceSeconds: unscaled.dispatchGraceSeconds * delayScale,
    sendAgainAfterSeconds: unscaled.sendAgainAfterSeconds * delayScale,
    reconcileDelaySeconds: unscaled.reconcileDelaySeconds * delayScale,
    giveUpSeconds: unscaled.giveUpSeconds * delayScale,
    scanDelaySeconds: unscaled.scanDelaySeconds * delayScale,
  };
};

/** A sum of times, by the names of its parts. */
type Sum = Readonly<Record<string, number>>;

interface Order {
  readonly less: Sum;
  readonly more: Sum;
  /** They may be equal. */
  readonly mayBeEqual?: true;
  /** What goes wrong otherwise. */
  readonly why: string;
}

/** Of each pair `less` is below `more`. */
const ordersOf = (timings: Timings): readonly Order[] => {
  const { storage, agents } = timings;
  const { deadlineSeconds: storageDeadlineSeconds } = storage;
  const { stopTimeoutSeconds, answerGraceSeconds } = agents;
  const { functionTimeoutSeconds, handlerLimitSeconds, httpTimeoutSeconds, timerPauseSeconds } = bounds;
  const { longestAttemptSeconds, leastGraceSeconds } = bounds;
  const { leaseMarginSeconds, watchEverySeconds, writeAgainAfterSeconds, waitInProcessSeconds } = timings;
  const { recordMarginSeconds } = timings;
  const { letGoSeconds, pollMarginSeconds, maxAskedPollDelaySeconds, laterPollDelaySeconds } = timings;
  const { giveUpSeconds, reconcileDelaySeconds, settledSeconds, tickLimitSeconds, maxClockAheadSeconds } = timings;
  const { dispatchDelaySeconds, sendAgainAfterSeconds, dispatchGraceSeconds } = timings;
  const longestFirstPollDelaySeconds = Math.max(...timings.firstPollDelaysSeconds);
  return [
    {
      less: { storageDeadlineSeconds },
      more: { giveUpSeconds },
      why: 'one storage call that hangs would be the end of a change',
    },
    {
      less: { giveUpSeconds },
      more: { reconcileDelaySeconds },
      why: 'reconcile would come while the writer of the change is still at work',
    },
    {
      less: { reconcileDelaySeconds, 'and its second try': reconcileDelaySeconds },
      more: { settledSeconds },
      why: 'a scan would repair what reconcile still has in hand',
    },
    {
      less: { dispatchDelaySeconds },
      more: { sendAgainAfterSeconds },
      why: 'every dispatch would send its message twice',
    },
    {
      less: { sendAgainAfterSeconds },
      more: { dispatchGraceSeconds },
      why: 'a slow dispatch would answer with a run whose message is dropped',
    },
    {
      less: { storageDeadlineSeconds, watchEverySeconds, answerGraceSeconds, stopTimeoutSeconds },
      more: { letGoSeconds },
      why: 'a thread would be given away while the delivery of a cancelled run is busy with it',
    },
    {
      less: { maxAskedPollDelaySeconds, longestAttemptSeconds, stopTimeoutSeconds },
      more: { pollMarginSeconds },
      why: 'a routine would be let go before the last poll has ended',
    },
    {
      less: { longestFirstPollDelaySeconds },
      more: { laterPollDelaySeconds },
      why: 'polls would come more often with time',
    },
    {
      less: { laterPollDelaySeconds },
      more: { maxAskedPollDelaySeconds },
      why: 'no agent could ask for more than our own habit',
    },
    {
      less: { busyDelaySeconds: timings.busyDelaySeconds },
      more: { maxBusyDelaySeconds: timings.maxBusyDelaySeconds },
      why: 'a busy agent could ask for nothing',
    },
    {
      less: { beforeRecordSeconds: timings.beforeRecordSeconds },
      more: { leaseMarginSeconds },
      why: 'a first poll would look again later than the lease may end',
    },
    {
      less: { watchEverySeconds },
      more: { leaseMarginSeconds },
      why: 'a delivery would find out after its lease that another one has the run',
    },
    {
      less: { laterPollDelaySeconds },
      more: { longestPollDelaySeconds: timings.longestPollDelaySeconds },
      why: 'long work would be asked for more often than short work',
    },
    {
      less: { storageDeadlineSeconds, writeAgainAfterSeconds },
      more: { recordMarginSeconds },
      why: 'the record of work that was looked at could not be tried twice',
    },
    {
      less: { recordMarginSeconds },
      more: { leaseMarginSeconds },
      why: 'work that was accepted late would not be looked at',
    },
    {
      less: { waitInProcessSeconds },
      more: { leaseMarginSeconds },
      why: 'a delivery that waits for its time would not be in time for the lease',
    },
    {
      less: { longestAttemptSeconds, leaseMarginSeconds },
      more: { handlerLimitSeconds },
      why: 'a handler would last until the platform renews the lock on its message',
    },
    { less: { handlerLimitSeconds }, more: { functionTimeoutSeconds }, why: 'the platform would end handlers' },
    {
      less: { tickLimitSeconds, storageDeadlineSeconds },
      more: { functionTimeoutSeconds },
      why: 'the platform would end ticks',
    },
    {
      less: { replayLimitSeconds: timings.replayLimitSeconds, storageDeadlineSeconds },
      more: { httpTimeoutSeconds },
      why: 'the platform would answer for a replay',
    },
    {
      less: { maxClockAheadSeconds },
      more: { leastGraceSeconds },
      mayBeEqual: true,
      why: 'a slot that is still to come would be judged as missed',
    },
    {
      less: { timerPauseSeconds },
      more: { maxTickAgeSeconds: timings.maxTickAgeSeconds },
      why: 'health would be degraded while the platform pauses the timer',
    },
    {
      less: { timerPauseSeconds },
      more: { maxLagSeconds: timings.maxLagSeconds },
      why: 'health would be degraded by the first tick after a pause',
    },
    {
      less: { lostAfterSeconds: timings.lostAfterSeconds },
      more: { lookBackSeconds: timings.lookBackSeconds },
      why: 'a scan would look at no run that can be lost',
    },
    {
      less: { 'all delays of a storage call': retryDelaysSeconds(storage) },
      more: { storageDeadlineSeconds },
      why: 'the last try of a storage call would never be made',
    },
    {
      less: { rememberMissingSeconds: agents.rememberMissingSeconds },
      more: { rememberUsableSeconds: agents.rememberUsableSeconds },
      why: 'an agent that is being made would be missing for longer than a usable one is remembered',
    },
    {
      less: { leastTokenLifeSeconds: agents.leastTokenLifeSeconds },
      more: { refreshBeforeExpirySeconds: agents.refreshBeforeExpirySeconds },
      why: 'no token would be refreshed in the background',
    },
    {
      less: { tokenTimeoutSeconds: agents.tokenTimeoutSeconds },
      more: { leastTokenLifeSeconds: agents.leastTokenLifeSeconds },
      why: 'a token would expire while its refresh is waited for',
    },
  ];
};

/** What the tries of one operation wait for between them, all together. */
const retryDelaysSeconds = ({ firstRetryDelaySeconds, maxRetryDelaySeconds }: StorageTimings): number => {
  let sum = 0;
  for (let tries = 1; tries < bounds.storageTries; tries += 1) {
    sum += Math.min(maxRetryDelaySeconds, firstRetryDelaySeconds * 2 ** (tries - 1));
  }
  return sum;
};

const assertTimings = (timings: Timings): void => {
  for (const { less, more, mayBeEqual, why } of ordersOf(timings)) {
    const spare = totalOf(more) - totalOf(less);
    if (spare > 0 || (mayBeEqual && spare === 0)) continue;
    throw new Error(`Timings: ${textOf(less)} must be below ${textOf(more)}, or ${why}.`);
  }
};

const totalOf = (sum: Sum): number => Object.values(sum).reduce((total, seconds) => total + seconds, 0);

const textOf = (sum: Sum): string =>
  Object.entries(sum)
    .map(([name, seconds]) => `${name} (${seconds} s)`)
    .join(' + ');
