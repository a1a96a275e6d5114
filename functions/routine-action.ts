import type { DispatchRequest } from '../shared/app/runs/dispatch-routine.ts';
import type { EveryField } from '../shared/domain/every-field.ts';
import type { RoutineName } from '../shared/domain/names.ts';
import { parseDispatchPayload } from '../shared/http/dispatch-schema.ts';
import { dispatchView } from '../shared/http/dispatch-view.ts';
import type { Call, Handle, HttpServices } from '../shared/http/endpoint.ts';
import { idempotencyOf } from '../shared/http/idempotency.ts';
import { readJsonBody } from '../shared/http/json-body.ts';
import { requestedAction } from '../shared/http/named-action.ts';
import { registerEndpoint } from '../shared/http/register.ts';
import { ok, type Reply } from '../shared/http/reply.ts';
import type { ActionName } from '../shared/http/routes.ts';
import { toKnownRoutineName } from '../shared/http/routine-name.ts';
import { routineView } from '../shared/http/routine-view.ts';
import { services } from '../shared/services.ts';

type RoutineAction = (routine: RoutineName, call: Call, services: HttpServices) => Promise<Reply>;

const switchTo =
  (enabled: boolean): RoutineAction =>
  async (routine, { project, dialect, now }, { service }) =>
    ok(routineView(await service.setRoutineEnabled(project, routine, enabled), dialect, now));

const dispatch: RoutineAction = async (routine, { request, project }, { service }) => {
  const idempotency = idempotencyOf(request.headers);
  const payload = parseDispatchPayload(await readJsonBody(request));
  const wanted: EveryField<DispatchRequest> = { project, routine, payload, idempotency };
  return ok(dispatchView(await service.dispatchRoutine(wanted)));
};

const archive: RoutineAction = async (routine, { project, dialect, now }, { service }) =>
  ok(routineView(await service.archiveRoutine(project, routine), dialect, now));

const actions = {
  enable: switchTo(true),
  disable: switchTo(false),
  dispatch_async: dispatch,
  archive,
} satisfies Readonly<Record<ActionName<'routine-action'>, RoutineAction>>;

export const actOnRoutine: Handle = async (call, services) => {
  const { name, action } = requestedAction('routine-action', call);
  return actions[action](toKnownRoutineName(name), call, services);
};

registerEndpoint('routine-action', actOnRoutine, services);
