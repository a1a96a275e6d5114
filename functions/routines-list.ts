import type { Handle } from '../shared/http/endpoint.ts';
import { pageView, parsePageRequest } from '../shared/http/paging.ts';
import { registerEndpoint } from '../shared/http/register.ts';
import { ok } from '../shared/http/reply.ts';
import { routineView } from '../shared/http/routine-view.ts';
import { services } from '../shared/services.ts';

export const listRoutines: Handle = async ({ request, project, dialect, now }, { config, service }) => {
  const wanted = parsePageRequest(request.query, 'routines');
  const page = await service.listRoutines(project, wanted);
  const context = { kind: 'routines', order: wanted.order, request, dialect, config: config.http } as const;
  return ok(pageView(page, (routine) => routineView(routine, dialect, now), context));
};

registerEndpoint('routines-list', listRoutines, services);
