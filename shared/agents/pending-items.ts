import { isJsonObject, type JsonObject } from '../domain/json.ts';
import { typeOf } from './content-text.ts';
import { type PendingRequest, type PendingRequests, shortName, webLink } from './pending-requests.ts';

/** Deeper than any known answer nests an item. */
const maxDepth = 6;

/** Where answers and events keep items, messages and their parts. */
const containers = [
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
] as const;

/**
 * Looks through an answer, or an event of a stream, for what waits for an answer and for what answers it. By hand: an
 * answer may hold millions of items.
 */
export const seeRequests = (requests: PendingRequests, value: unknown, depth = 0): void => {
  if (Array.isArray(value)) {
    for (const item of value) if (isJsonObject(item)) seeRequests(requests, item, depth);
    return;
  }
  if (!isJsonObject(value) || depth > maxDepth) return;
  seeItem(requests, value, depth === 0);
  for (const name of containers) {
    const inner = value[name];
    if (typeof inner === 'object' && inner !== null) seeRequests(requests, inner, depth + 1);
  }
};

const seeItem = (requests: PendingRequests, item: JsonObject, isWhole: boolean): void => {
  const type = typeOf(item);
  if (asksByType(item, type))
    requests.ask({ ...describeItem(item), what: shortName(type) ?? type }, refsIn(item, ownRefs, type));
  else if (answersByType(type)) requests.answer(refsIn(item, answeredRefs, type.replace(answerSuffix, '')));
  seeStatus(requests, item, isWhole);
  seeLists(requests, item);
  seeFunctions(requests, item);
};

/**
 * Calls that the caller carries out, by the Responses API of OpenAI and of Foundry, and as other frameworks name them.
 * All other calls ran where the agent runs, whether their result is shown or not: `azure_function_call` is one of those.
 */
const clientCall =
  /^(?!azure_)(?:.*_)?(?:function|custom_tool|computer|computer_use|local_shell|shell|apply_patch|client_tool|frontend_tool)_call$/;
const request = /[_-]request$|^(?:elicitation|interrupt)$/;
/** No question to anybody: what a framework logs of its own calls, and what an agent may write about. */
const ownRequest = /^(?:http|invocation|run|agent|tool|llm|model|chat|api|invalid|bad|pull|merge|feature)[_-]request$/;
const answerSuffix = /_(?:call_output|output|response|result)$/;

const asksByType = (item: JsonObject, type: string): boolean => {
  if (type === '' || (item.output !== undefined && item.output !== null)) return false;
  if (request.test(type)) return !ownRequest.test(type);
  if (type === 'tool_use') return true;
  if (type === 'tool_search_call') return item.execution === 'client';
  if (type === 'shell_call' && isHosted(item.environment)) return false;
  return clientCall.test(type) && item.execution !== 'server';
};

/** A container of the service's: the shell ran there. */
const isHosted = (environment: unknown): boolean =>
  isJsonObject(environment) && typeof environment.type === 'string' && environment.type.startsWith('container');

/** An `mcp_call` names the approval that let it run. */
const answersByType = (type: string): boolean => answerSuffix.test(type) || type === 'mcp_call';

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

/** Statuses that say that somebody else is to act, as services and protocols spell them. */
const waitingStatuses: ReadonlySet<string> = new Set([
  'requiresaction',
  'inputrequired',
  'authrequired',
  'taskstateinputrequired',
  'taskstateauthrequired',
]);
/** The same of an answer as a whole. Below that an agent may use these words for what it writes about. */
const waitingAnswer =
  /^(?:requires|needs|awaiting|waitingfor)(?:user|human)?(?:action|approval|input|confirmation|response|consent)?$|^interrupted$/;

/** True of a status that says that the agent waits for somebody else, spelled any way. */
export const isWaitingStatus = (status: unknown, isWhole = true): boolean => {
  if (typeof status !== 'string' || status.length > 64) return false;
  const plain = status.toLowerCase().replace(/[^a-z]/g, '');
  return (
    waitingStatuses.has(plain) || (isWhole && plain !== 'requires' && plain !== 'needs' && waitingAnswer.test(plain))
  );
};

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
  if (isJsonObject(call) && typeOf(item) === '') {
    requests.ask({ ...describeItem(call), what: 'function_call' });
  }
  if (Array.isArray(calls)) {
    for (const call of calls) {
      // The items of the Responses API are seen by their type; a chunk of arguments names nothing.
      if (!isJsonObject(call) || asksByType(call, typeOf(call)) || !(isRef(call.id) || isRef(call.name))) continue;
      requests.ask({ ...describeItem(call), what: 'tool_calls' }, refsIn(call, ownRefs, 'tool_calls'));
    }
  } else if (isRef(answered)) requests.answer([answered]);
  if (isJsonObject(functionCall)) {
    requests.ask({ ...describeItem(functionCall), what: 'functionCall' }, refsIn(functionCall, functionRefs, ''));
  }
  if (isJsonObject(functionResponse)) requests.answer(refsIn(functionResponse, functionRefs, ''));
};

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
