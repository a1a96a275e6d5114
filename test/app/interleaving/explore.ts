import { at } from '../../builders.ts';
import { checkRest, checkRuns } from './invariants.ts';
import { type Operation, operations } from './operations.ts';
import type { Turn } from './schedule.ts';
import { createService } from './service.ts';

export interface Execution {
  readonly before: readonly Operation[];
  readonly operations: readonly Operation[];
  readonly turns: readonly Turn[];
  /** So long, in seconds, the turns go on at most. */
  readonly lasting?: number;
}

const begin = at('2026-03-01T12:00:30Z');
/** Ten seconds before the slot that the turns are about. */
const turning = at('2026-03-01T12:04:50Z');
/** Until then all is healed. */
const atRest = at('2026-03-01T12:11:50Z');
const end = at('2026-03-01T12:17:30Z');

/** Plays the turns upon a routine that has been firing, and tells what is wrong, with the trace of every step. */
export const explore = async (execution: Execution): Promise<string | null> => {
  const { turns, lasting = 0 } = execution;
  // A process that stands still keeps its message, as it does in the platform for five minutes and more.
  const service = createService(begin, lasting + 60);
  for (const operation of execution.before) {
    operations[operation](service);
    await service.play([], service.now());
  }
  await service.runUntil(turning);
  const stepsBefore = service.trace.length;
  for (const operation of execution.operations) operations[operation](service);
  await service.play(turns, new Date(turning.getTime() + lasting * 1000));
  await service.runUntil(atRest);
  const rest = await checkRest(service);
  await service.runUntil(end);
  const violations = [...rest, ...(await checkRuns(service, turning))];
  if (violations.length === 0) return null;
  return [...violations, ...service.trace.slice(stepsBefore)].join('\n  ');
};
