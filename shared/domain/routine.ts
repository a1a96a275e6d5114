import type { Action } from './action.ts';
import type { CatchUp } from './catch-up.ts';
import type { ConcurrencyPolicy } from './concurrency.ts';
import type { Metadata } from './metadata.ts';
import type { ProjectName, RoutineName } from './names.ts';
import type { RoutineTrigger } from './trigger.ts';

/** Whom a run acts as. */
export const authorizationIdentities = ['agent', 'creator'] as const;
export type AuthorizationIdentity = (typeof authorizationIdentities)[number];

/** A named automation: its triggers say when, its action says what. */
export interface Routine {
  readonly project: ProjectName;
  readonly name: RoutineName;
  readonly description?: string;
  readonly enabled: boolean;
  /** In order of name; at least one. */
  readonly triggers: readonly RoutineTrigger[];
  readonly action: Action;
  readonly authorization: { readonly identity: AuthorizationIdentity };
  readonly catchUp: CatchUp;
  readonly concurrencyPolicy: ConcurrencyPolicy;
  /** Seconds that work of this routine has, once an agent has accepted it; absent: what is set for all. */
  readonly deadlineSeconds?: number;
  readonly metadata?: Metadata;
  /** Set once, and for ever: the routine never fires again and takes no change but its deletion. */
  readonly archivedAt?: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** +1 with every write, deletes included; never restarts, because a delete leaves a tombstone. */
  readonly generation: number;
  /** Position in the lists: 12 hex digits of the creation time in ms, then 8 random ones; lower case. */
  readonly createdKey: string;
}

/** An archived routine keeps its definition, so that one can see what it was; it is as good as disabled. */
export const canFire = ({ enabled, archivedAt }: Pick<Routine, 'enabled' | 'archivedAt'>): boolean =>
  enabled && archivedAt === undefined;

/** What stays of a deleted routine: enough for its history to be found and its generations to go on. */
export interface Tombstone {
  readonly project: ProjectName;
  readonly name: RoutineName;
  readonly deletedAt: Date;
  readonly generation: number;
}
