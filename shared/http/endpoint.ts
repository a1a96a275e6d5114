import type { HttpRequest } from '@azure/functions';
import type { Service } from '../app/service.ts';
import type { Clock } from '../clock.ts';
import type { Config, Role } from '../config.ts';
import { InvalidRequestError } from '../domain/errors.ts';
import { isProjectName, maxProjectNameLength, nameRule, type ProjectName } from '../domain/names.ts';
import { authenticate, authorize, type Principal } from './authenticate.ts';
import { type Dialect, dialectOf } from './dialect.ts';
import { requirePreviewHeader } from './preview-header.ts';
import type { Reply } from './reply.ts';
import { type HttpFunction, type RespondServices, respond } from './respond.ts';
import { type ProjectRouteName, roleOf, type ServiceRouteName } from './routes.ts';

/** The service without what timers, queues and the health route call. */
type HttpService = Omit<
  Service,
  'startScan' | 'deliver' | 'deliverPoisoned' | 'doWork' | 'doPoisonedWork' | 'keepPoisoned' | 'readHealth'
>;

/** What HTTP functions stand on; shared/services.ts provides it, tests provide fakes. */
export interface HttpServices extends RespondServices {
  readonly config: Pick<Config, 'auth' | 'http' | 'schedule'>;
  readonly service: HttpService;
  readonly clock: Clock;
}

/** A request whose caller is known and has the role of its route for all projects. */
export interface ServiceCall {
  readonly request: HttpRequest;
  /** Has the role of the route; an action may ask for more. */
  readonly principal: Principal;
  readonly dialect: Dialect;
  /** Read once for the whole request. */
  readonly now: Date;
}

/** A request whose caller has the role of its route in one project. */
export interface Call extends ServiceCall {
  readonly project: ProjectName;
}

export type Handle = (call: Call, services: HttpServices) => Promise<Reply>;
export type HandleService = (call: ServiceCall, services: HttpServices) => Promise<Reply>;

/** A route inside a project. The caller and their role are checked before anything else of the request is read. */
export const endpoint =
  (route: ProjectRouteName, handle: Handle, services: HttpServices): HttpFunction =>
  (request, context) =>
    respond({ request, context }, services, async () => {
      const project = request.params.project ?? '';
      const call = admit(request, { role: roleOf(route), project }, services);
      return handle({ ...call, project: toProjectName(project) }, services);
    });

/** A route of the service as a whole. */
export const serviceEndpoint =
  (route: ServiceRouteName, handle: HandleService, services: HttpServices): HttpFunction =>
  (request, context) =>
    respond({ request, context }, services, async () =>
      handle(admit(request, { role: roleOf(route), project: '*' }, services), services),
    );

interface Access {
  readonly role: Role;
  /** A name, or `*` for all. */
  readonly project: string;
}

const admit = (request: HttpRequest, { role, project }: Access, services: HttpServices): ServiceCall => {
  const { auth, http } = services.config;
  const principal = authenticate(request, auth, http.corsOrigins);
  authorize(principal, role, project);
  if (http.requirePreviewHeader) requirePreviewHeader(request.headers);
  // A page in a browser cannot set the User-Agent: there the SDKs name themselves in x-ms-useragent.
  const userAgent = request.headers.get('x-ms-useragent') ?? request.headers.get('user-agent');
  const dialect = dialectOf(request.query.get('api-version'), userAgent);
  return { request, principal, dialect, now: services.clock.now() };
};

const toProjectName = (text: string): ProjectName => {
  if (isProjectName(text)) return text;
  throw new InvalidRequestError({
    code: 'invalid_request',
    param: 'project',
    message: `project: found ${JSON.stringify(text)}; expected 1 to ${maxProjectNameLength} ${nameRule}`,
  });
};
