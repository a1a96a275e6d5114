import { describe, expect, test } from 'vitest';
import { describeErrorBody, describeErrorValue, saysError } from '../../shared/domain/progress/describe-error.ts';

const bodies: readonly (readonly [string, unknown, { code?: string; message?: string }])[] = [
  [
    'an error with code and message',
    { error: { code: 'bad_input', message: 'no' } },
    { code: 'bad_input', message: 'no' },
  ],
  ['an error that is a text', { error: 'no such tool' }, { message: 'no such tool' }],
  ['an error that is a code', { error: 'bad_input', message: 'no' }, { code: 'bad_input', message: 'no' }],
  ['an error text beside a message', { error: 'no such tool', message: 'Sorry' }, { message: 'no such tool' }],
  ['an error code without a message', { error: 'bad_input', message: '' }, { message: 'bad_input' }],
  ['code and message', { code: 'bad_input', message: 'no' }, { code: 'bad_input', message: 'no' }],
  ['a message beside no error', { error: null, message: 'no' }, { message: 'no' }],
  ['a true beside a message', { error: true, message: 'no' }, { message: 'no' }],
  [
    'code null and a type',
    { error: { code: null, type: 'overloaded', message: 'no' } },
    { code: 'overloaded', message: 'no' },
  ],
  [
    'Anthropic',
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    { code: 'overloaded_error', message: 'Overloaded' },
  ],
  [
    'an error event',
    { type: 'error', code: 'rate_limited', message: 'slow' },
    { code: 'rate_limited', message: 'slow' },
  ],
  ['AG-UI', { type: 'RUN_ERROR', message: 'broke' }, { message: 'broke' }],

  [
    'FastAPI: a list',
    { detail: [{ loc: ['body', 'input'], msg: 'Field required', type: 'missing' }] },
    { message: 'body.input: Field required' },
  ],
  ['FastAPI: two of a list', { detail: [{ loc: ['body', 0], msg: 'a' }, { msg: 'b' }] }, { message: 'body.0: a; b' }],
  ['FastAPI: a text', { detail: 'Not authenticated' }, { message: 'Not authenticated' }],
  [
    'FastAPI: an object',
    { detail: { code: 'no_tool', message: 'no such tool' } },
    { code: 'no_tool', message: 'no such tool' },
  ],
  [
    'FastAPI: an error in the detail',
    { detail: { error: { code: 'no_tool', message: 'no' } } },
    { code: 'no_tool', message: 'no' },
  ],

  [
    'a problem with a status as title',
    { title: 'Bad Request', status: 400, detail: 'no such tool' },
    { message: 'no such tool' },
  ],
  [
    'a problem',
    { type: 'https://example.com/credit', title: 'Out of credit.', detail: 'Balance is 30' },
    { message: 'Out of credit. Balance is 30' },
  ],
  [
    'a problem with errors by field',
    { title: 'One or more errors occurred.', status: 400, errors: { Input: ['is required', 'is short'] } },
    { message: 'One or more errors occurred. Input: is required; is short' },
  ],
  [
    'a problem with a list of errors',
    { title: 'Invalid', errors: [{ detail: 'must be a text', pointer: '#/input' }] },
    { message: 'Invalid: must be a text' },
  ],
  ['a problem with a title only', { title: 'Not Found', status: 404 }, { message: 'Not Found' }],
  [
    'invalid-params',
    { title: 'Invalid', 'invalid-params': [{ name: 'age', reason: 'must be positive' }] },
    { message: 'Invalid: must be positive' },
  ],

  ['errors: texts', { errors: ['one', 'two'] }, { message: 'one; two' }],
  ['errors: messages', { errors: [{ message: 'one' }, { message: 'one' }] }, { message: 'one' }],
  [
    'GraphQL',
    { data: null, errors: [{ message: 'Cannot query field', extensions: { code: 'X' } }] },
    { code: 'X', message: 'Cannot query field' },
  ],
  [
    'JSON:API',
    { errors: [{ status: '422', code: 'too_long', title: 'Invalid attribute', detail: 'Name is too long' }] },
    { code: 'too_long', message: 'Invalid attribute: Name is too long' },
  ],
  [
    'Cloudflare',
    { success: false, errors: [{ code: 10000, message: 'Authentication error' }], messages: [] },
    { code: '10000', message: 'Authentication error' },
  ],
  ['Rails', { errors: { name: ["can't be blank"] } }, { message: "name: can't be blank" }],

  [
    'ASP.NET',
    { Message: 'An error has occurred.', ExceptionMessage: 'Null', ExceptionType: 'X' },
    { message: 'An error has occurred. Null' },
  ],
  [
    'ASP.NET ModelState',
    { Message: 'The request is invalid.', ModelState: { 'a.b': ['is required'] } },
    { message: 'The request is invalid. a.b: is required' },
  ],
  [
    'Apigee',
    { fault: { faultstring: 'Spike arrest', detail: { errorcode: 'policies.SpikeArrest' } } },
    { code: 'policies.SpikeArrest', message: 'Spike arrest' },
  ],
  [
    'WSO2',
    { fault: { code: 900901, message: 'Invalid Credentials', description: 'Wrong key' } },
    { code: '900901', message: 'Invalid Credentials' },
  ],
  [
    'odata.error',
    { 'odata.error': { code: 'Denied', message: { lang: 'en', value: 'No right' } } },
    { code: 'Denied', message: 'No right' },
  ],
  ['OData 2', { error: { code: '', message: { lang: 'en', value: 'No right' } } }, { message: 'No right' }],
  [
    'OAuth',
    { error: 'invalid_client', error_description: 'AADSTS7000215: wrong secret' },
    { code: 'invalid_client', message: 'AADSTS7000215: wrong secret' },
  ],
  [
    'API Management',
    { statusCode: 401, message: 'Access denied due to missing key' },
    { message: 'Access denied due to missing key' },
  ],
  ['Nest', { statusCode: 400, message: ['a must be b', 'c'], error: 'Bad Request' }, { message: 'a must be b; c' }],
  [
    'Fastify',
    { statusCode: 413, code: 'FST_ERR_BODY', error: 'Payload Too Large', message: 'Too large' },
    { code: 'FST_ERR_BODY', message: 'Too large' },
  ],
  [
    'Spring',
    { timestamp: 1, status: 500, error: 'Internal Server Error', message: 'It broke', path: '/' },
    { message: 'It broke' },
  ],
  ['Spring without a message', { status: 404, error: 'Not Found', message: '', path: '/x' }, { message: 'Not Found' }],
  [
    'Google',
    { error: { code: 404, status: 'NOT_FOUND', message: 'no model' } },
    { code: 'NOT_FOUND', message: 'no model' },
  ],
  [
    'Google, a list',
    [{ error: { code: 400, status: 'INVALID_ARGUMENT', message: 'no' } }],
    { code: 'INVALID_ARGUMENT', message: 'no' },
  ],
  [
    'Salesforce',
    [{ message: 'Session expired', errorCode: 'INVALID_SESSION_ID' }],
    { code: 'INVALID_SESSION_ID', message: 'Session expired' },
  ],
  [
    'Amazon',
    { __type: 'com.amazonaws#ThrottledException', Message: 'slow' },
    { code: 'ThrottledException', message: 'slow' },
  ],
  [
    'JSON-RPC',
    { jsonrpc: '2.0', error: { code: -32602, message: 'Invalid params', data: { message: 'x' } } },
    { code: '-32602', message: 'Invalid params' },
  ],
  ['a number as code', { error: { code: 40301, message: 'no' } }, { code: '40301', message: 'no' }],
  ['the status as code', { error: { code: 403, message: 'no' } }, { message: 'no' }],
  ['a status that is a text', { error: { code: '401', message: 'no key' } }, { code: '401', message: 'no key' }],
  [
    'Azure, a general code',
    {
      error: { code: 'BadRequest', message: 'Invalid.', details: [{ code: 'ModelGone', message: 'gpt-1 is retired' }] },
    },
    { code: 'ModelGone', message: 'Invalid. gpt-1 is retired' },
  ],
  [
    'Azure, a code that says something',
    { error: { code: 'content_filter', message: 'Filtered', innererror: { code: 'ResponsibleAIPolicyViolation' } } },
    { code: 'content_filter', message: 'Filtered: ResponsibleAIPolicyViolation' },
  ],
  [
    'Azure, innermost of three',
    {
      error: {
        code: 'UserError',
        message: 'A',
        innererror: { code: 'BadArgument', innererror: { code: 'KeyMissing', message: 'B' } },
      },
    },
    { code: 'KeyMissing', message: 'A: B' },
  ],
  [
    'a mere detail of the same words',
    { error: { code: 'x', message: 'a b', details: [{ message: 'b' }] } },
    { code: 'x', message: 'a b' },
  ],
  [
    'JSON in the message',
    { message: '{"error":{"code":"quota","message":"used up"}}' },
    { code: 'quota', message: 'used up' },
  ],
  ['JSON in the error', { error: '{"detail":"Not found here"}' }, { message: 'Not found here' }],
  [
    'a page in the error',
    { error: '<html><head><title>502 Bad Gateway</title></head></html>' },
    { message: '502 Bad Gateway' },
  ],
  [
    'zod',
    { issues: [{ code: 'too_small', path: ['a'], message: 'Required' }] },
    { code: 'too_small', message: 'Required' },
  ],
  [
    'Lambda',
    { errorMessage: 'broke', errorType: 'TypeError', stackTrace: [] },
    { code: 'TypeError', message: 'broke' },
  ],
  ['WeChat', { errcode: 40001, errmsg: 'invalid credential' }, { code: '40001', message: 'invalid credential' }],
  [
    'ServiceStack',
    { ResponseStatus: { ErrorCode: 'Denied', Message: 'No right' } },
    { code: 'Denied', message: 'No right' },
  ],
  ['gRPC', { status: { code: 1005, message: 'not found' } }, { message: 'not found', code: '1005' }],
  [
    'vLLM',
    { object: 'error', message: 'too long', type: 'BadRequestError', param: null, code: 400 },
    { code: 'BadRequestError', message: 'too long' },
  ],
  [
    'Mistral',
    { object: 'error', message: { detail: [{ loc: ['body'], msg: 'bad' }] }, type: 'invalid_request_error' },
    { code: 'invalid_request_error', message: 'body: bad' },
  ],
  [
    'Elasticsearch',
    { error: { root_cause: [], type: 'index_not_found_exception', reason: 'no such index' }, status: 404 },
    { code: 'index_not_found_exception', message: 'no such index' },
  ],
  ['a name and data', { name: 'BusyError', data: { message: 'Session is busy' } }, { message: 'Session is busy' }],

  [
    'additionalInfo',
    { error: { code: 'x', message: 'no', additionalInfo: { request_id: 'r1' } } },
    { code: 'x', message: 'no (additionalInfo: request_id=r1)' },
  ],
  [
    'additionalInfo as a list',
    { error: { message: 'no', additionalInfo: [{ type: 'Policy', info: { id: 7 } }] } },
    { message: 'no (additionalInfo: type=Policy, info.id=7)' },
  ],
  [
    'additionalInfo beside the error',
    { error: 'no', message: 'not now', additionalInfo: { a: 1 } },
    { code: 'no', message: 'not now (additionalInfo: a=1)' },
  ],
  [
    'misalignment',
    {
      error: {
        code: 'misalignment_policy_violation',
        message: 'Stopped.',
        misalignment: {
          error_type: 'data_access',
          detailed_explanation: 'It read secrets.',
          steer: { message: 'Ask.' },
        },
      },
    },
    {
      code: 'misalignment_policy_violation',
      message:
        'Stopped. (misalignment: error_type=data_access, detailed_explanation=It read secrets., steer.message=Ask.)',
    },
  ],

  ['a text', 'no such tool', { message: 'no such tool' }],
  ['nothing that tells', [1], {}],
  ['an error of nulls', { error: { code: 400, message: '' } }, {}],
];

