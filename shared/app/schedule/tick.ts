import { ClockAheadError, StorageUnavailableError, UnusableTriggerError } from '../../domain/errors.ts';
import type { FirePlan, FireWindow } from '../../domain/planning/plan-fires.ts';
import { planFires } from '../../domain/planning/plan-fires.ts';
import type { Advance, DueBatch, DueSlot } from '../ports/schedule-store.ts';
import type { Uses } from '../uses.ts';
import { failUnusableSlot } from './fail-unusable-slot.ts';
import { fireWindow } from './fire-window.ts';
import { type JudgeUses, judgeMissed } from './judge-missed.ts';
import { sendSlots } from './send-slots.ts';
import { withConcurrency } from './with-concurrency.ts';

type ShardUses = JudgeUses & Uses<'deliveries' | 'timings'>;

export interface TickResult {
  readonly fired: number;
  readonly missed: number;
  /** Slots that could not be sent, and one for each shard that broke off; they stay due for the next tick. */
  readonly failed: number;
  /** Triggers that cannot be read or computed. They stay due and keep no other from firing. */
  readonly unusable: number;
  readonly lagSeconds: number;
}

export interface EndedTick extends TickResult {
  readonly durationMs: number;
}

/** In each shard, and the shards run side by side. */
const concurrentSends = 8;

/**
 * Puts every slot up to the horizon on the delivery queue, then moves its trigger on to the next slot. Two ticks may
 * run at once: both send, one advances, and the run id of a slot makes the second message meet the first one's run.
 * Sent first, advanced second: a crash between the two repeats the send and loses nothing (promise 1). Throws
 * ClockAheadError, and leaves everything due, when storage says that it is much earlier than this host does.
 */
export const tick = async (deps: ShardUses & Uses<'window'>): Promise<EndedTick> => {
  const startedAt = deps.clock.now();
  const window = fireWindow(deps.window, startedAt);
  const shards = Array.from({ length: deps.schedule.shardCount }, (_, shard) => shard);
  const shardResults = await Promise.allSettled(shards.map((shard) => tickShard(deps, shard, window)));
  const refused = shardResults.find((one) => one.status === 'rejected');
  if (refused !== undefined) throw refused.reason;
  const result = shardResults.flatMap((one) => ('value' in one ? [one.value] : [])).reduce(addResults, nothing);
  const durationMs = deps.clock.now().getTime() - startedAt.getTime();
  const { fired, missed, failed, unusable, lagSeconds } = result;
  await deps.schedule.writeHeartbeat({ at: startedAt, durationMs, lagSeconds, unusable });
  if (fired + missed + failed + unusable > 0) deps.log.info('Tick', { ...result, durationMs });
  return { ...result, durationMs };
};

const nothing: TickResult = { fired: 0, missed: 0, failed: 0, unusable: 0, lagSeconds: 0 };

const addResults = (a: TickResult, b: TickResult): TickResult => ({
  fired: a.fired + b.fired,
  missed: a.missed + b.missed,
  failed: a.failed + b.failed,
  unusable: a.unusable + b.unusable,
  lagSeconds: Math.max(a.lagSeconds, b.lagSeconds),
});

/** A shard that fails harms its own routines only; its slots stay due. */
const tickShard = async (deps: ShardUses, shard: number, window: FireWindow): Promise<TickResult> => {
  let result = nothing;
  try {
    for await (const batch of deps.schedule.due(shard, window.horizon)) {
      result = addResults(result, await tickBatch(deps, { shard, batch, window }));
      if (isOutOfTime(deps, window)) {
        deps.log.warn('Tick ran out of time; the rest stays due', { shard });
        break;
      }
    }
    return result;
  } catch (error) {
    if (error instanceof ClockAheadError) throw error;
    const isOutage = error instanceof StorageUnavailableError;
    // All shards meet an outage: a line for each is enough, a stack would say nothing.
    if (isOutage) deps.log.warn('Tick of a shard ended; its slots stay due', { shard, cause: error.message });
    else deps.log.error('Tick of a shard failed; its slots stay due', { shard }, error);
    return addResults(result, { ...nothing, failed: 1 });
  }
};

/** Where storage hangs, one batch alone could outlast the platform's patience: each slot asks. */
const isOutOfTime = ({ clock, timings }: Uses<'clock' | 'timings'>, { now }: FireWindow): boolean =>
  clock.now().getTime() - now.getTime() > timings.tickLimitSeconds * 1000;

interface ShardBatch {
  readonly shard: number;
  readonly batch: DueBatch;
  readonly window: FireWindow;
}

