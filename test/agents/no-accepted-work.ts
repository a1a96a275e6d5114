import type { AgentCaller } from '../../shared/app/ports/agent-caller.ts';

/** What an agent that answers every call at once is never asked. */
export const noAcceptedWork: Pick<AgentCaller, 'poll' | 'cancel' | 'stopBegun'> = {
  poll: () => Promise.reject(new Error('This agent accepts no work that could be asked for.')),
  cancel: () => Promise.reject(new Error('This agent accepts no work that could be cancelled.')),
  stopBegun: async () => undefined,
};
