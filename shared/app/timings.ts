/**
 * Every delay, lease margin, grace, poll time, cache time and limit that is not an operator's to set. What holds between
 * them is asserted where a record is made: create-timings.ts.
 */
export interface Timings {
  /** What an attempt may take beyond its timeout, and a retry beyond its time, before others may have their turn. */
  readonly leaseMarginSeconds: number;
  /** Between two looks of a delivery whether it still has the run that it calls for. */
  readonly watchEverySeconds: number;
  /** Before a delivery tries again to write what its agent answered. */
  readonly writeAgainAfterSeconds: number;
  /** Up to here a delivery that is early waits in process: a message's delay has whole seconds, rounded down. */
  readonly waitInProcessSeconds: number;
  /** For how long a routine is held for accepted work beyond its deadline: the last poll comes and asks after it. */
  readonly pollMarginSeconds: number;
  /** How long after a cancelled run's end its delivery may still be busy with the thread. */
  readonly letGoSeconds: number;
  /** Before a claim that would be a run's second life or a later one its message stays away once, for up to this long. */
  readonly standAsideSeconds: number;
  /** A poisoned message that meets another one's last life in its process comes back within this time. */
  readonly notAloneSeconds: number;
  /** Before a message comes back that met storage which did not answer. */
  readonly outageSeconds: number;
  /** At most, before a message comes back that met a held routine: a hold is given up long before its end, as a rule. */
  readonly maxHeldSeconds: number;
  /** Before each of the first polls; work that takes longer than these is asked for at an even pace. */
  readonly firstPollDelaysSeconds: readonly number[];
  readonly laterPollDelaySeconds: number;
  /** Work that has taken longer than this is asked for after a twentieth of the time that it has taken. */
  readonly longWorkSeconds: number;
  /** But at least this often. */
  readonly longestPollDelaySeconds: number;
  /** What an agent may ask for at most before a poll. */
  readonly maxAskedPollDelaySeconds: number;
  /** Before each look at work that was just accepted: what ends meanwhile ends in the same delivery. */
  readonly lookDelaysSeconds: readonly number[];
  /** Of its lease a delivery keeps this for the record of its attempt, and looks no longer. */
  readonly recordMarginSeconds: number;
  /** Before a poll looks again for the record of the work that it is to ask for. */
  readonly beforeRecordSeconds: number;
  /** Before a run comes back whose agent, or thread, was busy with another run; twice as long each time. */
  readonly busyDelaySeconds: number;
  /** But at most this, whatever the agent asks for. */
  readonly maxBusyDelaySeconds: number;

  /** The row of a dispatch is written while its message is still invisible. */
  readonly dispatchDelaySeconds: number;
  /** A dispatch whose row is not there by then was never answered (promise 8). */
  readonly dispatchGraceSeconds: number;
  /** A dispatch that took this long sends its message again: the clocks of sender and receiver may differ. */
  readonly sendAgainAfterSeconds: number;
  /** For how long a repeat under an idempotency key finds the first run. */
  readonly idempotencySeconds: number;

  /** Before the reconcile message of a change comes: its writer has given up by then. */
  readonly reconcileDelaySeconds: number;
  /** After this long the writer of a change leaves the schedule to reconcile. */
  readonly giveUpSeconds: number;
  /** A younger definition may still be in the hands of its writer, or of reconcile. */
  readonly settledSeconds: number;
  /** A tick that lasts longer leaves the rest to the next one. */
  readonly tickLimitSeconds: number;
  /** A tick refuses to judge slots by a clock that is further ahead of storage's. */
  readonly maxClockAheadSeconds: number;

  /** Before the daily scan begins: after an outage the queues come first, what they hold is not lost. */
  readonly scanDelaySeconds: number;
  /** A run that nothing has happened to for this long is lost. */
  readonly lostAfterSeconds: number;
  /** How far back a scan looks for runs that are lost: it may fail on one day. */
  readonly lookBackSeconds: number;
  /** A replay of poisoned messages that lasts longer leaves the rest: an HTTP request has an end. */
  readonly replayLimitSeconds: number;
  /** Health is degraded when the last tick is older. */
  readonly maxTickAgeSeconds: number;
  /** Health is degraded when the last tick found a slot that was later. */
  readonly maxLagSeconds: number;
  /** For how long an answer about health stands in its process. */
  readonly healthCachedSeconds: number;
  /** Between two writes of the count of ended runs; each count is of one such time. */
  readonly countEverySeconds: number;

  readonly agents: AgentTimings;
  readonly storage: StorageTimings;
}

