import type { Invoke } from './invoker.ts';
import { pause } from './pause.ts';
import type { TimerFunction } from './registered-function.ts';
import { firstStatus, resumeStatus, statusAfter, type TimerStatus, type TimerStatusStore } from './timer-status.ts';
import type { HostLog, TypedData } from './worker-protocol.ts';

export interface TimerListener {
  /** Fires no more; resolves when a run under way has ended. */
  stop(): Promise<void>;
}

type Reason = 'scheduled' | 'past due' | 'startup';

/**
 * Fires one timer (the timer extension's TimerListener): never twice at a time, at once when a run has taken longer than
 * the interval, and at the start when an occurrence was missed meanwhile. What the function throws stops nothing.
 */
export const startTimerListener = (
  called: TimerFunction,
  store: TimerStatusStore,
  invoke: Invoke,
  log: HostLog,
): TimerListener => {
  const { occurrences: schedule } = called;
  const stopping = new AbortController();
  const save = (status: TimerStatus | null): void => {
    if (status !== null && isMonitored(called)) store.write(called.name, status);
  };
  const fire = async (status: TimerStatus | null, reason: Reason): Promise<TimerStatus | null> => {
    const startedAt = new Date();
    await invoke(called, timerInfo(isMonitored(called) ? status : null, reason === 'past due'), {});
    // A timer may fire a little early; counted from then, its next occurrence would be the same one again.
    const early = reason === 'scheduled' && status !== null && status.next > startedAt;
    const after = statusAfter(early ? status.next : startedAt, schedule);
    save(after);
    return after;
  };
  const run = async (): Promise<void> => {
    const started = start(called, store);
    let status = started.status;
    save(status);
    if (started.reason !== undefined) status = await fire(status, started.reason);
    while (status !== null && !stopping.signal.aborted) {
      const wait = status.next.getTime() - Date.now();
      if (wait > 0) await pause(wait, stopping.signal);
      else status = await fire(status, 'scheduled');
    }
  };
  const running = run().catch((error: unknown) => {
    log({ level: 'critical', category: 'Host', message: `Timer '${called.name}' stopped: ${error}` });
  });
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
};

const start = (
  called: TimerFunction,
  store: TimerStatusStore,
): { status: TimerStatus | null; reason: Reason | undefined } => {
  const now = new Date();
  const stored = isMonitored(called) ? store.read(called.name) : undefined;
  const resumed = stored && resumeStatus(stored, now, called.occurrences);
  const status = resumed ? resumed.status : firstStatus(now, called.occurrences);
  if (resumed?.isPastDue) return { status, reason: 'past due' };
  return { status, reason: called.runOnStartup ? 'startup' : undefined };
};

/** The platform forgets timers that fire more than once a minute, whatever `useMonitor` says. */
const isMonitored = ({ useMonitor, occurrences }: TimerFunction): boolean => {
  const first = occurrences.next(new Date(0));
  const second = first && occurrences.next(first);
  return useMonitor && first !== null && second !== null && second.getTime() - first.getTime() >= 60_000;
};

/** .NET's zero instant, which stands for "never". */
const never = '0001-01-01T00:00:00+00:00';

const timerInfo = (status: TimerStatus | null, isPastDue: boolean): TypedData => ({
  json: JSON.stringify({
    Schedule: { AdjustForDST: true },
    ScheduleStatus: status && { Last: status.last ?? never, Next: status.next, LastUpdated: status.lastUpdated },
    IsPastDue: isPastDue,
  }),
});
