/** Invocations that go on after their caller has gone, as those of real agents do, until they are done or cancelled. */
export interface RunningInvocations {
  /** The events of an invocation: what it says, then how it ended. It runs as long as they are read. */
  run(id: string, work: (signal: AbortSignal) => AsyncIterable<string>): AsyncIterable<object>;
  /** False when no such invocation is running. */
  cancel(id: string): boolean;
  /** Cancels all of them. */
  close(): void;
}

export const createRunningInvocations = (): RunningInvocations => {
  const running = new Map<string, AbortController>();

  async function* run(id: string, work: (signal: AbortSignal) => AsyncIterable<string>) {
    const cancelled = new AbortController();
    running.set(id, cancelled);
    try {
      for await (const text of work(cancelled.signal)) yield { text };
      yield { status: 'completed' };
    } catch (error) {
      if (!cancelled.signal.aborted) throw error;
      yield { status: 'cancelled' };
    } finally {
      running.delete(id);
    }
  }

  return {
    run,
    cancel: (id) => {
      running.get(id)?.abort();
      return running.delete(id);
    },
    close: () => {
      for (const cancelled of running.values()) cancelled.abort();
    },
  };
};
