import type { NothingLeft } from '../shared/domain/every-field.ts';
import type { Handle } from '../shared/http/endpoint.ts';
import { readJsonBody } from '../shared/http/json-body.ts';
import { registerEndpoint } from '../shared/http/register.ts';
import { ok } from '../shared/http/reply.ts';
import { toNewRoutineName } from '../shared/http/routine-name.ts';
import { parseRoutineDraft } from '../shared/http/routine-schema.ts';
import { routineView } from '../shared/http/routine-view.ts';
import { services } from '../shared/services.ts';

/** 200 on create too: the JavaScript SDK takes a 201 for a failure. */
export const putRoutine: Handle = async ({ request, project, dialect, now }, { config, service }) => {
  const name = toNewRoutineName(request.params.name ?? '');
  const draft = parseRoutineDraft(await readJsonBody(request), config.schedule.maxTriggers);
  const { routine, warnings, ...rest } = await service.putRoutine(project, name, draft);
  rest satisfies NothingLeft;
  return ok({ ...routineView(routine, dialect, now), ...(warnings.length > 0 && { warnings }) });
};

registerEndpoint('routine-put', putRoutine, services);
