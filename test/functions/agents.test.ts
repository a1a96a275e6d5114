import { describe, expect, it } from 'vitest';
import { AgentServiceError, InvalidRequestError } from '../../shared/domain/errors.ts';
import { aRoutine } from '../builders.ts';
import { call } from './call.ts';
import { aFake, requestId } from './fake-services.ts';

const params = { project: 'demo' };
const queries = ['', '?api-version=v1'];
const agents = [
  { id: 'mine:1', name: 'mine', source: 'project', kind: 'hosted', protocols: ['responses'], hasIdentity: true },
  {
    id: 'asst_1',
    name: 'Tutor',
    source: 'assistant',
    kind: 'assistant',
    model: 'gpt-4o',
    protocols: ['threads'],
    hasIdentity: false,
  },
] as const;

describe('the list of agents', () => {
  it.each(queries)('is the same in every dialect (%s)', async (query) => {
    const { services, calls } = aFake({ service: { listAgents: async () => ({ agents, warnings: [] }) } });
    expect(await call('agents-list', services, { path: `projects/demo/agents${query}`, params })).toMatchObject({
      status: 200,
      body: {
        data: [
          {
            id: 'mine:1',
            name: 'mine',
            source: 'project',
            kind: 'hosted',
            protocols: ['responses'],
            has_identity: true,
          },
          {
            ...{ id: 'asst_1', name: 'Tutor', source: 'assistant', kind: 'assistant', model: 'gpt-4o' },
            ...{ protocols: ['threads'], has_identity: false },
          },
        ],
      },
    });
    expect(calls).toEqual([]);
  });

  it('has warnings only when something is missing', async () => {
    const listed = { agents: [], warnings: ['The classic agents could not be listed: …'] };
    const { services } = aFake({ service: { listAgents: async () => listed } });
    const path = 'projects/demo/agents';
    expect((await call('agents-list', services, { path, params })).body).toEqual({
      data: [],
      warnings: listed.warnings,
    });
    expect((await call('agents-list', aFake().services, { path, params })).body).toEqual({ data: [] });
  });

  it('is an error that says why when nothing could be learned', async () => {
    const listAgents = async () => {
      throw new AgentServiceError('The agents of project "demo" could not be listed: down');
    };
    const { services, warnings } = aFake({ service: { listAgents } });
    expect(await call('agents-list', services, { path: 'projects/demo/agents', params })).toMatchObject({
      status: 500,
      body: {
        error: {
          code: 'internal_error',
          message: 'The agents of project "demo" could not be listed: down',
          type: 'server_error',
        },
      },
    });
    const facts = {
      requestId,
      path: '/api/projects/demo/agents',
      status: 500,
      cause: 'The agents of project "demo" could not be listed: down',
    };
    expect(warnings).toMatchObject([{ message: 'HTTP request failed', facts }]);
  });
});

describe('a PUT whose agent was looked up', () => {
  const body = {
    triggers: { main: { type: 'schedule', cron: '*/5 * * * *' } },
    action: { type: 'invoke_agent_responses_api', agent_name: 'a' },
  };
  const request = { method: 'PUT', path: 'projects/demo/routines/daily', params: { ...params, name: 'daily' }, body };

  it('says what it was warned of, beside the routine', async () => {
    const putRoutine = async () => ({ routine: aRoutine(), warnings: ['Agent "a" could not be looked up'] });
    const { services } = aFake({ service: { putRoutine } });
    expect(await call('routine-put', services, request)).toMatchObject({
      status: 200,
      body: { name: 'daily', warnings: ['Agent "a" could not be looked up'] },
    });
    const unwarned = await call('routine-put', aFake().services, request);
    expect(unwarned.body).not.toHaveProperty('warnings');
  });

  it.each(['agent_not_found', 'agent_identity_required'] as const)('is refused with %s', async (code) => {
    const putRoutine = async () => {
      throw new InvalidRequestError({ code, message: 'Agent "a" will not do', param: 'action.agent_name' });
    };
    const { services } = aFake({ service: { putRoutine } });
    expect(await call('routine-put', services, request)).toMatchObject({
      status: 400,
      body: { error: { code, param: 'action.agent_name', message: 'Agent "a" will not do' } },
    });
  });
});
