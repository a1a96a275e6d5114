import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { typeOf } from './content-text.ts';
import { answerSuffix, answersByType, asksByType, isPersonal, isWaitingStatus } from './item-kinds.ts';
import { type PendingRequest, type PendingRequests, shortName, webLink } from './pending-requests.ts';

/** Deeper than any known answer nests an item. */
const maxDepth = 6;

/** Where answers and events keep items, messages and their parts. */
const containers: ReadonlySet<string> = new Set([
  'output',
  'content',
  'contents',
  'parts',
  'item',
  'items',
  'part',
  'content_block',
  'delta',
  'response',
  'message',
  'messages',
  'choices',
  'candidates',
  'tool_calls',
  'result',
  'run',
  'task',
  'status',
]);
/** What the agent was given, may be given, or keeps for itself: nothing in there waits. */
const notSaid: ReadonlySet<string> = new Set([
  'input',
  'instructions',
  'history',
  'tools',
  'arguments',
  'args',
  'parameters',
  'schema',
  'snapshot',
  'state',
  'metadata',
]);

/**
 * Looks through an answer, or an event of a stream, for what waits for an answer and for what answers it. Calls count
 * where items stand: elsewhere an agent tells of what it did. By hand: an answer may hold millions of items.
 */
export const seeRequests = (requests: PendingRequests, value: unknown, depth = 0, isPlace = true): void => {
  if (Array.isArray(value)) {
    for (const item of value) if (isJsonObject(item)) seeRequests(requests, item, depth, isPlace);
    return;
  }
  if (!isJsonObject(value) || depth > maxDepth) return;
  if (isPlace) seeItem(requests, value, depth === 0);
  else seeRequest(requests, value);
  for (const name in value) {
    const inner = value[name];
    if (typeof inner !== 'object' || inner === null || notSaid.has(name)) continue;
    seeRequests(requests, inner, depth + 1, isPlace && containers.has(name));
  }
};

const seeItem = (requests: PendingRequests, item: JsonObject, isWhole: boolean): void => {
  const type = typeOf(item);
  if (asksByType(item, type)) ask(requests, item, type);
  else if (answersByType(type)) answer(requests, item, type);
  seeStatus(requests, item, isWhole);
  seeLists(requests, item);
  seeCard(requests, item);
  seeFunctions(requests, item);
};

/** Wherever it stands, a request to a person is one, and so is the status that says so. */
const seeRequest = (requests: PendingRequests, item: JsonObject): void => {
  const type = typeOf(item);
  if (isPersonal(type)) ask(requests, item, type);
  else if (answersByType(type)) answer(requests, item, type);
  seeStatus(requests, item, false);
  seeCard(requests, item);
};

/** An event that says by its name, and not by its data, what it asks for. */
export const seeNamedRequest = (requests: PendingRequests, name: string, event: JsonObject): void => {
  if (typeOf(event) === '' && asksByType(event, name)) ask(requests, event, name);
};

const ask = (requests: PendingRequests, item: JsonObject, type: string): void =>
  requests.ask({ ...describeItem(item), what: shortName(type) ?? type }, refsIn(item, ownRefs, type));

const answer = (requests: PendingRequests, item: JsonObject, type: string): void =>
  requests.answer(refsIn(item, answeredRefs, type.replace(answerSuffix, '')));

const ownRefs = ['call_id', 'id', 'request_id', 'tool_call_id'] as const;
const answeredRefs = ['call_id', 'approval_request_id', 'request_id', 'tool_call_id', 'tool_use_id'] as const;
const maxRefLength = 512;

/** Without an id the kind has to do. */
const refsIn = (item: JsonObject, names: readonly string[], kind: string): readonly string[] => {
  const refs = names.map((name) => item[name]).filter(isRef);
  return refs.length > 0 ? refs : [kind.replace(/_(?:call|request)$/, '')];
};

const isRef = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= maxRefLength;

const seeStatus = (requests: PendingRequests, item: JsonObject, isWhole: boolean): void => {
  const status = [item.status, item.state].find((one) => isWaitingStatus(one, isWhole));
  const action = isJsonObject(item.required_action) ? item.required_action : undefined;
  if (status === undefined && action === undefined) return;
  const calls = isJsonObject(action?.submit_tool_outputs) ? action.submit_tool_outputs.tool_calls : undefined;
  const [call = item] = Array.isArray(calls) ? calls : [];
  const type = shortName(typeOf(item));
  const says = `status ${shortName(status) ?? 'requires_action'}`;
  const what = type === undefined ? says : `${type} with ${says}`;
  requests.ask({ ...describeItem(isJsonObject(call) ? call : item), what });
};

