import { describe, expect, it } from 'vitest';
import { deliver } from '../../shared/app/delivery/deliver.ts';
import type { AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import type { FireMessage } from '../../shared/app/ports/messages.ts';
import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import { agentIdOf } from '../../shared/domain/progress/run-facts.ts';
import { at, triggerName } from '../builders.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

const unavailable: AgentOutcome = {
  kind: 'retryable',
  error: { type: 'http_error', statusCode: 503, message: 'unavailable' },
};
const answered: AgentOutcome = { kind: 'completed', answer: { outputText: 'done' } };
const slot = at('2026-03-01T12:05:00Z');
const message: FireMessage = {
  kind: 'fire',
  project: demo,
  routine: daily,
  trigger: triggerName('main'),
  nominal: slot.getTime(),
};

/** A routine whose slot at 12:05 is due now and has been sent. */
const atSlot = async (agent?: Parameters<typeof createWorld>[1]) => {
  const world = createWorld('2026-03-01T12:00:30Z', agent);
  await world.put(aDraft(everyFiveMinutes));
  world.clock.set(slot);
  return world;
};

describe('attempts', () => {
  it('that fail are repeated after 1 s and 2 s until one succeeds', async () => {
    const outcomes = [unavailable, unavailable, answered];
    const world = await atSlot(() => outcomes.shift() ?? answered);
    await world.runUntil('2026-03-01T12:05:20Z');
    expect(world.calls.map((call) => call.at.toISOString().slice(14, 19))).toEqual(['05:00', '05:01', '05:03']);
    const [run] = await world.runsOf();
    expect(run?.state.phase).toBe('completed');
    expect(run?.attempts.map(({ number, error }) => [number, error?.statusCode])).toEqual([
      [1, 503],
      [2, 503],
      [3, undefined],
    ]);
  });

  it('last until the agent has answered, and their backoff begins then', async () => {
    const world = await atSlot((call) => {
      world.clock.advance(7);
      return call.mayRepeat ? answered : unavailable;
    });
    expect(await deliver(world.deps, { message, dequeueCount: 1, owner: 'o' })).toMatchObject({ delaySeconds: 1 });
    expect(await world.runsOf()).toMatchObject([
      {
        attempts: [{ startedAt: slot, endedAt: at('2026-03-01T12:05:07Z') }],
        state: { retryAt: at('2026-03-01T12:05:08Z') },
      },
    ]);
  });

  it('end with the third failure', async () => {
    const world = await atSlot(() => unavailable);
    await world.runUntil('2026-03-01T12:05:30Z');
    expect(world.calls).toHaveLength(3);
    expect((await world.runsOf())[0]?.state).toMatchObject({ phase: 'failed', error: { statusCode: 503 } });
    expect(world.deps.deliveries.messages.map((held) => held.message)).not.toContainEqual(message);
  });

  it('all carry the same run id, and the action as it stood when the run began', async () => {
    const world = await atSlot(() => unavailable);
    await world.deliverVisible();
    await world.put(aDraft(everyFiveMinutes, { action: { type: 'invoke_agent_responses_api', agentName: 'other' } }));
    await world.runUntil('2026-03-01T12:05:30Z');
    expect(new Set(world.calls.map((call) => call.runId)).size).toBe(1);
    expect(new Set(world.calls.map(agentIdOf))).toEqual(new Set(['echo-agent']));
  });

  it('of a run that began go on when the routine is deleted', async () => {
    const outcomes = [unavailable, answered];
    const world = await atSlot(() => outcomes.shift() ?? answered);
    await world.deliverVisible();
    await world.service.deleteRoutine(demo, daily);
    await world.runUntil('2026-03-01T12:05:30Z');
    expect((await world.runsOf())[0]?.state.phase).toBe('completed');
  });
});

describe('duplicates', () => {
  it('delivered at once make one run and one call', async () => {
    const world = await atSlot();
    const deliveries = Array.from({ length: 10 }, (_, i) => ({ message, dequeueCount: 1, owner: `racer-${i}` }));
    const dispositions = await Promise.all(deliveries.map((delivery) => deliver(world.deps, delivery)));
    expect(world.calls).toHaveLength(1);
    expect(await world.runsOf()).toHaveLength(1);
    expect(dispositions.filter(({ kind }) => kind === 'done').length).toBeGreaterThanOrEqual(1);
  });

  it('are put back while another owner holds the lease, and dropped when the run has ended', async () => {
    let release = (_: AgentOutcome): void => undefined;
    const world = await atSlot(() => new Promise((resolve) => (release = resolve)));
    const first = deliver(world.deps, { message, dequeueCount: 1, owner: 'first' });
    await until(() => world.calls.length === 1);
    const second = await deliver(world.deps, { message, dequeueCount: 1, owner: 'second' });
    expect(second).toEqual({ kind: 'put_back', reason: 'leased', delaySeconds: 45, marks: { again: true } });
    release(answered);
    expect(await first).toEqual({ kind: 'done', reason: 'completed' });
    expect(await deliver(world.deps, { message, dequeueCount: 2, owner: 'second' })).toEqual({
      kind: 'done',
      reason: 'run_ended',
    });
    expect(world.calls).toHaveLength(1);
  });

  it('meet a run that goes on, also when its routine is deleted', async () => {
    const world = await atSlot(() => unavailable);
    await world.deliverVisible();
    await world.service.deleteRoutine(demo, daily);
    const other = await deliver(world.deps, { message, dequeueCount: 1, owner: 'other' });
    expect(other).toMatchObject({ kind: 'put_back', reason: 'backing_off' });
  });

  it('an hour late meet the ended run', async () => {
    const world = await atSlot();
    await world.deliverVisible();
    world.clock.advance(3600);
    expect(await deliver(world.deps, { message, dequeueCount: 1, owner: 'late' })).toEqual({
      kind: 'done',
      reason: 'run_ended',
    });
    expect(world.calls).toHaveLength(1);
  });
});

describe('a crash', () => {
  it('after the claim is taken over when the lease has ended, as the same attempt and under the same run id', async () => {
    let isFirst = true;
    const world = await atSlot(() => {
      if (!isFirst) return answered;
      isFirst = false;
      throw new Error('the process dies here');
    });
    await expect(deliver(world.deps, { message, dequeueCount: 1, owner: 'dead' })).rejects.toThrow('dies here');
    expect(await deliver(world.deps, { message, dequeueCount: 2, owner: 'next' })).toMatchObject({ reason: 'leased' });
    world.clock.advance(46);
    expect(await deliver(world.deps, { message, dequeueCount: 4, owner: 'next' })).toEqual({
      kind: 'done',
      reason: 'completed',
    });
    expect(world.calls.map((call) => call.runId)).toEqual([world.calls[0]?.runId, world.calls[0]?.runId]);
    expect(world.calls.map(({ mayRepeat }) => mayRepeat)).toEqual([false, true]);
    expect((await world.runsOf())[0]?.attempts.map(({ number }) => number)).toEqual([1]);
  });

  it('leaves a lease that a slow owner may lose: its late answer changes nothing', async () => {
    let release = (_: AgentOutcome): void => undefined;
    let calls = 0;
    const world = await atSlot(() => (++calls === 1 ? new Promise((resolve) => (release = resolve)) : answered));
    const slow = deliver(world.deps, { message, dequeueCount: 1, owner: 'slow' });
    await until(() => world.calls.length === 1);
    world.clock.advance(46);
    await deliver(world.deps, { message, dequeueCount: 2, owner: 'quick' });
    release(unavailable);
    expect(await slow).toEqual({ kind: 'done', reason: 'run_ended' });
    expect((await world.runsOf())[0]).toMatchObject({ state: { phase: 'completed' }, attempts: [{ number: 1 }] });
  });

  it('leaves a lease whose slow owner makes no second attempt in the same delivery: its time is up', async () => {
    let release = (_: AgentOutcome): void => undefined;
    let calls = 0;
    const world = await atSlot(() => (++calls === 1 ? new Promise((resolve) => (release = resolve)) : unavailable));
    const slow = deliver(world.deps, { message, dequeueCount: 1, owner: 'slow' });
    await until(() => world.calls.length === 1);
    world.clock.advance(46);
    await deliver(world.deps, { message, dequeueCount: 2, owner: 'quick' });
    world.clock.advance(5);
    release(answered);
    expect(await slow).toMatchObject({ kind: 'put_back', reason: 'contended' });
    expect(world.calls).toHaveLength(2);
  });

  it('is a life of the run, and from the second one on its message stands aside, once each', async () => {
    let deaths = 3;
    const world = await atSlot(() => {
      if (deaths-- > 0) throw new Error('the process dies here');
      return answered;
    });
    const lives = async () => (await world.runsOf())[0]?.lives;
    const die = (over: Partial<FireMessage> = {}) => {
      const delivery = { message: { ...message, again: true, ...over } as const, dequeueCount: 1, owner: `${deaths}` };
      return expect(deliver(world.deps, delivery)).rejects.toThrow('dies here');
    };
    await die();
    expect(await lives()).toBeUndefined();
    world.clock.advance(46);
    await die();
    expect(await lives()).toBe(1);
    world.clock.advance(46);
    expect(await deliver(world.deps, { message, dequeueCount: 2, owner: 'next' })).toEqual({
      ...{ kind: 'put_back', reason: 'stand_aside', delaySeconds: 30 },
      marks: { again: true, aside: 2 },
    });
    await die({ aside: 2 });
    expect(await lives()).toBe(2);
    world.clock.advance(46);
    const third = await deliver(world.deps, { message: { ...message, aside: 2 }, dequeueCount: 2, owner: 'next' });
    expect(third).toMatchObject({ reason: 'stand_aside', marks: { aside: 3 } });
    const last = { message: { ...message, aside: 3 }, dequeueCount: 2, owner: 'last' };
    expect(await deliver(world.deps, last)).toEqual({ kind: 'done', reason: 'completed' });
    expect(await lives()).toBe(3);
  });

  it('is not what receipts tell: those that met a lease, or nothing at all, let nothing stand aside', async () => {
    const world = await atSlot();
    expect(await deliver(world.deps, { message, dequeueCount: 9, owner: 'a' })).toEqual({
      kind: 'done',
      reason: 'completed',
    });
  });

  it('that comes again and again leads to the poison queue, whatever its receipts meet meanwhile', async () => {
    const world = await atSlot(() => {
      throw new Error('the process dies here');
    });
    const ends: unknown[] = [];
    let next: FireMessage = message;
    for (let tries = 0; tries < 40 && !ends.includes('to_poison'); tries += 1) {
      const rest = await deliver(world.deps, { message: next, dequeueCount: 1, owner: `o-${tries}` }).catch(() => null);
      ends.push(rest === null ? 'died' : rest.kind === 'put_back' ? rest.reason : rest.kind);
      if (rest?.kind === 'put_back') {
        next = { ...next, ...rest.marks };
        world.clock.advance(rest.delaySeconds);
      }
    }
    expect(ends.filter((end) => end === 'died')).toHaveLength(6);
    expect(ends.filter((end) => end === 'leased').length).toBeGreaterThan(4);
    expect(ends.at(-1)).toBe('to_poison');
    expect((await world.runsOf())[0]).toMatchObject({ lives: 5, attempts: [] });
  });
});

it('a fault of ours while an attempt is recorded is not waited out', async () => {
  const world = await atSlot();
  Object.assign(world.deps.runs, { replace: () => Promise.reject(new TypeError('a fault of ours')) });
  await expect(deliver(world.deps, { message, dequeueCount: 1, owner: 'o' })).rejects.toThrow('a fault of ours');
  expect(world.clock.now()).toEqual(slot);
});

describe('a slot whose routine is given to somebody else while it asks for it', () => {
  const contended = async (times: number) => {
    const world = createWorld('2026-03-01T12:00:30Z');
    await world.put(aDraft(everyFiveMinutes, { concurrencyPolicy: 'skip_if_active' }));
    world.clock.set(slot);
    const { readHold, writeHold } = world.deps.runs;
    let left = times;
    const runs = {
      ...world.deps.runs,
      readHold: async (...of: Parameters<typeof readHold>) => {
        const over = await readHold(...of);
        if (left > 0) await writeHold(...of, { over, to: {} });
        left -= 1;
        return over;
      },
    };
    return { world, rest: await deliver({ ...world.deps, runs }, { message, dequeueCount: 1, owner: 'o' }) };
  };

  it('asks again', async () => {
    const { rest } = await contended(1);
    expect(rest).toEqual({ kind: 'done', reason: 'completed' });
  });

  it('again and again comes back a second later', async () => {
    const { world, rest } = await contended(100);
    expect(rest).toEqual({ kind: 'put_back', reason: 'contended', delaySeconds: 1, marks: { again: true } });
    expect(await world.runsOf()).toEqual([]);
  });
});

it('a run that somebody else claims while it is skipped keeps its message', async () => {
  const world = await atSlot(() => new Promise(() => undefined));
  await world.put(aDraft(everyFiveMinutes, { concurrencyPolicy: 'skip_if_active' }));
  await world.dispatch();
  const runId = await world.dispatch();
  world.clock.advance(1);
  void world.deliverVisible();
  await until(() => world.calls.length === 1);
  const { replace } = world.deps.runs;
  const leaseUntil = new Date(world.clock.now().getTime() + 45_000);
  const claim = { owner: 'another', attempt: 1, startedAt: world.clock.now(), leaseUntil };
  let isFirst = true;
  const runs = {
    ...world.deps.runs,
    replace: async (...[run, version, hold]: Parameters<typeof replace>) => {
      if (isFirst) await replace({ ...run, state: { phase: 'dispatching', claim } }, version);
      isFirst = false;
      return replace(run, version, hold);
    },
  };
  const dispatched = { kind: 'dispatch', project: demo, routine: daily, runId, sentAt: slot.getTime() } as const;
  const rest = await deliver({ ...world.deps, runs }, { message: dispatched, dequeueCount: 1, owner: 'o' });
  expect(rest).toEqual({ kind: 'put_back', reason: 'leased', delaySeconds: 45 });
});

describe('a claim that is slow to write', () => {
  /** Each write of a claim takes so long. */
  const slowClaims = async (...seconds: number[]) => {
    const world = await atSlot();
    const create = async (...args: Parameters<typeof world.deps.runs.create>) => {
      const version = await world.deps.runs.create(...args);
      world.clock.advance(seconds.shift() ?? 0);
      return version;
    };
    return { world, deps: { ...world.deps, runs: { ...world.deps.runs, create } } };
  };

  it('leaves less time to the agent, so that no call outlasts its lease', async () => {
    const { world, deps } = await slowClaims(20);
    await deliver(deps, { message, dequeueCount: 1, owner: 'a' });
    expect(world.calls.map(({ timeoutSeconds }) => timeoutSeconds)).toEqual([25]);
  });

  it('is made anew when its lease is used up', async () => {
    const { world, deps } = await slowClaims(45);
    expect(await deliver(deps, { message, dequeueCount: 1, owner: 'a' })).toEqual({
      kind: 'done',
      reason: 'completed',
    });
    expect(world.calls.map(({ timeoutSeconds }) => timeoutSeconds)).toEqual([30]);
  });
});

describe('storage trouble', () => {
  it('before the claim puts the message back', async () => {
    const world = await atSlot();
    const deps = {
      ...world.deps,
      routines: {
        ...world.deps.routines,
        get: async () => {
          throw new StorageUnavailableError('no answer');
        },
      },
    };
    expect(await deliver(deps, { message, dequeueCount: 1, owner: 'a' })).toEqual({
      kind: 'put_back',
      reason: 'storage_unavailable',
      delaySeconds: 30,
      marks: { again: true },
    });
  });

  it('after the agent has answered is waited out until the lease ends: the agent is not called again', async () => {
    const world = await atSlot();
    let failures = 5;
    const deps = {
      ...world.deps,
      runs: {
        ...world.deps.runs,
        replace: async (...args: Parameters<typeof world.deps.runs.replace>) => {
          if (failures-- > 0) throw new StorageUnavailableError('no answer');
          return world.deps.runs.replace(...args);
        },
      },
    };
    expect(await deliver(deps, { message, dequeueCount: 1, owner: 'a' })).toEqual({
      kind: 'done',
      reason: 'completed',
    });
    expect(world.calls).toHaveLength(1);
    expect((await world.runsOf())[0]?.state.phase).toBe('completed');
  });
});

const until = async (isTrue: () => boolean): Promise<void> => {
  for (let turns = 0; turns < 1000 && !isTrue(); turns += 1) await new Promise((resolve) => setImmediate(resolve));
  if (!isTrue()) throw new Error('It did not come true.');
};
