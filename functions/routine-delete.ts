import { isRoutineName } from '../shared/domain/names.ts';
import type { Handle } from '../shared/http/endpoint.ts';
import { registerEndpoint } from '../shared/http/register.ts';
import { noContent } from '../shared/http/reply.ts';
import { services } from '../shared/services.ts';

/** 204 also when there is no such routine, and for a name that no routine can have. */
export const deleteRoutine: Handle = async ({ request, project }, { service }) => {
  const name = request.params.name ?? '';
  if (isRoutineName(name)) await service.deleteRoutine(project, name);
  return noContent;
};

registerEndpoint('routine-delete', deleteRoutine, services);