describe('describeErrorBody', () => {
  test.each(bodies)('reads %s', (_what, body, description) => {
    expect(describeErrorBody(JSON.stringify(body))).toEqual(description);
  });

  test.each([
    ['plain text', '  upstream connect error\n', { message: 'upstream connect error' }],
    ['nothing', '', {}],
    ['half an object', '{"error":{"mess', {}],
    [
      'a page',
      '<!DOCTYPE html>\n<html><head><title>\n Sign in &ndash; A &amp; B&#39;s\n</title>',
      { message: "Sign in – A & B's" },
    ],
    [
      'a page without a title',
      '<html><body><script>let a</script><h1>Bad <b>Gateway</b></h1><p>x',
      { message: 'Bad Gateway' },
    ],
    [
      'a page without a heading',
      '<html><style>p{}</style><!-- x --><body><p>Out of order</p>',
      { message: 'Out of order' },
    ],
    ['a page without text', '<html></html>', { message: 'a page without text' }],
    [
      'the error of a storage service',
      '<?xml version="1.0"?><Error><Code>Busy</Code><Message>Try again</Message></Error>',
      { code: 'Busy', message: 'Try again' },
    ],
    [
      'a fault of SOAP',
      '<s:Envelope><s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>Broke</faultstring>',
      { code: 's:Server', message: 'Broke' },
    ],
  ])('reads %s', (_what, body, description) => {
    expect(describeErrorBody(body)).toEqual(description);
  });

  test('says how many errors of a long list it leaves out', () => {
    const errors = Array.from({ length: 25 }, (_none, index) => `e${index}`);
    expect(describeErrorBody(JSON.stringify({ errors })).message).toMatch(/^e0; .*e19; and 5 more$/);
  });

  test('keeps the notes of a long message', () => {
    const error = { message: 'word '.repeat(400), additionalInfo: { request_id: 'r1' } };
    const { message = '' } = describeErrorBody(JSON.stringify({ error }));
    expect(message).toMatch(/word … \(additionalInfo: request_id=r1\)$/);
    expect(message.length).toBeLessThanOrEqual(1024);
  });
});

