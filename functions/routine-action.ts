import { NotFoundError } from '../shared/domain/errors.ts';
import type { RoutineName } from '../shared/domain/names.ts';
import { parseDispatchPayload } from '../shared/http/dispatch-schema.ts';
import { dispatchView } from '../shared/http/dispatch-view.ts';
import type { Call, Handle, HttpServices } from '../shared/http/endpoint.ts';
import { methodNotAllowed } from '../shared/http/fallback.ts';
import { idempotencyOf } from '../shared/http/idempotency.ts';
import { readJsonBody } from '../shared/http/json-body.ts';
import { registerEndpoint } from '../shared/http/register.ts';
import { ok, type Reply } from '../shared/http/reply.ts';
import { methodsOf } from '../shared/http/routes.ts';
import { splitAction, toKnownRoutineName } from '../shared/http/routine-name.ts';
import { routineView } from '../shared/http/routine-view.ts';
import { services } from '../shared/services.ts';

type RoutineAction = (routine: RoutineName, call: Call, services: HttpServices) => Promise<Reply>;

const switchTo =
  (enabled: boolean): RoutineAction =>
  async (routine, { project, dialect, now }, { useCases }) =>
    ok(routineView(await useCases.setRoutineEnabled(project, routine, enabled), dialect, now));

const dispatch: RoutineAction = async (routine, { request, project }, { useCases }) => {
  const idempotency = idempotencyOf(request.headers);
  const payload = parseDispatchPayload(await readJsonBody(request));
  return ok(dispatchView(await useCases.dispatchRoutine({ project, routine, payload, idempotency })));
};

const actions: ReadonlyMap<string, RoutineAction> = new Map([
  ['enable', switchTo(true)],
  ['disable', switchTo(false)],
  ['dispatch_async', dispatch],
]);

/** All actions in one function: the platform's router cannot tell `{name}:enable` from another action of that name. */
export const actOnRoutine: Handle = async (call, services) => {
  const segment = call.request.params.nameAndAction ?? '';
  const target = splitAction(segment);
  if (target === null) throw methodNotAllowed('POST', methodsOf(`projects/${call.project}/routines/${segment}`));
  const action = actions.get(target.action);
  if (action === undefined) {
    const known = [...actions.keys()].join(', ');
    throw new NotFoundError('not_found', `Action ${JSON.stringify(target.action)}: expected one of ${known}`);
  }
  return action(toKnownRoutineName(target.name), call, services);
};

registerEndpoint('routine-action', actOnRoutine, services);
