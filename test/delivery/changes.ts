import { InvalidRequestError } from '../../shared/domain/errors.ts';
import type { RoutineName } from '../../shared/domain/names.ts';
import type { NamedTriggerDraft, RoutineDraft, TriggerDraft } from '../../shared/domain/routine-draft.ts';
import { demo } from '../app/world.ts';
import { anAction, triggerName } from '../builders.ts';
import type { VirtualService } from './virtual-service.ts';

/** Both fire at 12:05. */
export const kinds = {
  schedule: { type: 'schedule', cronExpression: '*/5 * * * *' },
  timer: { type: 'timer', at: '2026-03-01T12:05:00Z' },
} as const satisfies Record<string, TriggerDraft>;
export type Kind = keyof typeof kinds;

/** Fires at 12:05 too, and at no other slot of the first. */
const hourly: TriggerDraft = { type: 'schedule', cronExpression: '5 * * * *' };
/** Neither fires at 12:05. */
const elsewhere: Record<Kind, TriggerDraft> = {
  schedule: { type: 'schedule', cronExpression: '*/20 * * * *' },
  timer: { type: 'timer', at: '2026-03-01T12:20:00Z' },
};

export const draftOf = (trigger: TriggerDraft, over: Partial<NamedTriggerDraft> = {}): RoutineDraft => ({
  enabled: true,
  triggers: [{ name: triggerName('main'), enabled: true, trigger, ...over }],
  action: anAction(),
  catchUp: { policy: 'skip_missed' },
  concurrencyPolicy: 'always_enqueue',
});

/** Whether the slot at 12:05 has a run, when its message is delivered after the change. */
export type Outcome = 'runs' | 'dropped';

export interface Change {
  readonly title: string;
  /** Promise 3: made before 12:05, and made after it while the slot has not started. */
  readonly before: Record<Kind, Outcome>;
  readonly after: Record<Kind, Outcome>;
  make(service: Pick<VirtualService, 'useCases' | 'put'>, name: RoutineName, kind: Kind): Promise<unknown>;
}

const both = (outcome: Outcome): Record<Kind, Outcome> => ({ schedule: outcome, timer: outcome });

/** A change that is refused changes nothing: an instant that has passed can be no new timer. */
const unlessRefused = async (change: Promise<unknown>): Promise<unknown> => {
  try {
    return await change;
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    return undefined;
  }
};

export const changes: readonly Change[] = [
  { title: 'no change', before: both('runs'), after: both('runs'), make: async () => undefined },
  {
    title: 'an edit that keeps what fires',
    before: both('runs'),
    after: both('runs'),
    make: ({ put }, name, kind) =>
      put(name, { ...draftOf(kinds[kind]), description: 'other', action: anAction({ input: 'other' }) }),
  },
  {
    title: 'an edit that moves the slot away',
    before: both('dropped'),
    after: both('dropped'),
    make: ({ put }, name, kind) => put(name, draftOf(elsewhere[kind])),
  },
  {
    title: 'an edit to another cron that has the slot too',
    before: both('runs'),
    after: both('dropped'),
    make: ({ put }, name) => put(name, draftOf(hourly)),
  },
  {
    // A timer whose instant has passed cannot be set again: it stays moved away.
    title: 'an edit that moves the slot away and one that brings it back',
    before: both('runs'),
    after: both('dropped'),
    make: async ({ put }, name, kind) => {
      await put(name, draftOf(elsewhere[kind]));
      await unlessRefused(put(name, draftOf(kinds[kind])));
    },
  },
  {
    title: 'a disable',
    before: both('dropped'),
    after: both('dropped'),
    make: ({ useCases }, name) => useCases.setRoutineEnabled(demo, name, false),
  },
  {
    title: 'a disable and an enable',
    before: both('runs'),
    after: both('dropped'),
    make: async ({ useCases }, name) => {
      await useCases.setRoutineEnabled(demo, name, false);
      await useCases.setRoutineEnabled(demo, name, true);
    },
  },
  {
    title: 'a disable of its trigger alone',
    before: both('dropped'),
    after: both('dropped'),
    make: ({ put }, name, kind) => put(name, draftOf(kinds[kind], { enabled: false })),
  },
  {
    title: 'a delete',
    before: both('dropped'),
    after: both('dropped'),
    make: ({ useCases }, name) => useCases.deleteRoutine(demo, name),
  },
  {
    title: 'a delete and a new routine of the same definition',
    before: both('runs'),
    after: both('dropped'),
    make: async ({ useCases, put }, name, kind) => {
      await useCases.deleteRoutine(demo, name);
      await unlessRefused(put(name, draftOf(kinds[kind])));
    },
  },
  {
    title: 'an archive',
    before: both('dropped'),
    after: both('dropped'),
    make: ({ useCases }, name) => useCases.archiveRoutine(demo, name),
  },
  {
    // The new trigger has a slot of its own at 12:05, and a run of its own. Past 12:05 a new timer is refused.
    title: 'its trigger was renamed',
    before: both('dropped'),
    after: { schedule: 'dropped', timer: 'runs' },
    make: ({ put }, name, kind) => unlessRefused(put(name, draftOf(kinds[kind], { name: triggerName('renamed') }))),
  },
];
