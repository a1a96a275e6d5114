import type { Run } from '../../shared/domain/run.ts';
import { at } from '../builders.ts';
import { type Evidence, unknown } from './evidence.ts';
import {
  byHand,
  callOf,
  dueRow,
  main,
  name,
  next,
  one,
  pointersOf,
  project,
  sound,
  state,
  two,
} from './sound-evidence.ts';

/** What is changed in the sound evidence, and what is then said. */
export type Doctored = readonly [title: string, change: Partial<Evidence>, said: RegExp];

/** With these runs, listed and called as they should be. */
export const withRuns = (all: readonly Run[], over: Partial<Evidence> = {}): Partial<Evidence> => ({
  runs: all,
  lists: { ...sound.lists, pointers: pointersOf(all) },
  calls: all.flatMap((run) => (run.attempts.length === 0 ? [] : [callOf(run)])),
  ...over,
});
export const insteadOfTwo = (over: Partial<Run>, evidence: Partial<Evidence> = {}): Partial<Evidence> =>
  withRuns([one, { ...two, ...over }, byHand], evidence);

const endedAt = at('2026-01-01T02:00:05Z');
export const killed = (over: object = {}): Run['state'] => ({
  phase: 'killed',
  endedAt,
  error: { type: 'skipped', message: 'met another' },
  ...over,
});
export const failed = (type: string): Run['state'] => ({ phase: 'failed', endedAt, error: { type, message: 'no' } });
export const missedBoth = (): Run => ({
  ...one,
  attempts: [],
  startedAt: undefined,
  missed: { count: 2, firstAt: one.triggeredAt, lastAt: two.triggeredAt },
  state: killed({ skipReason: 'missed' }),
});

export const withSchedule = (rows: object, states: object): Partial<Evidence> => ({
  schedule: { due: [{ ...dueRow, ...rows }], states: [{ ...state, ...states }] },
  plannedUntil: unknown,
});
export const fire = { kind: 'fire', project, routine: name, trigger: main.name, nominal: next.getTime() } as const;
export const third = at('2026-01-01T04:00:00Z');
export const [twoCall, handCall] = [callOf(two), callOf(byHand)];

/** Two exclusive runs; the second is called while the first may be under way. */
export const exclusive = [one, two, byHand].map((run) => ({ ...run, exclusive: 'skip_if_active' }) as const);
export const workOf = ({ id }: Run, over: object = {}) => ({ runId: id, endsAt: at('2026-01-01T02:00:04Z'), ...over });
