import type { Handle } from '../shared/http/endpoint.ts';
import { toKnownRunId } from '../shared/http/known-run-id.ts';
import { registerEndpoint } from '../shared/http/register.ts';
import { ok } from '../shared/http/reply.ts';
import { toKnownRoutineName } from '../shared/http/routine-name.ts';
import { runView } from '../shared/http/run-view.ts';
import { services } from '../shared/services.ts';

export const getRun: Handle = async ({ request, project, dialect }, { service }) => {
  const routine = toKnownRoutineName(request.params.name ?? '');
  const id = toKnownRunId(request.params.runId ?? '');
  return ok(runView(await service.getRun(project, routine, id), dialect));
};

registerEndpoint('run-get', getRun, services);
