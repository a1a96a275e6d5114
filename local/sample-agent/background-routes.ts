import type { BackgroundWorks, Work } from './background-work.ts';
import type { Route } from './route.ts';
import { errorAnswer, toInvocationAnswer, toInvocationUnderWay, toResponseAnswer, type WireAnswer } from './wire.ts';

/** Accepted work as the Responses API shows it. */
export const showResponse = (works: BackgroundWorks, work: Work): WireAnswer => {
  const status = works.statusOf(work);
  const { end } = work.agent.work;
  const reply = status === 'in_progress' || status === 'cancelled' ? ({ kind: status } as const) : end;
  return toResponseAnswer(reply, {
    id: work.id,
    agent: work.agent.name,
    conversation: work.conversation,
    sessionId: work.sessionId,
    createdAt: work.startedAt,
  });
};

const showInvocation = (works: BackgroundWorks, work: Work): WireAnswer => {
  const status = works.statusOf(work);
  const invocation = { invocationId: work.id, sessionId: work.sessionId };
  const { end } = work.agent.work;
  return status === 'in_progress' || status === 'cancelled' || end.kind === 'cancelled'
    ? toInvocationUnderWay(200, status === 'in_progress' ? 'running' : 'cancelled', invocation)
    : toInvocationAnswer(end, invocation);
};

/** Undefined when there is no such work. */
export const cancelWorkInvocation = (works: BackgroundWorks, id: string): WireAnswer | undefined => {
  const work = works.find(id);
  if (work === undefined) return undefined;
  if (works.cancel(work) === 'in_progress') return { status: 200, body: { invocation_id: id, status: 'cancelled' } };
  return errorAnswer(409, 'conflict', `Invocation "${id}" has ended`);
};

const getResponse: Route['answer'] = (_request, { works }, { response }) => {
  const work = works.find(response);
  return work === undefined ? notFound('Response', response) : showResponse(works, work);
};

const cancelResponse: Route['answer'] = (_request, { works }, { response }) => {
  const work = works.find(response);
  if (work === undefined) return notFound('Response', response);
  const before = works.cancel(work);
  if (before !== 'in_progress' && before !== 'cancelled') {
    return errorAnswer(400, 'invalid_request', `Response "${response}" is ${before} and cannot be cancelled`);
  }
  return showResponse(works, works.find(response) ?? work);
};

const getInvocation: Route['answer'] = (_request, { works }, { invocation }) => {
  const work = works.find(invocation);
  return work === undefined ? notFound('Invocation', invocation) : showInvocation(works, work);
};

const notFound = (what: string, id: string): WireAnswer =>
  errorAnswer(404, 'not_found', `${what} "${id}" is not known`);

const ofAgent = '^/agents/(?<agent>[^/]+)/endpoint/protocols';
const response = '/responses/(?<response>[^/]+)';

/** Questions about accepted work; it is cancelled by Invocations where running invocations are. */
export const backgroundRoutes: readonly Route[] = [
  { method: 'GET', path: new RegExp(`${ofAgent}/openai${response}$`), isVersioned: true, answer: getResponse },
  {
    method: 'POST',
    path: new RegExp(`${ofAgent}/openai${response}/cancel$`),
    isVersioned: true,
    answer: cancelResponse,
  },
  { method: 'GET', path: new RegExp(`^/openai/v1${response}$`), isVersioned: false, answer: getResponse },
  { method: 'POST', path: new RegExp(`^/openai/v1${response}/cancel$`), isVersioned: false, answer: cancelResponse },
  {
    method: 'GET',
    path: new RegExp(`${ofAgent}/invocations/(?<invocation>[^/]+)$`),
    isVersioned: true,
    answer: getInvocation,
  },
];
