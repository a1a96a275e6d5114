import { describe, expect, it } from 'vitest';
import { deliver } from '../../shared/app/delivery/deliver.ts';
import { dispatchRoutine } from '../../shared/app/runs/dispatch-routine.ts';
import { ConflictError, InvalidRequestError, NotFoundError } from '../../shared/domain/errors.ts';
import { dispatchRunId } from '../../shared/domain/run-id.ts';
import { routineName } from '../builders.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

const responses = 'invoke_agent_responses_api';

const withRoutine = async () => {
  const world = createWorld('2026-03-01T12:00:30Z');
  await world.put(aDraft({ type: 'schedule', cronExpression: '0 0 1 * *' }));
  return world;
};

describe('a dispatch', () => {
  it('runs the action now and stands in the history as queued until it is delivered', async () => {
    const world = await withRoutine();
    const id = await world.dispatch();
    expect(await world.runsOf()).toMatchObject([
      { id, attemptSource: 'queued_dispatch', triggerName: 'main', state: { phase: 'queued' } },
    ]);
    await world.runUntil('2026-03-01T12:00:35Z');
    expect(await world.runsOf()).toMatchObject([{ id, state: { phase: 'completed' } }]);
    expect((await world.runsOf())[0]?.scheduledFireAt).toBeUndefined();
  });

  it("sends the payload's input in place of the action's own", async () => {
    const world = await withRoutine();
    await world.dispatch({ payload: { type: responses, input: { question: 42 } } });
    await world.dispatch({ payload: { type: responses } });
    await world.runUntil('2026-03-01T12:00:35Z');
    expect(world.calls.map(({ action }) => action.input)).toEqual([{ question: 42 }, 'hello']);
  });

  it('works on a disabled routine', async () => {
    const world = await withRoutine();
    await world.put(aDraft(everyFiveMinutes, { enabled: false }));
    await world.dispatch();
    await world.runUntil('2026-03-01T12:00:35Z');
    expect(await world.runsOf()).toMatchObject([{ state: { phase: 'completed' } }]);
  });

  it('is refused for another action type, and for a routine that does not exist', async () => {
    const world = await withRoutine();
    await expect(world.dispatch({ payload: { type: 'invoke_agent_invocations_api' } })).rejects.toMatchObject({
      code: 'payload_type_mismatch',
    });
    await expect(world.dispatch({ payload: { type: 'x' } })).rejects.toBeInstanceOf(InvalidRequestError);
    await expect(world.dispatch({ routine: routineName('nobody') })).rejects.toBeInstanceOf(NotFoundError);
    expect(world.deps.deliveries.sent).toEqual([]);
  });
});

describe('a repeated dispatch', () => {
  const key = { kind: 'key', value: 'abc' } as const;
  const request = { kind: 'request', value: 'abc' } as const;

  it.each([key, request])(
    "with the same $kind and body answers with the first one's run and starts nothing",
    async (idempotency) => {
      const world = await withRoutine();
      const first = await world.dispatch({ idempotency });
      expect(await world.dispatch({ idempotency })).toBe(first);
      await world.runUntil('2026-03-01T12:00:40Z');
      expect(world.calls).toHaveLength(1);
    },
  );

  it('twenty times at once starts one run', async () => {
    const world = await withRoutine();
    const ids = await Promise.all(Array.from({ length: 20 }, () => world.dispatch({ idempotency: key })));
    expect(new Set(ids).size).toBe(1);
    await world.runUntil('2026-03-01T12:03:00Z');
    expect(await world.runsOf()).toHaveLength(1);
    expect(world.calls).toHaveLength(1);
    expect(world.deps.deliveries.messages).toEqual([]);
  });

  it('with another body is a conflict under an Idempotency-Key and a new run under a request id', async () => {
    const world = await withRoutine();
    const payload = { type: responses, input: 'other' };
    const first = await world.dispatch({ idempotency: request });
    await world.dispatch({ idempotency: key });
    await expect(world.dispatch({ idempotency: key, payload })).rejects.toBeInstanceOf(ConflictError);
    expect(await world.dispatch({ idempotency: request, payload })).not.toBe(first);
  });

  it("answers with the first one's run after its routine got another action, and after it was deleted", async () => {
    const world = await withRoutine();
    const dispatch = { idempotency: request, payload: { type: responses } };
    const first = await world.dispatch(dispatch);
    const action = { type: 'invoke_agent_invocations_api', agentName: 'other' } as const;
    await world.put(aDraft(everyFiveMinutes, { action }));
    expect(await world.dispatch(dispatch)).toBe(first);
    await world.service.deleteRoutine(demo, daily);
    expect(await world.dispatch(dispatch)).toBe(first);
    await expect(world.dispatch({ payload: { type: responses } })).rejects.toBeInstanceOf(NotFoundError);
  });

  it('after a day, and no earlier, is a new one', async () => {
    const world = await withRoutine();
    const first = await world.dispatch({ idempotency: key });
    world.clock.advance(24 * 3600 - 1);
    expect(await world.dispatch({ idempotency: key })).toBe(first);
    world.clock.advance(1);
    expect(await world.dispatch({ idempotency: key })).not.toBe(first);
  });

  it('whose Idempotency-Key is the request id of the first one is another dispatch', async () => {
    const world = await withRoutine();
    const first = await world.dispatch({ idempotency: request });
    expect(await world.dispatch({ idempotency: key })).not.toBe(first);
  });

  it('of another routine is another dispatch', async () => {
    const world = await withRoutine();
    const other = routineName('other');
    await world.put(aDraft(everyFiveMinutes), other);
    const first = await world.dispatch({ idempotency: key });
    expect(await world.dispatch({ routine: other, idempotency: key })).not.toBe(first);
  });
});

