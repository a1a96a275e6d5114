import { askForResponse } from './ask-for-response.ts';
import { backgroundRoutes, cancelWorkInvocation } from './background-routes.ts';
import { type Route, type SampleRequest, type SampleService, turnOf } from './route.ts';
import type { SampleAgent } from './sample-agents.ts';
import { answerThreads, isThreadPath } from './thread-routes.ts';
import {
  errorAnswer,
  newId,
  toAgentView,
  toInputText,
  toInvocationAnswer,
  toInvocationUnderWay,
  toStreamedAnswer,
  type WireAnswer,
} from './wire.ts';

/** Thrown where a request cannot be understood; answered as what it says. */
class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly answer: WireAnswer;
  constructor(answer: WireAnswer) {
    super('The request cannot be answered');
    this.answer = answer;
  }
}

/** Answers a request to any project as an agent service would. Rejects when the request's signal is aborted. */
export const answerRequest = async (request: SampleRequest, service: SampleService): Promise<WireAnswer> => {
  const below = /^\/api\/projects\/[^/]+(?<path>\/.*)$/.exec(request.url.pathname)?.groups?.path ?? '';
  if (isThreadPath(below)) return answerThreads(request, below, service.threads);
  const matching = routes.filter(({ path }) => path.test(below));
  const route = matching.find(({ method }) => method === request.method);
  if (route === undefined) return noRoute(request, matching);
  try {
    if (route.isVersioned) requireApiVersion(request.url);
    const { agent = '', invocation = '', response = '' } = route.path.exec(below)?.groups ?? {};
    return await route.answer(request, service, {
      agent: decodeName(agent),
      invocation: decodeName(invocation),
      response: decodeName(response),
    });
  } catch (error) {
    if (error instanceof RequestError) return error.answer;
    throw error;
  }
};

const noRoute = ({ method, url }: SampleRequest, matching: readonly Route[]): WireAnswer => {
  if (matching.length === 0) return errorAnswer(404, 'not_found', `${url.pathname} is no path of this service`);
  const allow = matching.map((route) => route.method).join(', ');
  const message = `${url.pathname} does not take ${method}, only ${allow}`;
  return { ...errorAnswer(405, 'method_not_allowed', message), headers: { allow } };
};

const requireApiVersion = (url: URL): void => {
  const version = url.searchParams.get('api-version');
  if (version === 'v1') return;
  const message = version === null ? 'api-version is missing, expected v1' : `api-version "${version}", expected v1`;
  throw new RequestError(errorAnswer(400, 'unsupported_api_version', message));
};

const decodeName = (encoded: string): string => {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new RequestError(errorAnswer(400, 'invalid_request', `Name "${encoded}" is not percent-encoded UTF-8`));
  }
};

const agentNamed = ({ agents }: SampleService, name: string): SampleAgent => {
  const agent = agents.get(name);
  if (agent === undefined) throw new RequestError(errorAnswer(404, 'not_found', `Agent "${name}" does not exist`));
  return agent;
};

const parseBody = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    throw new RequestError(errorAnswer(400, 'invalid_request', 'The body is not JSON'));
  }
};

const parseObject = (body: string): Readonly<Record<string, unknown>> => {
  const value = parseBody(body);
  if (isObject(value)) return value;
  throw new RequestError(errorAnswer(400, 'invalid_request', 'The body is not a JSON object'));
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const askByProject: Route['answer'] = (request, service) => {
  const reference = parseObject(request.body).agent_reference;
  if (isObject(reference) && typeof reference.name === 'string') {
    return askForResponse(request, service, agentNamed(service, reference.name), parseObject(request.body));
  }
  throw new RequestError(errorAnswer(400, 'invalid_request', 'agent_reference is missing, expected {type, name}'));
};

const invoke: Route['answer'] = async (request, service, path) => {
  const agent = agentNamed(service, path.agent);
  const isJson = /\bjson\b/.test(request.headers['content-type'] ?? '');
  const input = isJson && request.body !== '' ? parseBody(request.body) : request.body;
  const turn = { input: toInputText(input), ...turnOf(request) };
  const sessionId = request.url.searchParams.get('agent_session_id');
  if ('write' in agent) return { ...agent, body: undefined };
  const asked = request.headers['x-agent-invocation-id'];
  const id = asked !== undefined && /^[\w-]{1,128}$/.test(asked) ? asked : undefined;
  if ('work' in agent) {
    const work = service.works.begin({ agent, conversation: undefined, sessionId, prefix: 'inv', id, ...turn });
    return toInvocationUnderWay(202, 'running', { invocationId: work.id, sessionId: work.sessionId });
  }
  const invocation = { invocationId: id ?? newId('inv'), sessionId };
  const { stream } = agent;
  if (stream === undefined) return toInvocationAnswer(await agent.answer(turn), invocation);
  return toStreamedAnswer(
    service.running.run(invocation.invocationId, (signal) => stream({ ...turn, signal })),
    invocation,
  );
};

const cancelInvocation: Route['answer'] = (_request, service, { agent, invocation: id }) => {
  agentNamed(service, agent);
  if (service.running.cancel(id)) return { status: 200, body: { invocation_id: id, status: 'cancelled' } };
  const ofWork = cancelWorkInvocation(service.works, id);
  if (ofWork !== undefined) return ofWork;
  return errorAnswer(404, 'not_found', `Invocation "${id}" is not running`);
};

const listAgents: Route['answer'] = (_request, { agents }) => {
  const data = [...agents.values()].map(toAgentView);
  return { status: 200, body: { object: 'list', data, has_more: false, last_id: data.at(-1)?.id } };
};

const routes: readonly Route[] = [
  { method: 'GET', path: /^\/agents$/, isVersioned: true, answer: listAgents },
  {
    method: 'GET',
    path: /^\/agents\/(?<agent>[^/]+)$/,
    isVersioned: true,
    answer: (_request, service, { agent }) => ({ status: 200, body: toAgentView(agentNamed(service, agent)) }),
  },
  {
    method: 'POST',
    path: /^\/agents\/(?<agent>[^/]+)\/endpoint\/protocols\/openai\/responses$/,
    isVersioned: true,
    answer: (request, service, { agent }) =>
      askForResponse(request, service, agentNamed(service, agent), parseObject(request.body)),
  },
  {
    method: 'POST',
    path: /^\/agents\/(?<agent>[^/]+)\/endpoint\/protocols\/invocations$/,
    isVersioned: true,
    answer: invoke,
  },
  {
    method: 'POST',
    path: /^\/agents\/(?<agent>[^/]+)\/endpoint\/protocols\/invocations\/(?<invocation>[^/]+)\/cancel$/,
    isVersioned: true,
    answer: cancelInvocation,
  },
  { method: 'POST', path: /^\/openai\/v1\/responses$/, isVersioned: false, answer: askByProject },
  ...backgroundRoutes,
];
