import { agentsView } from '../shared/http/agents-view.ts';
import type { Handle } from '../shared/http/endpoint.ts';
import { registerEndpoint } from '../shared/http/register.ts';
import { ok } from '../shared/http/reply.ts';
import { services } from '../shared/services.ts';

export const listAgents: Handle = async ({ project }, { service }) => ok(agentsView(await service.listAgents(project)));

registerEndpoint('agents-list', listAgents, services);