test('a code that is too long to be a type is no code', () => {
  expect(describeErrorValue({ code: 'x'.repeat(129) })).toEqual({});
  expect(describeErrorValue({ code: 'x'.repeat(128) })).toEqual({ code: 'x'.repeat(128) });
});

describe('saysError', () => {
  test.each([
    [{}],
    [[]],
    [''],
    [' '],
    [false],
    [null],
    [undefined],
    [0],
    [0.5],
    [{ code: null, message: '' }],
    [{ code: 0, details: [] }],
    [[null, {}]],
  ])('%j is none', (error) => {
    expect(saysError(error)).toBe(false);
  });
  test.each([['no'], [true], [{ code: 'x' }], [{ details: [{ message: 'x' }] }], [['x']]])('%j is one', (error) => {
    expect(saysError(error)).toBe(true);
  });
});

/** Milliseconds of the quickest of some tries: the machine may be busy with something else during the others. */
const bestOf = (work: () => void): number =>
  Math.min(
    ...Array.from({ length: 7 }, () => {
      const start = performance.now();
      work();
      return performance.now() - start;
    }),
  );

describe('what an error of any size costs', () => {
  const mb = 8 * 1024 * 1024;
  test.each<[string, string]>([
    ['8 MiB of text', 'x'.repeat(mb)],
    ['8 MiB of blanks', ' '.repeat(mb)],
    ['8 MiB of JSON', JSON.stringify({ error: { message: 'x'.repeat(mb) } })],
    ['8 MiB of lists', '['.repeat(mb)],
    ['8 MiB of titles that never end', `<html>${'<title '.repeat(mb / 7)}`],
    ['8 MiB of scripts that never end', `<html>${'<script>'.repeat(mb / 8)}`],
    ['8 MiB of entities', `<html><title>${'&amp'.repeat(mb / 4)}</title>`],
    ['8 MiB of elements of XML', `<Error>${'<Message '.repeat(mb / 9)}`],
  ])('%s: a few milliseconds', (_what, body) => {
    expect(bestOf(() => describeErrorBody(body))).toBeLessThan(60);
  });
  const tree = (depth: number, leaf: unknown): unknown =>
    depth === 0 ? leaf : { errors: Array.from({ length: 20 }, () => tree(depth - 1, leaf)) };
  test.each<[string, unknown]>([
    ['twenty errors in each of twenty', tree(4, { message: 'deep' })],
    ['nothing in each of twenty', tree(4, {})],
    ['a hundred errors around each other', Array.from({ length: 100 }).reduce((error) => ({ error }), 'deep')],
    ['notes without end', { message: 'x', additionalInfo: tree(4, {}) }],
  ])('of an object that was read already, %s, no more than a part is looked at', (_what, error) => {
    const read = () => {
      describeErrorValue(error);
      saysError(error);
    };
    expect(bestOf(read)).toBeLessThan(30);
  });
});
