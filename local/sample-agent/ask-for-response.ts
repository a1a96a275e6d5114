import { showResponse } from './background-routes.ts';
import type { BackgroundAgent } from './background-work.ts';
import { type SampleRequest, type SampleService, turnOf } from './route.ts';
import type { SampleAgent, SpeakingAgent } from './sample-agents.ts';
import { errorAnswer, toInputText, type WireAnswer } from './wire.ts';

/**
 * A call by the Responses API. The response gets the id that the header `x-agent-response-id` names, and begins once:
 * a second call for an id that is known is a conflict, as the server libraries of hosted agents answer it.
 */
export const askForResponse = async (
  request: SampleRequest,
  { works }: SampleService,
  agent: SampleAgent,
  body: Readonly<Record<string, unknown>>,
): Promise<WireAnswer> => {
  if ('write' in agent) return { ...agent, body: undefined };
  const { input, conversation, background } = body;
  const id = request.headers['x-agent-response-id'];
  if (id !== undefined && !responseId.test(id)) {
    return errorAnswer(400, 'invalid_request', `x-agent-response-id "${id}", expected ${responseId.source}`);
  }
  if (id !== undefined && works.isTaken(id)) {
    return errorAnswer(409, 'response_id_conflict', `A response "${id}" exists already`);
  }
  const turn = { input: toInputText(input), ...turnOf(request) };
  const asked = { conversation, sessionId: null, prefix: 'resp', id, input: turn.input } as const;
  if ('work' in agent) return showResponse(works, works.begin({ ...asked, agent, runKey: turn.runKey }));
  if (background === true && agent.long !== undefined) {
    const { seconds, reply } = agent.long;
    return showResponse(
      works,
      works.begin({ ...asked, agent: doing(agent, seconds, reply(turn)), runKey: turn.runKey }),
    );
  }
  const reply = await agent.answer(turn);
  if (reply.kind === 'refused') return errorAnswer(reply.status, reply.code, reply.message);
  // It is kept, so that it can be asked for by its id when the answer gets lost.
  return showResponse(works, works.begin({ ...asked, agent: doing(agent, 0, reply), runKey: '' }));
};

const responseId = /^[A-Za-z0-9_-]{1,128}$/;

const doing = (
  { name, description }: SpeakingAgent,
  seconds: number,
  end: BackgroundAgent['work']['end'],
): BackgroundAgent => ({ name, description, work: { seconds, end } });
