import { expect, test } from 'vitest';
import {
  type ClaimedRun,
  claimRun,
  recordAccepted,
  recordAttempt,
  recordWorkEnd,
} from '../../shared/domain/progress/run-progress.ts';
import type { Run } from '../../shared/domain/run.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { systemRandomness } from '../../shared/randomness.ts';
import { createRunStore } from '../../shared/storage/tables/run-store.ts';
import { callAgent, pollAgent, sendJson, serveAgent } from '../agents/http-agent.ts';
import { anAction, aRun, at } from '../builders.ts';
import { createTestStorage } from './test-storage.ts';

const storage = await createTestStorage();
const store = createRunStore(storage);
const now = at('2026-01-01T00:00:00Z');
const maxAttempts = 20;
const policy = { maxAttempts, backoffInitialSeconds: 1, backoffMaxSeconds: 5 };
const lease = { now, until: at('2026-01-01T00:01:00Z') };

/** What the service stores at most: 64 KiB in a property, 1 MiB in a row, both counted as UTF-16. */
const sizesOf = async (run: Run) => {
  const { tables } = storage.clients;
  const { value: rows } = await tables.runs
    .listEntities({ queryOptions: { filter: `id eq '${run.id}'` } })
    .byPage()
    .next();
  const texts = Object.entries({ ...rows?.[0] }).filter(([, value]) => typeof value === 'string');
  const bytes = texts.map(([name, value]) => (name.length + String(value).length) * 2);
  return {
    property: Math.max(...texts.map(([, value]) => String(value).length * 2)),
    row: bytes.reduce((a, b) => a + b, 0),
  };
};

const largestRequest = (input: string): Run =>
  aRun({
    id: dispatchRunId(now, systemRandomness.hex(10)),
    action: anAction({
      type: 'invoke_agent_responses_api',
      agentName: 'a'.repeat(256),
      conversation: '"'.repeat(256),
      input,
    }),
    metadata: Object.fromEntries(Array.from({ length: 16 }, (_, n) => [String(n).padStart(64, 'k'), '"'.repeat(512)])),
    missed: { count: 1_000_000, firstAt: now, lastAt: now },
    exclusive: 'coalesce_if_active',
  });

test.each([
  ['4-byte characters', '🚀'],
  ['quotes', '"'],
  ['quotes between 4-byte characters', '🚀"'],
  ['control characters', '\u0001'],
  ['zeros', '\0'],
  ['halves of surrogate pairs', '\ud800'],
  ['characters that are none', '\uffff'],
])(
  'a run of twenty attempts and the largest of everything can be stored, whatever the agent sends: %s',
  async (_what, character) => {
    const many = (times: number) => character.repeat(times / character.length);
    const error = { code: many(128), message: many(5_000) };
    const headers = { 'x-adc-response-details': '"'.repeat(512), 'x-agent-session-id': '"'.repeat(512) };
    const ended = {
      id: many(512),
      status: 'failed',
      error,
      output: [{ content: [{ type: 'output_text', text: many(100_000) }] }],
    };
    const agent = await serveAgent((outgoing, { method }) => {
      if (method === 'GET') return sendJson(outgoing, ended, { headers });
      const isLast = agent.seen.length === maxAttempts;
      sendJson(outgoing, isLast ? { id: 'x'.repeat(512), status: 'queued' } : { error }, {
        status: isLast ? 200 : 503,
        headers,
      });
    });
    const first = largestRequest(many(32_768));
    const claim = (run: Run): ClaimedRun => claimRun(run, 'o'.repeat(64), lease);

    let run = claim(first);
    for (let attempt = 1; attempt < maxAttempts; attempt += 1) {
      const outcome = await callAgent(agent.endpoint, first.action);
      if (outcome.kind !== 'retryable') throw new Error(`retryable, not ${outcome.kind}`);
      run = claim(recordAttempt(run, outcome, policy, now));
    }
    const accepted = await callAgent(agent.endpoint, first.action);
    if (accepted.kind !== 'accepted') throw new Error(`accepted, not ${accepted.kind}`);
    const polling = recordAccepted(run, accepted, 600);
    const outcome = await pollAgent(agent.endpoint, { action: first.action, ids: accepted.ids });
    if (outcome.kind !== 'terminal') throw new Error(`terminal, not ${outcome.kind}`);
    const end = recordWorkEnd(polling, outcome, now);

    expect(await store.create(end)).not.toBeNull();
    const sizes = await sizesOf(end);
    expect(sizes.property).toBeLessThanOrEqual(64 * 1024);
    expect(sizes.row).toBeLessThan(1024 * 1024);

    const read = (await store.get(end.project, end.routine, end.id))?.run;
    expect(read?.state).toEqual(end.state);
    expect(read?.attempts).toHaveLength(maxAttempts);
    for (const { error: kept } of read?.attempts ?? []) expect(kept?.message.isWellFormed()).toBe(true);
    const { outputText = '', outputTruncated } = read?.state.phase === 'failed' ? (read.state.answer ?? {}) : {};
    expect(outputTruncated).toBe(true);
    expect(outputText.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(outputText)).toBeGreaterThan(32 * 1024 - 4);
    expect(Buffer.byteLength(outputText)).toBeLessThanOrEqual(32 * 1024);
    console.log(`${_what}: largest property ${sizes.property} bytes, row ${sizes.row} bytes`);
  },
);
