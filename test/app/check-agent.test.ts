import { describe, expect, it } from 'vitest';
import type { AgentDirectory, AgentLookup, ListedAgent } from '../../shared/app/ports/agent-directory.ts';
import type { AgentValidation } from '../../shared/app/settings.ts';
import type { Action } from '../../shared/domain/action.ts';
import { InvalidRequestError } from '../../shared/domain/errors.ts';
import type { RoutineDraft } from '../../shared/domain/routine-draft.ts';
import { serviceOf } from '../service-of.ts';
import { aDraft, createWorld, daily, demo, everyFiveMinutes } from './world.ts';

const start = '2026-03-01T12:00:30Z';
const anAgent = (over: Partial<ListedAgent> = {}): ListedAgent => ({
  ...{ id: 'a', name: 'a', source: 'project', kind: 'prompt', protocols: ['responses'], hasIdentity: true },
  ...over,
});
const found = (over: Partial<ListedAgent> = {}): AgentLookup => ({ kind: 'found', agent: anAgent(over) });
const absent: AgentLookup = { kind: 'absent' };
const responses = (agentName: string): Action => ({ type: 'invoke_agent_responses_api', agentName });
const threads = (agentId: string): Action => ({ type: 'invoke_agent_threads_api', agentId });

/** A world whose PUT looks agents up in this directory. */
const setUp = (lookups: Readonly<Record<string, AgentLookup>>, agentValidation: AgentValidation = 'exists') => {
  const world = createWorld(start);
  const asked: unknown[] = [];
  const known: Record<string, AgentLookup> = { ...lookups };
  const agentDirectory: AgentDirectory = {
    find: async (...question) => {
      asked.push(question);
      return known[question[1].id] ?? absent;
    },
    list: async () => ({ kind: 'absent' }),
  };
  const deps = { ...world.deps, agentDirectory, agentValidation };
  const service = serviceOf(deps);
  const put = (action: Action, over: Partial<RoutineDraft> = {}) =>
    service.putRoutine(demo, daily, aDraft(everyFiveMinutes, { action, ...over }));
  return { world, deps, asked, known, service, put };
};

const refusal = async (saved: Promise<unknown>) => {
  const error = await saved.then(
    () => expect.fail('it was saved'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof InvalidRequestError)) throw error;
  return error.problems;
};

