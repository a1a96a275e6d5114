import type { z } from 'zod';
import type { Action, ActionByType, ActionType } from '../action.ts';
import type { AgentName } from '../agent-name.ts';
import type { BegunWork } from '../begun-id.ts';
import type { WorkIds } from '../run.ts';
import type { ActionFacts, ActionKind } from './action-kind.ts';
import { invocationsAction } from './invocations-action.ts';
import { responsesAction } from './responses-action.ts';
import { threadsAction } from './threads-action.ts';
import { unionOfKinds } from './union-of-kinds.ts';

type ActionKinds = { readonly [Type in ActionType]: ActionKind<ActionByType[Type]> };

/** Every kind of action: the one place that names them all. */
const table = {
  invoke_agent_responses_api: responsesAction,
  invoke_agent_invocations_api: invocationsAction,
  invoke_agent_threads_api: threadsAction,
} satisfies ActionKinds;

type WireByType = { readonly [Type in ActionType]: z.output<(typeof table)[Type]['wire']> };

/** An action on the wire, by its canonical field names. */
export type WireAction = WireByType[ActionType];

// The same table, typed so that the compiler knows: the kind that a type names takes the action of that type.
const kinds: ActionKinds = table;
const readers: {
  readonly [Type in ActionType]: { fromWire(wire: WireByType[Type]): ActionByType[Type] };
} = table;

export const actionWires = Object.values(table).map(({ wire }) => wire);
export const actionAliases: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.values(table).flatMap(({ aliases }) => Object.entries(aliases)),
);

/** An action without its input, inside JSON text. */
export const storedAction = unionOfKinds(Object.values(table).map(({ stored }) => stored));

const fromWireAs = <Type extends ActionType>(type: Type, wire: WireByType[Type]): Action =>
  readers[type].fromWire(wire);
export const actionFromWire = (wire: WireAction): Action => fromWireAs(wire.type, wire);

const toWireAs = <Type extends ActionType>(type: Type, action: ActionByType[Type]): object =>
  kinds[type].toWire(action);
/** Fields without a value are undefined. */
export const actionToWire = (action: Action): object => toWireAs(action.type, action);

const agentAs = <Type extends ActionType>(type: Type, action: ActionByType[Type]): AgentName | null =>
  kinds[type].agent(action);
/** The agent that an action calls; null for one that is known by an endpoint id only. */
export const agentOf = (action: Action): AgentName | null => agentAs(action.type, action);

/** Where a caller names the agent of such an action: the JSON path of a problem with it. */
export const agentPathOf = ({ type }: Action): string => kinds[type].agentPath;

const givenIdAs = <Type extends ActionType>(type: Type, action: ActionByType[Type], work: BegunWork) =>
  kinds[type].givenId(action, work);
/** The id under which the agent is asked to begin the work; undefined where the protocol knows no such id. */
export const givenIdOf = (action: Action, work: BegunWork): string | undefined => givenIdAs(action.type, action, work);

/** Seconds that accepted work has when neither its routine nor the operator says. */
export const defaultDeadlineSecondsOf = ({ type }: Action): number => kinds[type].defaultDeadlineSeconds;

const factsAs = <Type extends ActionType>(type: Type, action: ActionByType[Type], ids: WorkIds): ActionFacts =>
  kinds[type].facts(action, ids);
/** What runs tell of their action. `ids`: what the agent calls the work of this run by; none before it began. */
export const factsOf = (action: Action, ids: WorkIds = {}): ActionFacts => factsAs(action.type, action, ids);
