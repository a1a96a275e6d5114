/** What one agent is asked for, what becomes of the run, and what the agent's ledger says. */
interface PlainCase {
  readonly name: string;
  readonly protocol: 'responses' | 'invocations';
  /** For `agents.py`. */
  readonly order: { readonly do: string; readonly text?: string; readonly seconds?: number; readonly usage?: object };
  /** How long the run may take. */
  readonly seconds?: number;
  readonly becomes: object;
  readonly did: readonly string[];
}

const once = { attempts: [{ number: 1, status_code: 200 }] };
const text = 'one two three';

export const plainCases: readonly PlainCase[] = [
  {
    name: 'echo-by-responses',
    protocol: 'responses',
    order: { do: 'say', text },
    becomes: { status: 'FINISHED', output_text: text, ...once },
    did: ['begun', 'ended completed'],
  },
  {
    name: 'echo-by-invocations',
    protocol: 'invocations',
    order: { do: 'say', text },
    becomes: { status: 'FINISHED', output_text: text, ...once },
    did: ['begun', 'ended completed'],
  },
  {
    name: 'stream-by-invocations',
    protocol: 'invocations',
    order: { do: 'stream', text, seconds: 0.5 },
    becomes: { status: 'FINISHED', output_text: text, ...once },
    did: ['begun', 'ended completed'],
  },
  {
    name: 'accepted-by-invocations',
    protocol: 'invocations',
    order: { do: 'work', text, seconds: 8 },
    becomes: { status: 'FINISHED', output_text: text, attempts: [{ number: 1, status_code: 200 }] },
    did: ['begun', 'ended completed'],
  },
  {
    name: 'fails-by-responses',
    protocol: 'responses',
    order: { do: 'fail' },
    becomes: { status: 'FAILED', error_type: 'server_error', error_message: 'The agent gave up', ...once },
    did: ['begun', 'ended failed'],
  },
];
