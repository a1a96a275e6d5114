import type { Handle } from '../shared/http/endpoint.ts';
import { registerEndpoint } from '../shared/http/register.ts';
import { ok } from '../shared/http/reply.ts';
import { toKnownRoutineName } from '../shared/http/routine-name.ts';
import { routineView } from '../shared/http/routine-view.ts';
import { services } from '../shared/services.ts';

export const getRoutine: Handle = async ({ request, project, dialect, now }, { service }) => {
  const name = toKnownRoutineName(request.params.name ?? '');
  return ok(routineView(await service.getRoutine(project, name), dialect, now));
};

registerEndpoint('routine-get', getRoutine, services);
