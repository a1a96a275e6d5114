import type { Action } from './action.ts';
import type { CatchUp } from './catch-up.ts';
import type { ProjectName, RoutineName } from './names.ts';
import type { RoutineTrigger } from './trigger.ts';

export type AuthorizationIdentity = 'agent' | 'creator';

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
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** +1 with every write, deletes included; never restarts, because a delete leaves a tombstone. */
  readonly generation: number;
  /** Position in the lists: 12 hex digits of the creation time in ms, then 8 random ones; lower case. */
  readonly createdKey: string;
}

/** What stays of a deleted routine: enough for its history to be found and its generations to go on. */
export interface Tombstone {
  readonly project: ProjectName;
  readonly name: RoutineName;
  readonly deletedAt: Date;
  readonly generation: number;
}
