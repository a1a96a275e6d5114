import type { ConcurrencyPolicy } from '../../shared/domain/concurrency.ts';
import type { ProjectName, RoutineName, RunId } from '../../shared/domain/names.ts';
import type { TimedTrigger } from '../../shared/domain/trigger.ts';

/** `unknown`: no answer, or a 5xx; it may have been carried out, wholly or in part. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** When a request was made and when its outcome was known, in milliseconds since 1970: it took effect in between. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

export interface RequestRecord extends Interval {
  readonly outcome: Outcome;
  /** 0: no answer. */
  readonly status: number;
}

/** What a routine fires. */
export interface Definition {
  readonly enabled: boolean;
  readonly trigger: TimedTrigger;
}

export type ChangeKind =
  | { readonly kind: 'put'; readonly definition: Definition }
  | { readonly kind: 'delete' | 'enable' | 'disable' };

export type Change = RequestRecord & ChangeKind;

/** A dispatch, or the retry of a run: either starts a run by hand. */
export interface Start extends RequestRecord {
  readonly key?: string;
  /** When it was acknowledged. */
  readonly runId?: RunId;
}

export interface Cancel extends RequestRecord {
  readonly runId: RunId;
}

/** All that was asked of one routine, in the order of the answers. */
export interface RoutineLedger {
  readonly project: ProjectName;
  readonly name: RoutineName;
  /** Several clients change it at once: what it owns is then unknown. */
  readonly contended: boolean;
  readonly policy: ConcurrencyPolicy;
  readonly changes: Change[];
  readonly starts: Start[];
  readonly cancels: Cancel[];
}

export type RoutineToAsk = Pick<RoutineLedger, 'project' | 'name' | 'contended' | 'policy'>;

/** What was asked of the service and what it answered. */
export interface Ledger {
  readonly routines: readonly RoutineLedger[];
  /** What a client found wrong with an answer, there and then. */
  readonly complaints: string[];
  /** Of all requests, by outcome. */
  readonly counts: Record<Outcome, number>;
  slowestMs: number;
}

export const openLedger = (routines: readonly RoutineToAsk[]): Ledger => ({
  routines: routines.map((routine) => ({ ...routine, changes: [], starts: [], cancels: [] })),
  complaints: [],
  counts: { acknowledged: 0, refused: 0, unknown: 0 },
  slowestMs: 0,
});
