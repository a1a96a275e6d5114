import { StorageUnavailableError } from '../../domain/errors.ts';
import type { KeptMessage, PoisonedStore } from '../ports/poisoned-store.ts';
import { type RetryUses, retryRun } from '../runs/retry-run.ts';
import type { Uses } from '../uses.ts';

type ReplayOneUses = RetryUses & Uses<'returnToQueue'>;

export interface Replay {
  readonly replayed: number;
  /** Nothing is left to replay: the routine is deleted or archived. The failed run stays in its history. */
  readonly discarded: readonly Refusal[];
  /** Still kept. */
  readonly failed: readonly Refusal[];
  /** Messages that are kept now. */
  readonly remaining: number;
}

export interface Refusal {
  readonly message: KeptMessage;
  readonly reason: string;
}

/** What one call replays, and how many it looks at: an HTTP request has an end. */
const maxReplayed = 100;
const maxLookedAt = 1000;

/**
 * Gives poisoned messages another chance, those that name no project first. Where a run was failed as `poison`, a new run repeats
 * it; any other message goes back on its queue as it stood: one that is still wrong comes back here.
 * Throws StorageUnavailableError; what was replayed by then is replayed.
 */
export const replayPoisoned = async (deps: ReplayOneUses & Uses<'log'>): Promise<Replay> => {
  const until = deps.clock.now().getTime() + deps.timings.replayLimitSeconds * 1000;
  const discarded: Refusal[] = [];
  const failed: Refusal[] = [];
  let replayed = 0;
  let lookedAt = 0;
  for await (const message of keptMessages(deps.poisoned)) {
    if (replayed === maxReplayed || lookedAt === maxLookedAt || deps.clock.now().getTime() > until) break;
    lookedAt += 1;
    const result = await replayOne(deps, message);
    if (result.kind === 'replayed') replayed += 1;
    else (result.kind === 'discarded' ? discarded : failed).push({ message, reason: result.reason });
    deps.log.info('Poisoned message looked at', { ...factsOf(message), result: result.kind });
  }
  return { replayed, discarded, failed, remaining: await deps.poisoned.countAll() };
};

type ReplayResult = { readonly kind: 'replayed' } | { readonly kind: 'discarded' | 'failed'; readonly reason: string };

/**
 * Started first, removed second. A crash between repeats it: a run is known by its idempotency key, and a message that
 * is delivered twice does no harm.
 */
const replayOne = async (deps: ReplayOneUses, message: KeptMessage): Promise<ReplayResult> => {
  try {
    const run = await poisonedRunOf(deps, message);
    if (run === null) {
      await deps.returnToQueue(message.queue, message.body);
      await deps.poisoned.remove(message.id);
      return { kind: 'replayed' };
    }
    const gone = await whyGone(deps, run);
    if (gone !== null) {
      await deps.poisoned.remove(message.id);
      return { kind: 'discarded', reason: gone };
    }
    // Takes the message away too.
    await retryRun(deps, { ...run, idempotency: { kind: 'key', value: `poison:${run.id}` } });
    return { kind: 'replayed' };
  } catch (error) {
    if (error instanceof StorageUnavailableError) throw error;
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
};

/** The run that was failed because of this message; any other is for a delivery to look at. */
const poisonedRunOf = async ({ runs }: Uses<'runs'>, { of }: KeptMessage) => {
  if (of?.runId === undefined) return null;
  const { project, routine, runId: id } = of;
  const state = (await runs.get(project, routine, id))?.run.state;
  return state?.phase === 'failed' && state.error.type === 'poison' ? { project, routine, id } : null;
};

type PoisonedRun = NonNullable<Awaited<ReturnType<typeof poisonedRunOf>>>;

const whyGone = async ({ routines }: Uses<'routines'>, { project, routine }: PoisonedRun): Promise<string | null> => {
  const stored = await routines.get(project, routine);
  if (stored?.kind !== 'routine') return `Routine "${routine}" is deleted.`;
  return stored.routine.archivedAt === undefined ? null : `Routine "${routine}" is archived.`;
};

async function* keptMessages({ list }: PoisonedStore): AsyncGenerator<KeptMessage> {
  for (let after: string | undefined; ; ) {
    const page = await list({ limit: 100, after });
    yield* page;
    after = page.at(-1)?.id;
    if (after === undefined) return;
  }
}

const factsOf = ({ queue, reason, of }: KeptMessage) => ({
  queue,
  project: of?.project,
  routine: of?.routine,
  run: of?.runId,
  reason,
});

/** Drops messages that name no project: a replay of them can never be handled. Answers with what it dropped. */
export const discardPoisoned = async ({ poisoned, log }: Uses<'poisoned' | 'log'>): Promise<readonly KeptMessage[]> => {
  const kept = await poisoned.list({ limit: maxReplayed });
  const dropped = kept.filter(({ of }) => of === undefined);
  for (const message of dropped) {
    await poisoned.remove(message.id);
    log.warn('Poisoned message dropped', factsOf(message));
  }
  return dropped;
};
