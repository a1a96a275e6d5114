import { StorageUnavailableError } from '../../domain/errors.ts';
import type { ProjectName } from '../../domain/names.ts';
import type { Run } from '../../domain/run.ts';
import { type OutcomeCounts, outcomeInstances } from '../ports/outcome-store.ts';
import type { RunStore, WrittenRun } from '../ports/run-store.ts';
import type { Uses } from '../uses.ts';

type TallyUses = Uses<'outcomes' | 'clock' | 'randomness' | 'log' | 'timings'>;

/**
 * The store, and a count of the runs that end in it, written once a minute: one request for each project that had any.
 * All ends pass here, so no use case has to know. The counts are approximate: a process that ends loses up to a minute
 * of them, and one that meets an outage loses what it could not write. They never delay or fail a delivery.
 */
export const countOutcomes = (runs: RunStore, deps: TallyUses & Uses<'repeat'>): RunStore => {
  const tally = createTally(deps);
  deps.repeat(deps.timings.countEverySeconds * 1000, () => void tally.flush());
  const countWritten = (run: Run, written: WrittenRun | null): WrittenRun | null => {
    if (written !== null) tally.count(run);
    return written;
  };
  return {
    ...runs,
    create: async (run, hold) => countWritten(run, await runs.create(run, hold)),
    replace: async (run, version, hold) => countWritten(run, await runs.replace(run, version, hold)),
  };
};

type Counts = { -readonly [Phase in keyof OutcomeCounts]: number };

const createTally = ({ outcomes, clock, randomness, log, timings }: TallyUses) => {
  const flushEveryMs = timings.countEverySeconds * 1000;
  const instance = Math.floor(randomness.fraction() * outcomeInstances);
  let projects = new Map<ProjectName, Counts>();
  return {
    count: ({ project, state: { phase } }: Run): void => {
      if (phase !== 'completed' && phase !== 'failed' && phase !== 'killed') return;
      const counts = projects.get(project) ?? { completed: 0, failed: 0, killed: 0 };
      counts[phase] += 1;
      projects.set(project, counts);
    },
    flush: async (): Promise<void> => {
      const minute = new Date(Math.floor(clock.now().getTime() / flushEveryMs) * flushEveryMs);
      const flushed = projects;
      projects = new Map();
      for (const [project, counts] of flushed) {
        try {
          await outcomes.write({ project, minute, instance, counts });
        } catch (error) {
          const isOutage = error instanceof StorageUnavailableError;
          log[isOutage ? 'warn' : 'error']('Outcomes not counted', { project, cause: String(error) });
        }
      }
    },
  };
};