/** Lists that hold nothing but what waits. */
const waitingLists = ['__interrupt__', 'interruptions', 'user_input_requests', 'suspended'] as const;

const seeLists = (requests: PendingRequests, item: JsonObject): void => {
  for (const name of waitingLists) {
    const list = item[name];
    if (!Array.isArray(list) || list.length === 0) continue;
    const [first] = list;
    requests.ask({ ...(isJsonObject(first) && describeItem(first)), what: name });
  }
};

/** Calls of functions as chat completions, LangChain and Gemini write them, and the messages that answer them. */
const seeFunctions = (requests: PendingRequests, item: JsonObject): void => {
  const { tool_calls: calls, function_call: call, functionCall, functionResponse, tool_call_id: answered } = item;
  const { toolUse, toolResult } = item;
  if (isJsonObject(call) && typeOf(item) === '') {
    requests.ask({ ...describeItem(call), what: 'function_call' });
  }
  if (Array.isArray(calls)) {
    const isReport = tellsOfCalls(item);
    for (const call of calls) {
      if (isReport) break;
      // The items of the Responses API are seen by their type; a chunk of arguments names nothing.
      if (!isJsonObject(call) || asksByType(call, typeOf(call)) || !isNamedCall(call)) continue;
      if ([call.output, call.result, call.response].some((brought) => brought !== undefined && brought !== null))
        continue;
      requests.ask({ ...describeItem(call), what: 'tool_calls' }, refsIn(call, ownRefs, 'tool_calls'));
    }
  } else if (isRef(answered)) requests.answer([answered]);
  if (isJsonObject(functionCall)) {
    requests.ask({ ...describeItem(functionCall), what: 'functionCall' }, refsIn(functionCall, functionRefs, ''));
  }
  if (isJsonObject(toolUse)) {
    requests.ask({ ...describeItem(toolUse), what: 'toolUse' }, refsIn(toolUse, ['toolUseId'], ''));
  }
  if (isJsonObject(toolResult)) requests.answer(refsIn(toolResult, ['toolUseId'], ''));
  if (isJsonObject(functionResponse)) requests.answer(refsIn(functionResponse, functionRefs, ''));
};

const isNamedCall = ({ id, name, function: called }: JsonObject): boolean =>
  isRef(id) || isRef(name) || (isJsonObject(called) && isRef(called.name));

/** A bot asks its user to sign in by a card. */
const seeCard = (requests: PendingRequests, { contentType, content }: JsonObject): void => {
  const kind = typeof contentType === 'string' ? /\bcard\.(oauth|signin)$/.exec(contentType)?.[1] : undefined;
  if (kind === undefined || !isJsonObject(content)) return;
  const [button] = Array.isArray(content.buttons) ? content.buttons : [];
  const link = isJsonObject(button) ? webLink(button.value) : undefined;
  requests.ask({ what: `${kind} card`, server: shortName(content.connectionName), link });
};

/** A body that says something, and is no message of a model: its list tells which tools it has used. */
const tellsOfCalls = (item: JsonObject): boolean =>
  item.role === undefined &&
  typeOf(item) === '' &&
  ['content', 'text', 'output', 'output_text', 'answer', 'response', 'result', 'message'].some(
    (name) => typeof item[name] === 'string' && item[name] !== '',
  );

const functionRefs = ['id', 'name'] as const;

const linkFields = [
  'consent_link',
  'consent_url',
  'consent_uri',
  'auth_url',
  'authorization_url',
  'url',
  'link',
] as const;

const describeItem = (item: JsonObject): Omit<PendingRequest, 'what'> => {
  const inner = [item.function_call, item.function, item.tool_call, item.toolCall].find(isJsonObject);
  const server = [item.server_label, item.server_name, item.connection_name, item.connector_name];
  return {
    tool: [item.name, item.tool_name, item.toolName, inner?.name].map(shortName).find(isNamed),
    server: server.map(shortName).find(isNamed),
    link: linkFields.map((name) => webLink(item[name])).find(isNamed),
  };
};

const isNamed = (name: string | undefined): boolean => name !== undefined;
