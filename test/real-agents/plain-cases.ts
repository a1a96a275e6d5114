/** What one agent is asked for, what becomes of the run, and what the agent's ledger says. */
interface PlainCase {
  readonly name: string;
  readonly protocol: 'responses' | 'invocations';
  /** For `agents.py`. */
  readonly order: Order;
  /** How long the run may take. */
  readonly seconds?: number;
  readonly becomes: object;
  readonly did: readonly string[];
}

interface Order {
  readonly do: 'say' | 'work' | 'stream' | 'fail' | 'raise' | 'ask' | 'refuse';
  readonly text?: string;
  readonly seconds?: number;
  readonly usage?: object;
  /** Words after which a stream breaks. */
  readonly cut_after?: number;
}

const once = { attempts: [{ number: 1, status_code: 200 }] };
const completed = ['begun', 'ended completed'];
const text = 'one two three';
const details = { input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } };
const usage = { input_tokens: 11, output_tokens: 7, total_tokens: 18 };

export const plainCases: readonly PlainCase[] = [
  {
    name: 'echo-by-responses',
    protocol: 'responses',
    order: { do: 'say', text, usage: { ...usage, ...details } },
    becomes: { status: 'FINISHED', output_text: text, usage, ...once },
    did: completed,
  },
  {
    name: 'echo-by-invocations',
    protocol: 'invocations',
    order: { do: 'say', text },
    becomes: { status: 'FINISHED', output_text: text, ...once },
    did: completed,
  },
  {
    name: 'two-minutes-by-responses',
    protocol: 'responses',
    order: { do: 'say', text, seconds: 120 },
    seconds: 180,
    becomes: { status: 'FINISHED', output_text: text, ...once },
    did: completed,
  },
  {
    name: 'stream-by-invocations',
    protocol: 'invocations',
    order: { do: 'stream', text, seconds: 0.5 },
    becomes: { status: 'FINISHED', output_text: text, ...once },
    did: completed,
  },
  {
    name: 'cut-stream-by-invocations',
    protocol: 'invocations',
    order: { do: 'stream', text, cut_after: 1 },
    becomes: {
      status: 'FAILED',
      error_type: 'connection_error',
      attempts: [{ number: 1 }, { number: 2 }, { number: 3 }],
    },
    did: ['begun', 'ended broken off', 'begun', 'ended broken off', 'begun', 'ended broken off'],
  },
  {
    name: 'accepted-by-invocations',
    protocol: 'invocations',
    order: { do: 'work', text, seconds: 8 },
    becomes: { status: 'FINISHED', output_text: text, ...once },
    did: completed,
  },
  {
    name: 'fails-by-responses',
    protocol: 'responses',
    order: { do: 'fail' },
    becomes: { status: 'FAILED', error_type: 'server_error', error_message: 'The agent gave up', ...once },
    did: ['begun', 'ended failed'],
  },
  {
    name: 'fails-late-by-responses',
    protocol: 'responses',
    order: { do: 'fail', seconds: 9 },
    becomes: { status: 'FAILED', error_type: 'server_error', error_message: 'The agent gave up', ...once },
    did: ['begun', 'ended failed'],
  },
  {
    name: 'breaks-by-responses',
    protocol: 'responses',
    order: { do: 'raise', seconds: 1 },
    becomes: { status: 'FAILED', error_type: 'server_error', ...once },
    did: ['begun', 'ended raised'],
  },
  {
    name: 'breaks-by-invocations',
    protocol: 'invocations',
    order: { do: 'raise' },
    becomes: {
      status: 'FAILED',
      error_type: 'internal_error',
      attempts: [{ status_code: 500 }, { status_code: 500 }, { status_code: 500 }],
    },
    did: ['begun', 'ended raised', 'begun', 'ended raised', 'begun', 'ended raised'],
  },
  {
    name: 'asks-by-responses',
    protocol: 'responses',
    order: { do: 'ask' },
    becomes: { status: 'FAILED', error_type: 'requires_action', ...once },
    did: ['begun', 'ended asked'],
  },
  {
    name: 'refuses-by-responses',
    protocol: 'responses',
    order: { do: 'refuse' },
    becomes: { status: 'FINISHED', output_text: 'The agent does not do that', ...once },
    did: ['begun', 'ended refused'],
  },
];
