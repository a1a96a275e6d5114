import { describe, expect, test } from 'vitest';
import { refusesBackground } from '../../shared/agents/background.ts';
import { callAgent, callerOf, holdTime, project, responses, runId, sendJson, serveAgent } from './http-agent.ts';

const answerOf = (body: unknown, status = 400, headers = {}) => ({
  ...{ status, statusText: '', headers: new Headers(headers), isCut: false },
  text: typeof body === 'string' ? body : JSON.stringify(body),
});
const fastApi = (...loc: readonly unknown[]) => ({
  detail: [{ type: 'extra_forbidden', loc, msg: 'Extra inputs are not permitted', input: true }],
});

type Form = readonly [form: string, body: unknown, status?: number];
const named = (forms: readonly Form[]) => forms.map(([form, body, status]) => ({ form, body, status }));

const refusals: readonly Form[] = [
  ['OpenAI, by param', { error: { message: 'No', type: 'invalid_request_error', param: 'background', code: null } }],
  ['OpenAI, of store', { error: { message: 'No', param: 'store', code: 'unsupported_parameter' } }],
  ['the param with its place in the body', { error: { param: 'body.background', message: 'No' } }],
  ['FastAPI', fastApi('body', 'background'), 422],
  ['FastAPI, by a union of models', fastApi('body', 'CreateResponse', 'store', 'literal[false]'), 422],
  ['Azure, by target', { error: { code: 'BadRequest', details: [{ code: 'InvalidValue', target: 'background' }] } }],
  ['details by param', { error: { code: 'invalid_request', details: [{ param: '$.background' }] } }],
  [
    'problem+json of ASP.NET',
    { title: 'One or more validation errors', errors: { $: ['No'], '$.background': ['No'] } },
  ],
  ['ASP.NET, in its own case', { errors: { Background: ['The field is not known.'] } }, 422],
  ['problem+json with pointers', { title: 'Invalid', errors: [{ pointer: '#/store', detail: 'No' }] }, 422],
  ['JSON:API', { errors: [{ status: '422', source: { pointer: '/background' } }] }, 422],
  ['Ajv', { message: 'No', errors: [{ instancePath: '', params: { additionalProperty: 'background' } }] }],
  ['Ajv of a value', { errors: [{ instancePath: '/background', keyword: 'const' }] }],
  ['Zod', { error: { issues: [{ code: 'unrecognized_keys', keys: ['background', 'store'], path: [] }] } }],
  ['Zod, flat', { error: { formErrors: [], fieldErrors: { background: ['Invalid'] } } }],
  ['Spring', { status: 400, errors: [{ objectName: 'request', field: 'background', rejectedValue: true }] }],
  ['class-validator', { statusCode: 400, errors: [{ property: 'store', constraints: { isIn: 'No' } }] }],
  ['Google', { error: { details: [{ fieldViolations: [{ field: 'background', description: 'No' }] }] } }],
  ['Django', { background: ['Not a known field.'] }],
  ['RFC 7807', { 'invalid-params': [{ name: 'background', reason: 'is not supported' }] }],
  ['a code', { error: { code: 'background_not_supported', message: 'No' } }],
  ['a code in camel case', { error: { code: 'BackgroundModeNotSupported', message: 'No' } }, 422],
  ['a code of store', { error: { code: 'store_not_supported', message: 'No' } }],
  ['a code alone', { error: 'unsupported_background' }],
  ['a code as detail', { detail: 'background_unsupported' }],
  ['a type of problem', { type: 'https://errors.example.com/background-not-supported', title: 'No' }],
];

const others: readonly Form[] = [
  ['a message that names the field', { error: { message: "Unknown parameter: 'background'.", param: null } }],
  ['a message that repeats the input', { error: { message: 'Bad input: {"param":"background"}', param: 'input' } }],
  ['FastAPI, of a field within the input', fastApi('body', 'input', 0, 'background'), 422],
  ['FastAPI that repeats the body', { detail: [{ loc: ['body'], input: { background: true, store: true } }] }, 422],
  ['a path within the input', { error: { param: 'input[0].store' } }],
  ['a part of a name', { error: { param: 'background_color' } }],
  ['a vector store', { error: { code: 'vector_store_not_found', param: 'tools[0].vector_store_ids' } }],
  ['a store that is out of reach', { error: { code: 'store_unavailable' } }],
  ['the body, repeated', { background: true, store: true, input: 'x', error: { code: 'bad', message: 'No' } }],
  ['the path of the call', { status: 400, error: 'Bad Request', path: '/agents/store/endpoint/protocols' }],
  ['another status', { error: { param: 'background' } }, 403],
  ['no JSON', 'background'],
  ['nothing', ''],
];

