import type { RetryRequest } from '../shared/app/runs/retry-run.ts';
import type { EveryField } from '../shared/domain/every-field.ts';
import type { RoutineName, RunId } from '../shared/domain/names.ts';
import { refuseRetryPayload } from '../shared/http/dispatch-schema.ts';
import type { Call, Handle, HttpServices } from '../shared/http/endpoint.ts';
import { idempotencyOf } from '../shared/http/idempotency.ts';
import { readJsonBody } from '../shared/http/json-body.ts';
import { toKnownRunId } from '../shared/http/known-run-id.ts';
import { requestedAction } from '../shared/http/named-action.ts';
import { registerEndpoint } from '../shared/http/register.ts';
import { ok, type Reply } from '../shared/http/reply.ts';
import type { ActionName } from '../shared/http/routes.ts';
import { toKnownRoutineName } from '../shared/http/routine-name.ts';
import { runView } from '../shared/http/run-view.ts';
import { services } from '../shared/services.ts';

interface NamedRun {
  readonly routine: RoutineName;
  readonly id: RunId;
}

type RunAction = (run: NamedRun, call: Call, services: HttpServices) => Promise<Reply>;

const cancel: RunAction = async ({ routine, id }, { project, dialect }, { service }) =>
  ok(runView(await service.cancelRun(project, routine, id), dialect));

const retry: RunAction = async (run, { request, project, dialect }, { service }) => {
  const idempotency = idempotencyOf(request.headers);
  refuseRetryPayload(await readJsonBody(request));
  const wanted: EveryField<RetryRequest> = { project, ...run, idempotency };
  return ok(runView(await service.retryRun(wanted), dialect));
};

const actions = { cancel, retry } satisfies Readonly<Record<ActionName<'run-action'>, RunAction>>;

export const actOnRun: Handle = async (call, services) => {
  const { name, action } = requestedAction('run-action', call);
  const routine = toKnownRoutineName(call.request.params.name ?? '');
  return actions[action]({ routine, id: toKnownRunId(name) }, call, services);
};

registerEndpoint('run-action', actOnRun, services);
