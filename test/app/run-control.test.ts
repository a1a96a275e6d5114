import { describe, expect, it } from 'vitest';
import type { AgentCall, AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import { cancelRun } from '../../shared/app/runs/cancel-run.ts';
import { ConflictError, NotFoundError, StorageUnavailableError } from '../../shared/domain/errors.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { at } from '../builders.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

const busy: AgentOutcome = { kind: 'retryable', error: { type: 'http_error', statusCode: 503, message: 'busy' } };
const yearly = { type: 'schedule', cronExpression: '0 0 1 1 *' } as const;

/** An agent that answers when it is told to, or when its call is broken off. */
const aSlowAgent = () => {
  const under: { readonly call: AgentCall; readonly answer: (outcome: AgentOutcome) => void }[] = [];
  const agent = (call: AgentCall): Promise<AgentOutcome> =>
    new Promise((answer) => {
      under.push({ call, answer });
      call.signal?.addEventListener('abort', () => answer(busy), { once: true });
    });
  return { agent, under };
};

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

const withDispatch = async (agent?: (call: AgentCall) => AgentOutcome | Promise<AgentOutcome>) => {
  const world = createWorld('2026-03-01T12:00:30Z', agent);
  await world.put(aDraft(yearly, { concurrencyPolicy: 'skip_if_active' }));
  const id = await world.dispatch();
  world.clock.advance(1);
  return { world, id };
};

describe('a cancelled run', () => {
  it('never starts when it was queued', async () => {
    const { world, id } = await withDispatch();
    expect((await world.cancel(id)).state).toMatchObject({ phase: 'killed', error: { type: 'cancelled' } });
    expect(await world.deliverVisible()).toEqual([{ kind: 'done', reason: 'run_ended' }]);
    expect(world.calls).toEqual([]);
    expect((await world.runsOf())[0]).not.toHaveProperty('startedAt');
  });

  it('is not tried again when it was waiting for its next attempt, and lets go of its routine', async () => {
    const { world, id } = await withDispatch(() => busy);
    await world.deliverVisible();
    expect((await world.deps.runs.readHold(demo, daily)).active?.runId).toBe(id);
    await world.cancel(id);
    expect((await world.deps.runs.readHold(demo, daily)).active).toBeUndefined();
    await world.runUntil('2026-03-01T12:01:00Z');
    expect(world.calls).toHaveLength(1);
    expect(await world.runsOf()).toMatchObject([{ attempts: [{ error: { statusCode: 503 } }] }]);
  });

  it('has its call broken off within five seconds, and holds its routine until then', async () => {
    const { agent, under } = aSlowAgent();
    const { world, id } = await withDispatch(agent);
    const delivered = world.deliverVisible();
    await settled();
    const killed = await world.cancel(id);
    expect(killed.attempts).toMatchObject([{ number: 1, error: { type: 'cancelled' } }]);
    expect(under[0]?.call.signal?.aborted).toBe(false);
    expect((await world.deps.runs.readHold(demo, daily)).active?.runId).toBe(id);
    world.clock.advance(5);
    expect(await delivered).toEqual([{ kind: 'done', reason: 'run_ended' }]);
    expect(under[0]?.call.signal?.reason).toBe('cancelled');
    expect((await world.deps.runs.readHold(demo, daily)).active).toBeUndefined();
    expect(await world.runsOf()).toEqual([killed]);
  });

  it('has the work cancelled at the agent that was accepted in the meantime', async () => {
    const { agent, under } = aSlowAgent();
    const { world, id } = await withDispatch(agent);
    const delivered = world.deliverVisible();
    await settled();
    await world.cancel(id);
    under[0]?.answer({ kind: 'accepted', ids: { invocationId: 'inv-1' } });
    expect(await delivered).toEqual([{ kind: 'done', reason: 'run_ended' }]);
    expect(world.cancels).toMatchObject([{ runId: id, ids: { invocationId: 'inv-1' } }]);
  });

  it('stays cancelled when the agent answers before its call is broken off', async () => {
    const { agent, under } = aSlowAgent();
    const { world, id } = await withDispatch(agent);
    const delivered = world.deliverVisible();
    await settled();
    const killed = await world.cancel(id);
    under[0]?.answer({ kind: 'completed', answer: {} });
    await delivered;
    expect(await world.runsOf()).toEqual([killed]);
    expect((await world.deps.runs.readHold(demo, daily)).active).toBeUndefined();
  });

  it('is read again when its delivery was faster', async () => {
    const { world, id } = await withDispatch(() => busy);
    const { readHold } = world.deps.runs;
    let isFirst = true;
    const runs = {
      ...world.deps.runs,
      readHold: async (...of: Parameters<typeof readHold>) => {
        const hold = await readHold(...of);
        if (isFirst) await world.deliverVisible();
        isFirst = false;
        return hold;
      },
    };
    await cancelRun({ ...world.deps, runs }, { project: demo, routine: daily, id });
    expect(await world.runsOf()).toMatchObject([{ state: { phase: 'killed' }, attempts: [{ number: 1 }] }]);
  });

  it('cannot be one that has ended or that never was', async () => {
    const { world, id } = await withDispatch();
    await world.deliverVisible();
    await expect(world.cancel(id)).rejects.toThrow(ConflictError);
    await expect(world.cancel(id)).rejects.toThrow(/completed/);
    await expect(world.cancel(dispatchRunId(at('2026-01-01T00:00:00Z'), 'a'.repeat(20)))).rejects.toThrow(
      NotFoundError,
    );
  });

  it('makes room for the one that waits for it', async () => {
    const world = createWorld('2026-03-01T12:00:30Z', () => busy);
    await world.put(aDraft(yearly, { concurrencyPolicy: 'coalesce_if_active' }));
    const first = await world.dispatch();
    world.clock.advance(1);
    await world.deliverVisible();
    const second = await world.dispatch();
    world.clock.advance(1);
    // The first one's second attempt takes the hold again, the second one waits for it.
    await world.deliverVisible();
    expect(await world.deps.runs.readHold(demo, daily)).toMatchObject({ active: { runId: first }, waiting: second });
    await world.cancel(first);
    await world.deliverVisible();
    expect((await world.deps.runs.readHold(demo, daily)).active?.runId).toBe(second);
  });

  it('gives up its place when it waited', async () => {
    const world = createWorld('2026-03-01T12:00:30Z', () => busy);
    await world.put(aDraft(yearly, { concurrencyPolicy: 'coalesce_if_active' }));
    await world.dispatch();
    world.clock.advance(1);
    await world.deliverVisible();
    const second = await world.dispatch();
    world.clock.advance(1);
    await world.deliverVisible();
    await world.cancel(second);
    expect((await world.deps.runs.readHold(demo, daily)).waiting).toBeUndefined();
  });

  it.each([
    ['whose agent is at work', (): AgentOutcome => ({ kind: 'accepted', ids: { invocationId: 'inv-1' } })],
    ['that another one waits for', () => busy],
  ])('%s is answered when the queue takes no message: the cancel stands', async (_which, agent) => {
    const world = createWorld('2026-03-01T12:00:30Z', agent);
    await world.put(aDraft(yearly, { concurrencyPolicy: 'coalesce_if_active' }));
    const id = await world.dispatch();
    world.clock.advance(1);
    await world.deliverVisible();
    await world.dispatch();
    world.clock.advance(1);
    await world.deliverVisible();
    Object.assign(world.deps.deliveries, { send: () => Promise.reject(new StorageUnavailableError('down')) });
    expect((await world.cancel(id)).state).toMatchObject({ phase: 'killed' });
  });
});

describe('a run that another delivery took over', () => {
  const takenOver = async () => {
    const { agent, under } = aSlowAgent();
    const { world, id } = await withDispatch(agent);
    const delivered = world.deliverVisible();
    await settled();
    const stored = await world.deps.runs.get(demo, daily, id);
    if (stored?.run.state.phase !== 'dispatching') throw new Error('expected a claimed run');
    const claim = { ...stored.run.state.claim, owner: 'another' };
    await world.deps.runs.replace({ ...stored.run, state: { phase: 'dispatching', claim } }, stored.version);
    return { world, delivered, under };
  };

  it('has the call of the first one broken off for that reason', async () => {
    const { world, delivered, under } = await takenOver();
    world.clock.advance(5);
    expect(await delivered).toMatchObject([{ kind: 'put_back', reason: 'contended' }]);
    expect(under[0]?.call.signal?.reason).toBe('taken_over');
  });

  it('keeps the work that the agent accepted from the first one: it is the same', async () => {
    const { world, delivered, under } = await takenOver();
    under[0]?.answer({ kind: 'accepted', ids: { invocationId: 'inv-1' } });
    expect(await delivered).toMatchObject([{ kind: 'put_back', reason: 'contended' }]);
    expect(world.cancels).toEqual([]);
  });
});

it('a run whose call has ended is looked at no more', async () => {
  const { world } = await withDispatch();
  await world.deliverVisible();
  let reads = 0;
  const { get } = world.deps.runs;
  Object.assign(world.deps.runs, { get: (...of: Parameters<typeof get>) => get(...of).finally(() => (reads += 1)) });
  world.clock.advance(60);
  await settled();
  expect(reads).toBe(0);
});

describe('a run retried by hand', () => {
  it('is a new run of the same agent and input, whatever the routine is now', async () => {
    const { world, id } = await withDispatch(() => ({
      kind: 'terminal',
      error: { type: 'http_error', statusCode: 400, message: 'no' },
    }));
    await world.deliverVisible();
    await world.put(
      aDraft(yearly, {
        action: { type: 'invoke_agent_responses_api', agentName: 'other' },
        metadata: { team: 'ops' },
      }),
    );
    const retried = await world.retry(id);
    expect(retried).toMatchObject({
      retryOf: id,
      attemptSource: 'manual_dispatch',
      action: { agentName: 'echo-agent', input: 'hello' },
      triggerName: 'main',
      triggeredAt: world.clock.now(),
      metadata: { team: 'ops' },
      state: { phase: 'queued' },
    });
    world.clock.advance(1);
    await world.deliverVisible();
    expect(world.calls.map(({ runId }) => runId)).toEqual([id, retried.id]);
  });

  it('starts once for one idempotency key, and never for a dispatch of the same key', async () => {
    const { world, id } = await withDispatch();
    await world.deliverVisible();
    const idempotency = { kind: 'key', value: 'k' } as const;
    const retried = await world.retry(id, { idempotency });
    expect((await world.retry(id, { idempotency })).id).toBe(retried.id);
    await expect(world.dispatch({ idempotency })).rejects.toThrow(ConflictError);
    expect(await world.runsOf()).toHaveLength(2);
  });

  it('is refused between two attempts, in a word that callers know', async () => {
    const { world, id } = await withDispatch(() => busy);
    await world.deliverVisible();
    await expect(world.retry(id)).rejects.toThrow(`Run "${id}" is dispatching; only a run that has ended`);
  });

  it('is refused while the run goes on, for a run that never was, and without a routine', async () => {
    const { world, id } = await withDispatch();
    await expect(world.retry(id)).rejects.toThrow(/queued; only a run that has ended/);
    await world.deliverVisible();
    await expect(world.retry(dispatchRunId(at('2026-01-01T00:00:00Z'), 'a'.repeat(20)))).rejects.toMatchObject({
      code: 'run_not_found',
    });
    await world.service.deleteRoutine(demo, daily);
    await expect(world.retry(id)).rejects.toMatchObject({ code: 'routine_not_found' });
    expect(await world.runsOf()).toHaveLength(1);
  });
});

describe('an archived routine', () => {
  const archived = async () => {
    const world = createWorld('2026-03-01T12:01:30Z');
    await world.put(aDraft(everyFiveMinutes));
    const { archivedAt } = await world.service.archiveRoutine(demo, daily);
    return { world, archivedAt };
  };

  it('never fires again, the slot that was sent already included', async () => {
    const { world, archivedAt } = await archived();
    expect(archivedAt).toEqual(at('2026-03-01T12:01:30Z'));
    expect(world.deps.deliveries.messages).not.toEqual([]);
    await world.runUntil('2026-03-01T12:12:00Z');
    expect(await world.firedAt()).toEqual([]);
    expect(world.deps.deliveries.messages).toEqual([]);
    expect(world.deps.work.messages).toEqual([]);
  });

  it('takes no change, no dispatch and no retry, and says since when', async () => {
    const world = createWorld('2026-03-01T12:01:20Z');
    await world.put(aDraft(everyFiveMinutes));
    const ended = await world.dispatch();
    world.clock.advance(10);
    await world.deliverVisible();
    await world.service.archiveRoutine(demo, daily);
    const refused = (act: Promise<unknown>) =>
      expect(act).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('2026-03-01T12:01:30') });
    await refused(world.put(aDraft(everyFiveMinutes)));
    await refused(world.service.setRoutineEnabled(demo, daily, true));
    await refused(world.service.setRoutineEnabled(demo, daily, false));
    await refused(world.dispatch());
    await refused(world.retry(ended));
    expect((await world.service.getRoutine(demo, daily)).generation).toBe(2);
  });

  it('stays as it is when it is archived again', async () => {
    const { world, archivedAt } = await archived();
    world.clock.advance(60);
    expect(await world.service.archiveRoutine(demo, daily)).toMatchObject({ archivedAt, generation: 2 });
  });

  it('can be deleted, and its name used again', async () => {
    const { world } = await archived();
    await world.service.deleteRoutine(demo, daily);
    expect(await world.put(aDraft(everyFiveMinutes))).not.toHaveProperty('archivedAt', expect.any(Date));
    await world.runUntil('2026-03-01T12:06:00Z');
    expect(await world.firedAt()).toEqual(['12:05:00']);
  });
});
