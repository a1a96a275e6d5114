import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { seeNamedRequest } from './pending-items.ts';
import { type PendingRequests, shortName } from './pending-requests.ts';

/**
 * Calls of tools that are no items but events of their own. Those of AG-UI and of the AI SDK may be meant for the page
 * that shows the stream; a run whose last word is such a call, without a result, waits for that page. An agent that goes
 * on to speak had the result: many frameworks do not show those of their own tools.
 */
export const seeToolEvent = (requests: PendingRequests, type: string, event: JsonObject): void => {
  const refs = [event.toolCallId, event.approvalId].filter((ref) => typeof ref === 'string');
  switch (type) {
    case 'TOOL_CALL_START':
    case 'TOOL_CALL_CHUNK':
      if (shortName(event.toolCallName) !== undefined) {
        requests.ask({ what: 'TOOL_CALL_START', tool: shortName(event.toolCallName) }, refs);
      }
      return;
    case 'tool-input-available':
      if (event.providerExecuted !== true) {
        requests.ask({ what: 'tool-input-available', tool: shortName(event.toolName) }, refs);
      }
      return;
    case 'TOOL_CALL_RESULT':
    case 'tool-output-available':
    case 'tool-output-error':
    case 'tool-output-denied':
    case 'tool-approval-response':
      requests.answer(refs);
      return;
    case 'RUN_FINISHED':
      seeInterrupt(requests, event);
      return;
    case 'CUSTOM':
      // As LangGraph's adapter for AG-UI tells of an interrupt.
      if (/interrupt/i.test(String(event.name))) requests.ask({ what: shortName(event.name) ?? type });
      return;
    default:
      seeNamedRequest(requests, type, event);
  }
};

/** The names of such calls begin like one of these. */
export const ownTools = ['TOOL_CALL', 'tool-input', 'tool_calls', 'tool_use', 'toolUse', 'functionCall'] as const;

/** An AG-UI run that ended with a question. The draft had `outcome: "interrupt"` and a single `interrupt`. */
const seeInterrupt = (requests: PendingRequests, { outcome, interrupt }: JsonObject): void => {
  const kind = isJsonObject(outcome) ? outcome.type : outcome;
  if (kind !== 'interrupt' && !(kind === undefined && isJsonObject(interrupt))) return;
  const [first = interrupt] = isJsonObject(outcome) && Array.isArray(outcome.interrupts) ? outcome.interrupts : [];
  const { reason, message } = isJsonObject(first) ? first : {};
  requests.ask({ what: 'RUN_FINISHED with an interrupt', tool: undefined, server: shortName(reason ?? message) });
};
