import type { Handle } from '../shared/http/endpoint.ts';
import { registerEndpoint } from '../shared/http/register.ts';
import { ok } from '../shared/http/reply.ts';
import { statusView } from '../shared/http/status-view.ts';
import { services } from '../shared/services.ts';

export const getStatus: Handle = async ({ project, dialect }, { service }) =>
  ok(statusView(await service.readStatus(project), dialect));

registerEndpoint('project-status', getStatus, services);
