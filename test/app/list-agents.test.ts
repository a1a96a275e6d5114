import { describe, expect, it } from 'vitest';
import type { AgentListing, ListedAgent } from '../../shared/app/ports/agent-directory.ts';
import { listAgents } from '../../shared/app/routines/list-agents.ts';
import type { AgentSource } from '../../shared/domain/agent-name.ts';
import { AgentServiceError } from '../../shared/domain/errors.ts';
import { demo } from './world.ts';

const agent = (id: string, source: AgentSource): ListedAgent => ({
  ...{ id, name: id, source, kind: 'prompt', protocols: [], hasIdentity: false },
});
const listed = (...agents: readonly ListedAgent[]): AgentListing => ({ kind: 'listed', agents, isCut: false });
const cut = (...agents: readonly ListedAgent[]): AgentListing => ({ kind: 'listed', agents, isCut: true });
const down: AgentListing = { kind: 'unknown', reason: 'the agent service answered 503' };
const absent: AgentListing = { kind: 'absent' };
const [mine, classic] = [agent('mine', 'project'), agent('asst_1', 'assistant')];

const list = (project: AgentListing, assistant: AgentListing) =>
  listAgents(
    { agentDirectory: { find: async () => ({ kind: 'absent' }), list: async (_, s) => ({ project, assistant })[s] } },
    demo,
  );

const downText = 'could not be listed: the agent service answered 503';

describe('the agents of a project', () => {
  it.each([
    ['come before the classic ones', listed(mine), listed(classic), [mine, classic], []],
    ['are all there is where there are no classic ones', listed(mine), absent, [mine], []],
    ['come alone when the classic ones fail', listed(mine), down, [mine], [`The classic agents ${downText}`]],
    [
      'leave the classic ones when they fail',
      down,
      listed(classic),
      [classic],
      [`The agents of the project ${downText}`],
    ],
    [
      'are missed when the service has no list of them',
      absent,
      listed(classic),
      [classic],
      ['The agents of the project could not be listed: the agent service answered 404'],
    ],
    [
      'say when they are not all',
      cut(mine),
      cut(classic, classic),
      [mine, classic, classic],
      ['There are more agents of the project than the first 1.', 'There are more classic agents than the first 2.'],
    ],
  ])('%s', async (_what, project, assistant, agents, warnings) => {
    expect(await list(project, assistant)).toEqual({ agents, warnings });
  });

  it.each([
    ['both lists fail', down, down, '503'],
    ['one fails and there is no other', down, absent, '503'],
    ['there is neither', absent, absent, '404'],
  ])('cannot be told when %s', async (_what, project, assistant, status) => {
    const refused = list(project, assistant);
    await expect(refused).rejects.toBeInstanceOf(AgentServiceError);
    await expect(refused).rejects.toThrow(
      `The agents of project "demo" could not be listed: the agent service answered ${status}`,
    );
  });
});
