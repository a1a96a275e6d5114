import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createAgentCaller } from '../../shared/agents/agent-caller.ts';
import type { Action } from '../../shared/domain/action.ts';
import { answerOf, errorOf, statusOf } from '../../shared/domain/progress/run-facts.ts';
import { isEnded, type Run } from '../../shared/domain/run.ts';
import { aDraft, createWorld, daily, demo } from '../app/world.ts';
import { serviceSettings } from '../service-settings.ts';
import { holdTime, invocations, noToken, responses, type SeenRequest, sendJson, serveAgent } from './http-agent.ts';
import { expectationOf, matrix, maxAttempts, type Pattern, patterns, toMarkdown } from './matrix.ts';
import type { Answer, MatrixRow, Protocol } from './matrix-row.ts';

const actions: Record<Protocol, Action> = {
  Responses: responses(),
  Invocations: invocations(),
  Threads: { type: 'invoke_agent_threads_api', agentId: 'asst_1', input: 'hello' },
};

type Behaviour = Pick<MatrixRow, 'start' | 'known' | 'polls' | 'messages' | 'hangs'>;

const json =
  (body: unknown, status = 200): Answer =>
  (outgoing) =>
    sendJson(outgoing, body, { status });
const notKnown = json({ error: { message: 'Not known' } }, 404);

const accepts: Record<Protocol, Answer> = {
  Responses: json({ id: 'work', status: 'queued' }),
  Invocations: json({ invocation_id: 'work' }, 202),
  Threads: json({ id: 'thread_1' }),
};
const completes: Behaviour = { polls: [json({ id: 'work', status: 'completed', output: [] })] };
const unavailable: Behaviour = { start: json({ error: { message: 'Not now' } }, 503) };

const behavioursOf = (row: MatrixRow, pattern: Pattern): readonly Behaviour[] => {
  if (pattern === 'last') return [...Array<Behaviour>(maxAttempts - 1).fill(unavailable), row];
  return pattern === 'first' ? [row, completes] : [row];
};

const isStart = ({ method, url }: Pick<SeenRequest, 'method' | 'url'>): boolean =>
  method === 'POST' && /\/(responses|invocations|threads)(\?|$)/.test(url);
/** Asks for the work by the id that a call gave it. */
const isLookUp = ({ method, url }: SeenRequest): boolean =>
  method === 'GET' && /\/(responses\/caresp_|invocations\/[\da-f]{8}-)/.test(url);
const isCancel = ({ url }: SeenRequest): boolean => url.includes('/cancel');
/** What the Threads protocol asks besides: message and run are made, nothing was made before, and no message says anything. */
const aside = ({ method, url }: SeenRequest): unknown => {
  if (method === 'POST') return { id: url.includes('/messages') ? 'msg_1' : 'work', status: 'queued' };
  return /\/threads(\?|$)|\/messages|\/runs\?/.test(url) ? { object: 'list', data: [], has_more: false } : undefined;
};

/**
 * The agent behaves in its first attempt as the first one says, and so on; the last one counts for ever. `onReached`
 * hears of a call that hangs when it is as far as it will come.
 */
const serveBehaviours = async (protocol: Protocol, behaviours: readonly Behaviour[], onReached: () => void) => {
  let [attempt, poll] = [0, 0];
  const now = (): Behaviour => behaviours[Math.min(attempt, behaviours.length) - 1] ?? {};
  const reach = (place: MatrixRow['hangs']) => {
    if (now().hangs === place) onReached();
  };
  const agent = await serveAgent((outgoing: ServerResponse, request) => {
    if (isStart(request)) {
      [attempt, poll] = [attempt + 1, 0];
      (now().start ?? accepts[protocol])(outgoing, request);
      return reach('asked');
    }
    if (isLookUp(request)) return (now().known ?? notKnown)(outgoing, request);
    const { messages } = now();
    if (messages !== undefined && request.method === 'GET' && request.url.includes('/messages'))
      return messages(outgoing, request);
    const other = isCancel(request) ? {} : aside(request);
    if (other !== undefined) return sendJson(outgoing, other);
    const { polls = [] } = now();
    poll += 1;
    polls[Math.min(poll, polls.length) - 1]?.(outgoing, request);
  });
  const watched: typeof fetch = async (url, init) => {
    const response = await fetch(url, init);
    if (isStart({ method: init?.method ?? 'GET', url: String(url) })) reach('headers');
    return response;
  };
  return { ...agent, fetch: watched };
};

const {
  attemptTimeoutSeconds,
  timings: { agents: timings },
} = serviceSettings();

const play = async (protocol: Protocol, row: MatrixRow, pattern: Pattern) => {
  const time = row.hangs && holdTime();
  const agent = await serveBehaviours(protocol, behavioursOf(row, pattern), () => time?.pass(attemptTimeoutSeconds));
  const world = createWorld('2026-03-01T12:00:30Z');
  const { randomness, log } = world.deps;
  const { clock } = world;
  const config = {
    projectEndpoint: agent.endpoint,
    responsesRoute: 'agent',
    responsesBackground: 'auto',
    strictFoundryOutcome: false,
  } as const;
  const caller = createAgentCaller({ config, token: noToken, clock, randomness, log, timings, fetch: agent.fetch });
  Object.assign(world.deps.agents, caller);
  await world.put(
    aDraft(
      { type: 'schedule', cronExpression: '0 0 1 1 *' },
      { action: actions[protocol], ...(row.isWaited && { deadlineSeconds: 60 }) },
    ),
  );
  const id = await world.dispatch();
  const run = async (): Promise<Run> => {
    const stored = await world.deps.runs.get(demo, daily, id);
    if (stored === null) throw new Error('The run is gone');
    return stored.run;
  };
  const live = async () => {
    clock.advance(1);
    await world.deliverVisible();
  };
  for (let seconds = 0; seconds < 900 && !isEnded((await run()).state); seconds += 1) await live();
  // The poll that was sent before the last one.
  for (let seconds = 0; seconds < 20; seconds += 1) await live();
  return { run: await run(), agent };
};

const cases = matrix.flatMap((row) =>
  row.protocols.flatMap((protocol) => patterns.map((pattern) => ({ row, protocol, pattern, outcome: row.outcome }))),
);

describe('an agent that', () => {
  test.each(cases)('$outcome: $protocol, attempts: $pattern', async ({ row, protocol, pattern }) => {
    const { run, agent } = await play(protocol, row, pattern);
    const calls = agent.seen.filter(isStart);
    const { attempts, ...end } = expectationOf(row, pattern);
    const met = { run: statusOf(run.state), errorType: errorOf(run.state)?.type };
    expect(end.calls === undefined ? met : { ...met, calls: calls.length }).toEqual(end);
    if (row.output !== undefined && (pattern !== 'first' || row.isRetried === undefined)) {
      const answer = answerOf(run.state);
      expect(answer?.outputText ?? answer?.outputNote).toBe(row.output);
    }
    expect(run.attempts).toHaveLength(attempts ?? calls.length);
    expect(agent.seen.filter(isCancel)).toHaveLength(row.isCancelled ? 1 : 0);
    for (const { headers } of calls) expect(headers['idempotency-key']).toBe(run.id);
  });
});

test('docs/agents.md shows the same table', () => {
  const page = readFileSync(new URL('../../docs/agents.md', import.meta.url), 'utf8');
  expect(page).toContain(toMarkdown());
});
