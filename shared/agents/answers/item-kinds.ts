import { isJsonObject, type JsonObject } from '../../domain/json.ts';

/**
 * Calls that the caller carries out, by the Responses API of OpenAI and of Foundry, and as other frameworks name them.
 * All other calls ran where the agent runs, whether their result is shown or not: `azure_function_call` is one of those.
 */
const clientCall =
  /^(?!azure_)(?:.*_)?(?:function|custom_tool|computer|computer_use|local_shell|shell|apply_patch|client_tool|frontend_tool)_call$/;
const request = /[_-]request$|^(?:elicitation|interrupt)$/;
const personal =
  /(?:approval|consent|confirmation|permission|input|auth[a-z]*|credentials?|login|elicitation)[._-](?:request(?:ed)?|required|needed)$/;
/** No question to anybody: what a framework logs of its own calls, and what an agent may write about. */
const ownRequest = /^(?:http|invocation|run|agent|tool|llm|model|chat|api|invalid|bad|pull|merge|feature)[_-]request$/;

/** What an item is called that answers another, behind the other's name. */
export const answerSuffix = /_(?:call_output|output|response|result)$|[._](?:responded|granted)$/;

/** True of a type that asks a person. */
export const isPersonal = (type: string): boolean => personal.test(type);

/** True of an item that waits for an answer, by its type. */
export const asksByType = (item: JsonObject, type: string): boolean => {
  if (type === '' || (item.output !== undefined && item.output !== null)) return false;
  if (isPersonal(type)) return true;
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
export const answersByType = (type: string): boolean => answerSuffix.test(type) || type === 'mcp_call';

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
