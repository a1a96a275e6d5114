import type { z } from 'zod';
import type { Action } from '../action.ts';
import type { AgentName } from '../agent-name.ts';
import type { BegunWork } from '../begun-id.ts';
import type { EveryField } from '../every-field.ts';
import type { WorkIds } from '../run.ts';
import type { StoredFields } from '../schema/stored-fields.ts';
import { text } from '../schema/wire-fields.ts';

/**
 * All that the service knows of one kind of action, but for the protocol that it speaks (agents/protocols.ts).
 * The two that read the wire are methods, so that a table can hold kinds with different fields.
 */
export interface ActionKind<Of extends Action, Wire extends z.ZodObject = z.ZodObject> {
  /** The fields by their canonical names; each may also be written in camelCase. */
  readonly wire: Wire;
  /** Other names that a field may be written by. */
  readonly aliases: { readonly [Field in keyof z.output<Wire>]?: readonly string[] };
  fromWire(wire: z.output<Wire>): EveryField<Of>;
  readonly toWire: (action: Of) => object;
  /** The action inside JSON text, without the input, which fills another column. */
  readonly stored: z.ZodObject<StoredFields<Omit<Of, 'input'>>>;
  /** The agent that it calls; null for one that is known by an endpoint id only. */
  readonly agent: (action: Of) => AgentName | null;
  /** Where a caller names the agent: the JSON path of a problem with it. */
  readonly agentPath: string;
  /** The id under which the agent is asked to begin the work; undefined where the protocol knows no such id. */
  readonly givenId: (action: Of, work: BegunWork) => string | undefined;
  /** Seconds that accepted work has when neither its routine nor the operator says. */
  readonly defaultDeadlineSeconds: number;
  /** What runs tell of their action. `ids`: what the agent calls the work of this run by; none before it began. */
  readonly facts: (action: Of, ids: WorkIds) => EveryField<ActionFacts>;
}

export interface ActionFacts {
  readonly agentEndpointId?: string;
  readonly conversationId?: string;
  /** The session that the agent is asked to continue. */
  readonly sessionId?: string;
  /** The thread that the run is on, else the one that it was to be put on. */
  readonly threadId?: string;
}

/** It stands in the path of a URL, where dots alone would name another one, and half a surrogate pair is nothing. */
export const pathName = text(1, 256).refine(
  (name) => name !== '.' && name !== '..' && name.isWellFormed(),
  'expected a name of whole characters other than "." and ".."',
);