describe('a new routine', () => {
  it('is saved without a warning when its agent is found', async () => {
    const { put, asked } = setUp({ a: found() });
    expect(await put(responses('a'))).toMatchObject({ routine: { generation: 1 }, warnings: [] });
    expect(asked).toEqual([['demo', { source: 'project', id: 'a' }]]);
  });

  it.each([
    [responses('nobody'), 'action.agent_name', 'project', 'nobody'],
    [threads('asst_0'), 'action.agent_id', 'assistant', 'asst_0'],
  ])('is refused when its agent does not exist', async (action, param, source, id) => {
    const { put, asked, world } = setUp({});
    expect(await refusal(put(action))).toEqual([
      {
        code: 'agent_not_found',
        param,
        message: `Agent "${id}" does not exist in project "demo"; expected one that it has.`,
      },
    ]);
    expect(asked).toEqual([['demo', { source, id }]]);
    expect(await world.deps.routines.get(demo, daily)).toBeNull();
    expect(world.deps.work.messages).toEqual([]);
  });

  it.each(['workflow', 'external', 'voice'])('is refused when its agent is of kind %s', async (kind) => {
    const { put } = setUp({ a: found({ kind }) });
    expect(await refusal(put(responses('a')))).toMatchObject([
      { code: 'invalid_request', param: 'action.agent_name', message: expect.stringContaining(`"${kind}"`) },
    ]);
  });

  it.each(['prompt', 'hosted', 'unknown', 'of-tomorrow'])('may call an agent of kind %s', async (kind) => {
    const { put } = setUp({ a: found({ kind }) });
    expect((await put(responses('a'))).warnings).toEqual([]);
  });

  it('is checked for the identity of its agent only where that is asked for', async () => {
    const agents = { a: found({ hasIdentity: false }) };
    expect((await setUp(agents).put(responses('a'))).warnings).toEqual([]);
    expect(await refusal(setUp(agents, 'identity').put(responses('a')))).toMatchObject([
      { code: 'agent_identity_required', param: 'action.agent_name', message: expect.stringContaining('"a"') },
    ]);
    expect((await setUp({ a: found() }, 'identity').put(responses('a'))).warnings).toEqual([]);
  });

  it('may call a classic agent, which never has an identity of its own', async () => {
    const { put } = setUp({ asst_1: found({ source: 'assistant', hasIdentity: false }) }, 'identity');
    expect((await put(threads('asst_1'))).warnings).toEqual([]);
  });

  it('is not checked when it names its agent by agent_endpoint_id', async () => {
    const { put, asked } = setUp({});
    expect((await put({ type: 'invoke_agent_responses_api', agentEndpointId: 'legacy' })).warnings).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('is saved with a warning when the agent service does not answer', async () => {
    const { put, world } = setUp({ a: { kind: 'unknown', reason: 'the agent service answered 503' } });
    expect((await put(responses('a'))).warnings).toEqual([
      'Agent "a" could not be looked up in project "demo", so this is not known to work: the agent service answered 503',
    ]);
    expect(await world.deps.routines.get(demo, daily)).toMatchObject({ kind: 'routine' });
  });
});

describe('a routine whose agent was deleted', () => {
  const deleted = async () => {
    const all = setUp({ a: found(), b: found() });
    await all.put(responses('a'));
    delete all.known.a;
    return all;
  };
  const warning = 'Agent "a" does not exist in project "demo"; expected one that it has.';

  it('can be edited, with a warning', async () => {
    const { put } = await deleted();
    expect(await put(responses('a'), { description: 'edited' })).toMatchObject({
      routine: { description: 'edited' },
      warnings: [warning],
    });
  });

  it('can call it by another protocol, with the same warning', async () => {
    const { put } = await deleted();
    const { warnings } = await put({ type: 'invoke_agent_invocations_api', agentName: 'a' });
    expect(warnings).toEqual([warning]);
  });

  it('can take an agent that exists, and no other', async () => {
    const { put } = await deleted();
    expect(await refusal(put(responses('c')))).toMatchObject([{ code: 'agent_not_found' }]);
    expect((await put(responses('b'))).warnings).toEqual([]);
    expect(await refusal(put(responses('a')))).toMatchObject([{ code: 'agent_not_found' }]);
  });

  it('can be disabled and enabled without a question', async () => {
    const { service, asked } = await deleted();
    const questions = asked.length;
    await service.setRoutineEnabled(demo, daily, false);
    await service.setRoutineEnabled(demo, daily, true);
    expect(asked).toHaveLength(questions);
  });

  it('cannot be made anew after it was deleted itself', async () => {
    const { service, put } = await deleted();
    await service.deleteRoutine(demo, daily);
    expect(await refusal(put(responses('a')))).toMatchObject([{ code: 'agent_not_found' }]);
  });

  it('is no classic agent of the same name', async () => {
    const { put } = await deleted();
    expect(await refusal(put(threads('a')))).toMatchObject([{ code: 'agent_not_found', param: 'action.agent_id' }]);
  });
});

it('a PUT that loses its write asks once', async () => {
  const { world, deps, asked } = setUp({ 'echo-agent': { kind: 'unknown', reason: 'no answer' } });
  let isFirst = true;
  const routines = {
    ...world.deps.routines,
    put: async (...write: Parameters<typeof world.deps.routines.put>) => {
      if (isFirst) await world.put(aDraft(everyFiveMinutes, { description: 'theirs' }));
      isFirst = false;
      return world.deps.routines.put(...write);
    },
  };
  const service = serviceOf({ ...deps, routines });
  expect(await service.putRoutine(demo, daily, aDraft(everyFiveMinutes))).toMatchObject({
    routine: { generation: 2 },
    warnings: [expect.stringContaining('no answer')],
  });
  expect(asked).toHaveLength(1);
});

it('a routine is planned from when its agent was found, however long that took', async () => {
  const { world, deps } = setUp({});
  const find = async () => {
    world.clock.advance(3);
    return found();
  };
  const service = serviceOf({ ...deps, agentDirectory: { ...deps.agentDirectory, find } });
  const { routine } = await service.putRoutine(demo, daily, aDraft(everyFiveMinutes));
  expect(routine.triggers[0]?.since).toEqual(new Date('2026-03-01T12:00:33Z'));
});