describe('a dispatch whose process was held up between its message and its run', () => {
  it('for less than half a minute sends one message, which comes a second later than it was sent', async () => {
    const world = await withRoutine();
    const { create } = world.deps.runs;
    const heldUp = (...args: Parameters<typeof create>) => {
      world.clock.advance(29);
      return create(...args);
    };
    const deps = { ...world.deps, runs: { ...world.deps.runs, create: heldUp } };
    await dispatchRoutine(deps, { project: demo, routine: daily });
    expect(world.deps.deliveries.sent).toMatchObject([{ message: { kind: 'dispatch' }, delaySeconds: 1 }]);
  });

  it.each([undefined, { kind: 'key', value: 'abc' } as const])(
    'until the message was dropped sends it again before it answers: %o',
    async (idempotency) => {
      const world = await withRoutine();
      const heldUp = async () => {
        await world.runUntil('2026-03-01T12:02:00Z');
        expect(world.deps.deliveries.messages).toEqual([]);
      };
      const { create, createDispatched } = world.deps.runs;
      const runs = {
        ...world.deps.runs,
        create: (...args: Parameters<typeof create>) => heldUp().then(() => create(...args)),
        createDispatched: (...args: Parameters<typeof createDispatched>) =>
          heldUp().then(() => createDispatched(...args)),
      };
      const id = await dispatchRoutine({ ...world.deps, runs }, { project: demo, routine: daily, idempotency });
      await world.runUntil('2026-03-01T12:02:05Z');
      expect(await world.runsOf()).toMatchObject([{ id, state: { phase: 'completed' } }]);
    },
  );
});

describe('a dispatch that crashed between its message and its run', () => {
  it.each([
    [1, 1, 1],
    [1, 2.5, 2],
    [9, 8, 8],
    [1, 40, 20],
    [2, 59.5, 1],
  ])(
    'is looked for at receipt %i, %d s after it was sent, and again %i s later',
    async (dequeueCount, seconds, delaySeconds) => {
      const { deps, clock } = await withRoutine();
      const runId = dispatchRunId(clock.now(), 'a'.repeat(20));
      const message = {
        kind: 'dispatch',
        project: demo,
        routine: daily,
        runId,
        sentAt: clock.now().getTime(),
      } as const;
      clock.advance(seconds);
      const rest = await deliver(deps, { message, dequeueCount, owner: 'o' });
      expect(rest).toEqual({ kind: 'put_back', reason: 'dispatch_not_written', delaySeconds });
    },
  );

  it('is dropped after a minute: nobody was told that it exists', async () => {
    const world = await withRoutine();
    const failing = { ...world.deps.runs, create: () => Promise.reject(new Error('crash')) };
    await expect(dispatchRoutine({ ...world.deps, runs: failing }, { project: demo, routine: daily })).rejects.toThrow(
      'crash',
    );
    await world.runUntil('2026-03-01T12:01:20Z');
    expect(world.deps.deliveries.messages).toHaveLength(1);
    await world.runUntil('2026-03-01T12:01:50Z');
    expect(world.deps.deliveries.messages).toEqual([]);
    expect(world.calls).toEqual([]);
  });
});
