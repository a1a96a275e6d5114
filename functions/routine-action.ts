import type { DispatchRequest } from '../shared/app/runs/dispatch-routine.ts';
import type { Role } from '../shared/config.ts';
import type { EveryField } from '../shared/domain/every-field.ts';
import type { RoutineName } from '../shared/domain/names.ts';
import { authorize } from '../shared/http/authenticate.ts';
import { parseDispatchPayload } from '../shared/http/dispatch-schema.ts';
import { dispatchView } from '../shared/http/dispatch-view.ts';
import type { Call, Handle, HttpServices } from '../shared/http/endpoint.ts';
import { idempotencyOf } from '../shared/http/idempotency.ts';
import { readJsonBody } from '../shared/http/json-body.ts';
import { findAction } from '../shared/http/named-action.ts';
import { registerEndpoint } from '../shared/http/register.ts';
import { ok, type Reply } from '../shared/http/reply.ts';
import { toKnownRoutineName } from '../shared/http/routine-name.ts';
import { routineView } from '../shared/http/routine-view.ts';
import { services } from '../shared/services.ts';

interface RoutineAction {
  /** The route lets in whoever may do the least of its actions. */
  readonly role: Role;
  readonly act: (routine: RoutineName, call: Call, services: HttpServices) => Promise<Reply>;
}

const switchTo =
  (enabled: boolean): RoutineAction['act'] =>
  async (routine, { project, dialect, now }, { service }) =>
    ok(routineView(await service.setRoutineEnabled(project, routine, enabled), dialect, now));

const dispatch: RoutineAction['act'] = async (routine, { request, project }, { service }) => {
  const idempotency = idempotencyOf(request.headers);
  const payload = parseDispatchPayload(await readJsonBody(request));
  const wanted: EveryField<DispatchRequest> = { project, routine, payload, idempotency };
  return ok(dispatchView(await service.dispatchRoutine(wanted)));
};

const archive: RoutineAction['act'] = async (routine, { project, dialect, now }, { service }) =>
  ok(routineView(await service.archiveRoutine(project, routine), dialect, now));

const actions: ReadonlyMap<string, RoutineAction> = new Map([
  ['enable', { role: 'operator', act: switchTo(true) }],
  ['disable', { role: 'operator', act: switchTo(false) }],
  ['dispatch_async', { role: 'operator', act: dispatch }],
  // It takes from a routine what only a contributor can give.
  ['archive', { role: 'contributor', act: archive }],
]);

export const actOnRoutine: Handle = async (call, services) => {
  const { project, principal, request } = call;
  const { name, action } = findAction(actions, `projects/${project}/routines`, request.params.nameAndAction ?? '');
  authorize(principal, action.role, project);
  return action.act(toKnownRoutineName(name), call, services);
};

registerEndpoint('routine-action', actOnRoutine, services);
