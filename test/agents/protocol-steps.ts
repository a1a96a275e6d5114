import type { AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import type { WorkOutcome } from '../../shared/domain/progress/run-progress.ts';
import { callAgent, invocations, pollAgent, responses } from './http-agent.ts';

const action = { responses: responses(), invocations: invocations() };
const ids = { responses: { responseId: 'resp_1' }, invocations: { invocationId: 'inv_1' } };

/** The call of an agent and the poll of what it accepted, by each protocol that answers at once. */
export const protocolSteps = (['responses', 'invocations'] as const).flatMap((protocol) =>
  (['start', 'poll'] as const).map((step) => ({ protocol, step })),
);
type ProtocolStep = (typeof protocolSteps)[number];

export const ask = (
  endpoint: string,
  { protocol, step }: ProtocolStep,
  timeoutSeconds = 40,
): Promise<AgentOutcome | WorkOutcome> =>
  step === 'start'
    ? callAgent(endpoint, action[protocol], { call: { timeoutSeconds } })
    : pollAgent(endpoint, { action: action[protocol], ids: ids[protocol], timeoutSeconds });