export interface AgentTimings {
  /** For the request that tells an agent to stop. */
  readonly stopTimeoutSeconds: number;
  /** A cancelled call waits this much longer for an answer without which nothing can be stopped. */
  readonly answerGraceSeconds: number;
  /** For the look-up of one agent. */
  readonly findTimeoutSeconds: number;
  /** For a whole list of agents. */
  readonly listTimeoutSeconds: number;
  /** For how long a usable agent is remembered. */
  readonly rememberUsableSeconds: number;
  /** For how long a missing agent is remembered: it is probably being created now. */
  readonly rememberMissingSeconds: number;
  /** For how long a list of agents is remembered. */
  readonly rememberListSeconds: number;
  /** For how long it is remembered that an agent takes no work in the background. */
  readonly rememberForegroundSeconds: number;
  /** For the look whether an agent knows the work of a call that is repeated. */
  readonly lookUpTimeoutSeconds: number;
  /** For how long an agent may not find work whose id it says it knows. */
  readonly findBegunSeconds: number;
  /** A token is refreshed from so long before it expires. */
  readonly refreshBeforeExpirySeconds: number;
  /** A token with less time may expire on its way: its refresh is waited for. */
  readonly leastTokenLifeSeconds: number;
  /** Between two refreshes: one that brings nothing newer must not be repeated with each call. */
  readonly leastTokenPauseSeconds: number;
  /** For a request for a token: the library has no limit of its own. */
  readonly tokenTimeoutSeconds: number;
  /** A younger token is kept although an agent refused it: an agent that refuses every token costs no more than this. */
  readonly leastAgeOfDroppedTokenSeconds: number;
}

export interface StorageTimings {
  /** For one storage operation, the SDK's own retries included. */
  readonly deadlineSeconds: number;
  /** Before the second try of a storage operation; each further one waits twice as long. */
  readonly firstRetryDelaySeconds: number;
  readonly maxRetryDelaySeconds: number;
}

/** What the platform grants, and the bounds of settings that the timings rest on; tests hold them to their sources. */
export const bounds = {
  /** functionTimeout of host.json. */
  functionTimeoutSeconds: 300,
  /** A handler ends before the platform renews the lock on its message. */
  handlerLimitSeconds: 240,
  /** What the platform's front end waits for an answer over HTTP. */
  httpTimeoutSeconds: 230,
  /** For so long the platform may pause a timer after a crash. */
  timerPauseSeconds: 120,
  /** The largest ATTEMPT_TIMEOUT_SECONDS. */
  longestAttemptSeconds: 200,
  /** The smallest MISFIRE_GRACE_SECONDS. */
  leastGraceSeconds: 60,
  /** Tries of a storage operation. */
  storageTries: 4,
} as const;

const day = 86_400;

export const unscaledTimings: Timings = {
  leaseMarginSeconds: 15,
  watchEverySeconds: 5,
  writeAgainAfterSeconds: 1,
  waitInProcessSeconds: 2,
  pollMarginSeconds: 300,
  letGoSeconds: 30,
  standAsideSeconds: 60,
  notAloneSeconds: 30,
  outageSeconds: 30,
  maxHeldSeconds: 60,
  firstPollDelaysSeconds: [2, 4, 8],
  laterPollDelaySeconds: 15,
  longWorkSeconds: 300,
  longestPollDelaySeconds: 300,
  maxAskedPollDelaySeconds: 60,
  lookDelaysSeconds: [0.5, 1, 1.5, 2],
  recordMarginSeconds: 12,
  beforeRecordSeconds: 5,
  busyDelaySeconds: 5,
  maxBusyDelaySeconds: 60,

  dispatchDelaySeconds: 1,
  dispatchGraceSeconds: 60,
  sendAgainAfterSeconds: 30,
  idempotencySeconds: day,

  reconcileDelaySeconds: 30,
  giveUpSeconds: 20,
  settledSeconds: 120,
  tickLimitSeconds: 200,
  maxClockAheadSeconds: 60,

  scanDelaySeconds: 3600,
  lostAfterSeconds: day,
  lookBackSeconds: 3 * day,
  replayLimitSeconds: 60,
  maxTickAgeSeconds: 180,
  maxLagSeconds: 180,
  healthCachedSeconds: 10,
  countEverySeconds: 60,

  agents: {
    stopTimeoutSeconds: 5,
    answerGraceSeconds: 5,
    findTimeoutSeconds: 3,
    listTimeoutSeconds: 5,
    rememberUsableSeconds: 60,
    rememberMissingSeconds: 5,
    rememberListSeconds: 10,
    rememberForegroundSeconds: 3600,
    lookUpTimeoutSeconds: 5,
    findBegunSeconds: 60,
    refreshBeforeExpirySeconds: 300,
    leastTokenLifeSeconds: 60,
    leastTokenPauseSeconds: 10,
    tokenTimeoutSeconds: 20,
    leastAgeOfDroppedTokenSeconds: 60,
  },
  storage: {
    deadlineSeconds: 10,
    firstRetryDelaySeconds: 0.25,
    maxRetryDelaySeconds: 1,
  },
};
