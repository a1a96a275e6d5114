import './environment.ts';
import { listAgents } from '../../functions/agents-list.ts';
import { discardPoisoned } from '../../functions/poisoned-discard.ts';
import { listPoisoned } from '../../functions/poisoned-list.ts';
import { replayPoisoned } from '../../functions/poisoned-replay.ts';
import { getStatus } from '../../functions/project-status.ts';
import { actOnRoutine } from '../../functions/routine-action.ts';
import { deleteRoutine } from '../../functions/routine-delete.ts';
import { getRoutine } from '../../functions/routine-get.ts';
import { putRoutine } from '../../functions/routine-put.ts';
import { listRoutines } from '../../functions/routines-list.ts';
import { previewRoutines } from '../../functions/routines-preview.ts';
import { actOnRun } from '../../functions/run-action.ts';
import { getRun } from '../../functions/run-get.ts';
import { listRuns } from '../../functions/runs-list.ts';
import { tickNow } from '../../functions/tick-now.ts';
import {
  endpoint,
  type Handle,
  type HandleService,
  type HttpServices,
  serviceEndpoint,
} from '../../shared/http/endpoint.ts';
import type { HttpFunction } from '../../shared/http/respond.ts';
import type { ClosedRouteName, ProjectRouteName, ServiceRouteName } from '../../shared/http/routes.ts';
import { aContext, aRequest, type RequestInput } from './requests.ts';

const handles: Readonly<Record<ProjectRouteName, Handle>> = {
  'agents-list': listAgents,
  'project-status': getStatus,
  'routine-action': actOnRoutine,
  'routine-delete': deleteRoutine,
  'routine-get': getRoutine,
  'routine-put': putRoutine,
  'routines-list': listRoutines,
  'routines-preview': previewRoutines,
  'run-action': actOnRun,
  'run-get': getRun,
  'runs-list': listRuns,
};

const serviceHandles: Readonly<Record<ServiceRouteName, HandleService>> = {
  'poisoned-discard': discardPoisoned,
  'poisoned-list': listPoisoned,
  'poisoned-replay': replayPoisoned,
  'tick-now': tickNow,
};

const isOfService = (name: ClosedRouteName): name is ServiceRouteName => name in serviceHandles;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined when there is no body. */
  readonly body: unknown;
}

/** Calls a function the way the platform does and reads its answer the way a client does. */
export const call = (name: ClosedRouteName, services: HttpServices, request: RequestInput): Promise<Answer> => {
  const handler = isOfService(name)
    ? serviceEndpoint(name, serviceHandles[name], services)
    : endpoint(name, handles[name], services);
  return callHandler(handler, request, name);
};

export const callHandler = async (handler: HttpFunction, request: RequestInput, name: string): Promise<Answer> => {
  const { status, headers, jsonBody } = await handler(aRequest(request), aContext(name));
  const text: string | undefined = JSON.stringify(jsonBody);
  return {
    status: status ?? 0,
    headers: new Headers(headers),
    body: text === undefined ? undefined : JSON.parse(text),
  };
};