/** A clock that is ahead would record coming slots as missed and start others early. */
const refuseClockAhead = ({ clock, timings }: Uses<'clock' | 'timings'>, answeredAt: Date | undefined): void => {
  if (answeredAt === undefined) return;
  const now = clock.now();
  const { maxClockAheadSeconds } = timings;
  const seconds = Math.round((now.getTime() - answeredAt.getTime()) / 1000);
  if (seconds <= maxClockAheadSeconds) return;
  throw new ClockAheadError(
    `The clock of this host is ${seconds} s ahead of storage's, which says ${answeredAt.toISOString()}; expected at most ${maxClockAheadSeconds} s. Nothing fires until it is right.`,
  );
};

const tickBatch = async (deps: ShardUses, { shard, batch, window }: ShardBatch): Promise<TickResult> => {
  refuseClockAhead(deps, batch.answeredAt);
  for (const row of batch.unreadable)
    deps.log.error('Due row cannot be read; its trigger does not fire', { ...row, shard });
  const results = await withConcurrency(batch.slots, concurrentSends, (slot) => fireSlot(deps, { slot, window }));
  const fired = results.filter((result) => result.kind === 'fired');
  const advances = fired.flatMap(({ advance }) => (advance === null ? [] : [advance]));
  if (advances.length > 0) await deps.schedule.advance(advances);
  const sound = batch.slots.filter((_, index) => results[index]?.kind !== 'unusable');
  return {
    fired: fired.reduce((sum, result) => sum + result.sent, 0),
    missed: fired.reduce((sum, result) => sum + result.missed, 0),
    failed: sound.length - fired.length,
    unusable: batch.unreadable.length + batch.slots.length - sound.length,
    lagSeconds: lagOf(sound, window.now),
  };
};

interface DueInWindow {
  readonly slot: DueSlot;
  readonly window: FireWindow;
}

interface FiredSlot {
  readonly kind: 'fired';
  readonly sent: number;
  readonly missed: number;
  /** Null when another tick, or a change, has advanced the trigger meanwhile. */
  readonly advance: Advance | null;
}

/** Either way the slot is not advanced and stays due. `unusable`: the fault is in the trigger or its row, and will meet the slot again. */
type SlotResult = FiredSlot | { readonly kind: 'failed' | 'unusable' };

/** One trigger's trouble is never another's. */
const fireSlot = async (deps: ShardUses, due: DueInWindow): Promise<SlotResult> => {
  if (isOutOfTime(deps, due.window)) return { kind: 'failed' };
  try {
    return await planAndSend(deps, due);
  } catch (error) {
    return explainFailure(deps, due.slot, error);
  }
};

const explainFailure = async (deps: ShardUses, slot: DueSlot, error: unknown): Promise<SlotResult> => {
  const { project, routine, triggerName: trigger, nominal } = slot;
  deps.log.error('Slot not fired; it stays due', { project, routine, trigger, slot: nominal.toISOString() }, error);
  if (error instanceof StorageUnavailableError) return { kind: 'failed' };
  if (error instanceof UnusableTriggerError) await failUnusableSlot(deps, slot);
  return { kind: 'unusable' };
};

const planAndSend = async (deps: ShardUses, { slot, window }: DueInWindow): Promise<SlotResult> => {
  const plan = planFires(slot.trigger, slot.nominal, { ...window, catchUpUntil: slot.catchUpUntil });
  if (plan.missed === null) return await sendFires(deps, slot, plan);
  const judged = await judgeMissed(deps, { slot, missed: plan.missed });
  if (judged.kind === 'lost') return { kind: 'fired', sent: 0, missed: 0, advance: null };
  if (judged.kind === 'dropped') return { ...(await sendFires(deps, slot, plan)), missed: plan.missed.count };
  const resumed = planFires(slot.trigger, judged.slot.nominal, { ...window, catchUpUntil: judged.slot.catchUpUntil });
  return { ...(await sendFires(deps, judged.slot, resumed)), missed: judged.dropped };
};

const sendFires = async (deps: Uses<'deliveries' | 'clock'>, slot: DueSlot, plan: FirePlan): Promise<FiredSlot> => {
  await sendSlots(deps, slot, plan.fires);
  return { kind: 'fired', sent: plan.fires.length, missed: 0, advance: { slot, next: plan.next } };
};

const lagOf = (slots: readonly DueSlot[], now: Date): number =>
  Math.max(0, ...slots.map((slot) => Math.floor((now.getTime() - slot.nominal.getTime()) / 1000)));