describe('a call is refused for its being sent to the background', () => {
  test.each(named(refusals))('when the answer is of the form of $form', ({ body, status }) => {
    expect(refusesBackground(answerOf(body, status))).toBe(true);
  });
  test('when the platform says so in its header', () => {
    const headers = { 'x-adc-response-details': 'BackgroundNotSupported' };
    expect(refusesBackground(answerOf('', 400, headers))).toBe(true);
  });
  test.each(named(others))('not by $form', ({ body, status }) => {
    expect(refusesBackground(answerOf(body, status))).toBe(false);
  });
});

const refusal = { error: { message: 'No', param: 'background' } };
const completed = { id: 'resp_1', status: 'completed', output: [] };
const isBackground = (body: string): boolean => JSON.parse(body).background === true;
const serveForeground = () =>
  serveAgent((outgoing, { body }) =>
    sendJson(outgoing, isBackground(body) ? refusal : completed, { status: isBackground(body) ? 400 : 200 }),
  );

describe('a Responses agent that refuses background work', () => {
  test('is called without it in the same attempt, under the same id and key', async () => {
    const agent = await serveForeground();
    expect(await callAgent(agent.endpoint, responses())).toMatchObject({ kind: 'completed' });
    expect(agent.seen.map(({ body }) => JSON.parse(body))).toEqual([
      { input: 'hello', background: true, store: true },
      { input: 'hello' },
    ]);
    const [first, second] = agent.seen.map(({ headers }) => headers);
    expect(first?.['x-agent-response-id']).toMatch(/^caresp_/);
    for (const name of ['x-agent-response-id', 'idempotency-key']) expect(second?.[name]).toBe(first?.[name]);
  });

  test('is remembered for an hour, and other agents are not', async () => {
    const agent = await serveForeground();
    let nowMs = 0;
    const clock = { now: () => new Date(nowMs), sleep: async () => {} };
    const caller = callerOf(agent.endpoint, { clock });
    const call = {
      project,
      runId,
      mayRepeat: false,
      mayBeBegun: false,
      answered: 0,
      unfoundSeconds: 0,
      timeoutSeconds: 40,
    };
    const asked = async (agentName: string): Promise<number> => {
      const before = agent.seen.length;
      await caller.call({ ...call, action: responses({ agentName }) });
      return agent.seen.slice(before).filter(({ body }) => isBackground(body)).length;
    };
    expect(await asked('one')).toBe(1);
    nowMs = 3599_000;
    expect(await asked('one')).toBe(0);
    expect(await asked('two')).toBe(1);
    nowMs = 3600_000;
    expect(await asked('one')).toBe(1);
  });

  test.each([
    ['always', 'terminal', [true]],
    ['never', 'completed', [false]],
  ] as const)('is called as the setting %s says', async (responsesBackground, kind, asked) => {
    const agent = await serveForeground();
    expect(await callAgent(agent.endpoint, responses(), { config: { responsesBackground } })).toMatchObject({ kind });
    expect(agent.seen.map(({ body }) => isBackground(body))).toEqual(asked);
  });
});

test.each([
  ['auto', /it seems that the agent takes no background work.*ATTEMPT_TIMEOUT_SECONDS/],
  ['never', /AGENT_RESPONSES_BACKGROUND is never, so the agent takes no background work/],
] as const)('a call that times out says why, with the setting %s', async (responsesBackground, message) => {
  const time = holdTime();
  const agent = await serveAgent(() => time.pass(40));
  expect(await callAgent(agent.endpoint, responses(), { config: { responsesBackground } })).toMatchObject({
    kind: 'retryable',
    error: { type: 'timeout', message: expect.stringMatching(message) },
  });
});

test('a call that times out after a refusal says that the agent takes no background work', async () => {
  const time = holdTime();
  const agent = await serveAgent((outgoing, { body }) =>
    isBackground(body) ? sendJson(outgoing, refusal, { status: 422 }) : time.pass(40),
  );
  const message = expect.stringMatching(/refused to work in the background: the agent takes no background work/);
  expect(await callAgent(agent.endpoint, responses())).toMatchObject({ error: { type: 'timeout', message } });
});
