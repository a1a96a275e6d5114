import './environment.ts';
import { actOnRoutine } from '../../functions/routine-action.ts';
import { deleteRoutine } from '../../functions/routine-delete.ts';
import { getRoutine } from '../../functions/routine-get.ts';
import { putRoutine } from '../../functions/routine-put.ts';
import { listRoutines } from '../../functions/routines-list.ts';
import { previewRoutines } from '../../functions/routines-preview.ts';
import { listRuns } from '../../functions/runs-list.ts';
import { endpoint, type Handle, type HttpServices } from '../../shared/http/endpoint.ts';
import type { HttpFunction } from '../../shared/http/respond.ts';
import type { ProjectRouteName } from '../../shared/http/routes.ts';
import { aContext, aRequest, type RequestInput } from './requests.ts';

const handles: Readonly<Record<ProjectRouteName, Handle>> = {
  'routine-action': actOnRoutine,
  'routine-delete': deleteRoutine,
  'routine-get': getRoutine,
  'routine-put': putRoutine,
  'routines-list': listRoutines,
  'routines-preview': previewRoutines,
  'runs-list': listRuns,
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined when there is no body. */
  readonly body: unknown;
}

/** Calls a function the way the platform does and reads its answer the way a client does. */
export const call = (name: ProjectRouteName, services: HttpServices, request: RequestInput): Promise<Answer> =>
  callHandler(endpoint(name, handles[name], services), request, name);

export const callHandler = async (handler: HttpFunction, request: RequestInput, name: string): Promise<Answer> => {
  const { status, headers, jsonBody } = await handler(aRequest(request), aContext(name));
  const text: string | undefined = JSON.stringify(jsonBody);
  return {
    status: status ?? 0,
    headers: new Headers(headers),
    body: text === undefined ? undefined : JSON.parse(text),
  };
};
