import { at } from '../../builders.ts';
import { violationTexts } from '../../promises/check-promises.ts';
import { readEvidence } from './evidence.ts';
import { type Operation, operations } from './operations.ts';
import type { Turn } from './schedule.ts';
import { createInterleavedService } from './service.ts';

export interface Execution {
  readonly before: readonly Operation[];
  readonly operations: readonly Operation[];
  readonly turns: readonly Turn<Operation>[];
  /** So long, in seconds, the turns go on at most. */
  readonly lasting?: number;
  /** How long, in seconds, the agent takes for the work that it accepts; by default it answers at once. */
  readonly workSeconds?: number;
}

const beginning = at('2026-03-01T12:00:30Z');
/** Ten seconds before the slot that the turns are about. */
const turning = at('2026-03-01T12:04:50Z');
const reconcileDelaySeconds = 30;
/** Every reconcile message has come by then. */
const atRest = at('2026-03-01T12:11:50Z');
const end = at('2026-03-01T12:17:50Z');

export interface Explored {
  /** What is wrong, with the trace of every step; null when the promises were kept. */
  readonly violations: string | null;
  /** Whether an actor was left to make the last step. */
  readonly hadLastStep: boolean;
}

/** Plays the turns upon a routine that has been firing. */
export const explore = async (execution: Execution): Promise<Explored> => {
  const { turns, lasting = 0, workSeconds } = execution;
  // A process that stands still keeps its message, as it does in the platform for five minutes and more.
  const service = createInterleavedService(beginning, lasting + 60, workSeconds);
  const begin = (operation: Operation) => operations[operation](service);
  for (const operation of execution.before) {
    begin(operation);
    await service.play([], service.now(), begin);
  }
  await service.runUntil(turning);
  const stepsBefore = service.trace.length;
  for (const operation of execution.operations) begin(operation);
  const hadLastStep = await service.play(turns, new Date(turning.getTime() + lasting * 1000), begin);
  // A writer that stands still for longer than its reconcile message waits can leave a due row behind. It does no harm:
  // its slot is dropped, and that corrects it.
  await service.runUntil(lasting > reconcileDelaySeconds ? end : atRest);
  const rest = violationTexts(await readEvidence(service, turning));
  await service.runUntil(end);
  const violations = [...rest, ...violationTexts(await readEvidence(service, turning))];
  if (violations.length === 0) return { violations: null, hadLastStep };
  return { violations: [...violations, ...service.trace.slice(stepsBefore)].join('\n  '), hadLastStep };
};
