import { setTimeout as pause } from 'node:timers/promises';
import { aSchedule, projectName, routineName } from '../builders.ts';
import type { Definition, RoutineLedger, RoutineToAsk } from './ledger.ts';
import type { RoutineClient } from './routine-client.ts';

const everyMinute: Definition = { enabled: true, trigger: aSchedule('* * * * *') };

/** So many routines of one project. */
export const steadyNames = (count: number): readonly RoutineToAsk[] =>
  Array.from({ length: count }, (_, index) => ({
    project: projectName('steady'),
    name: routineName(`each-minute-${index}`),
    contended: false,
    policy: 'always_enqueue',
  }));

/** Has them fire each minute. Throws when one is not created. */
export const createSteady = async (client: RoutineClient, routines: readonly RoutineLedger[]): Promise<void> => {
  for (const routine of routines) {
    const { outcome, status } = await client.put(routine, everyMinute);
    if (outcome !== 'acknowledged') throw new Error(`Routine ${routine.name} was not created: ${status}`);
  }
};

export interface SteadyLoad {
  readonly client: RoutineClient;
  readonly routines: readonly RoutineLedger[];
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

/**
 * Dispatches by turns, every second time under a key, and does not wait for one answer before it asks the next time.
 * A key that was not answered is used again, three times at most. Resolves when the last answer is there.
 */
export const dispatchSteadily = async ({ client, routines, everyMs, signal }: SteadyLoad): Promise<void> => {
  const asking = new Set<Promise<void>>();
  const ask = async (routine: RoutineLedger, key: string | undefined): Promise<void> => {
    for (let tries = 0; tries < 3; tries += 1) {
      const { outcome } = await client.dispatch(routine, key);
      if (key === undefined || outcome === 'acknowledged') return;
      await pause(2000);
    }
  };
  for (let index = 0; !signal.aborted; index += 1) {
    const routine = routines[index % routines.length];
    if (routine === undefined) throw new Error('dispatchSteadily: there are no routines, expected at least one');
    const asked = ask(routine, index % 2 === 0 ? undefined : `key-${index}`).finally(() => asking.delete(asked));
    asking.add(asked);
    await pause(everyMs);
  }
  await Promise.all(asking);
};
