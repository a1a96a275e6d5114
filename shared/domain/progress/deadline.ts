import { defaultDeadlineSecondsOf } from '../kinds/action-kinds.ts';
import type { Run } from '../run.ts';

/** The bounds of a routine's `deadline_seconds`. */
export const minDeadlineSeconds = 30;
export const maxDeadlineSeconds = 86_400;

/**
 * Seconds from the start of an attempt in which work that an agent has accepted is to end, and from the start of a run
 * in which a busy agent is waited for: what the routine says, else what is set for all, else what fits the action.
 */
export const deadlineSecondsOf = (
  { action, deadlineSeconds }: Pick<Run, 'action' | 'deadlineSeconds'>,
  setForAll: number | undefined,
): number => deadlineSeconds ?? setForAll ?? defaultDeadlineSecondsOf(action);
