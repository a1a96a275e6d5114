import type { HttpMethod } from '@azure/functions';
import type { Role } from '../config.ts';

/**
 * The one table of routes: the functions register from it, authorization reads its roles, the fallback its methods.
 * The platform takes the first match by function name, so templates are disjoint by method or literal. A parameter
 * called `…AndAction` stands for `name:action`, one of `actions`; the others hold no colon.
 */
export const routes = [
  { name: 'agents-list', method: 'GET', template: 'projects/{project}/agents', role: 'reader' },
  { name: 'health', method: 'GET', template: 'health', role: 'anonymous' },
  { name: 'poisoned-discard', method: 'POST', template: 'poisoned:discard', role: 'operator' },
  { name: 'poisoned-list', method: 'GET', template: 'poisoned', role: 'operator' },
  { name: 'poisoned-replay', method: 'POST', template: 'poisoned:replay', role: 'operator' },
  { name: 'project-status', method: 'GET', template: 'projects/{project}/status', role: 'reader' },
  {
    name: 'routine-action',
    method: 'POST',
    template: 'projects/{project}/routines/{nameAndAction}',
    role: 'operator',
    // Archiving is for ever, like deleting: it takes the role that creates routines.
    actions: { enable: 'operator', disable: 'operator', dispatch_async: 'operator', archive: 'contributor' },
  },
  { name: 'routine-delete', method: 'DELETE', template: 'projects/{project}/routines/{name}', role: 'contributor' },
  { name: 'routine-get', method: 'GET', template: 'projects/{project}/routines/{name}', role: 'reader' },
  { name: 'routine-put', method: 'PUT', template: 'projects/{project}/routines/{name}', role: 'contributor' },
  { name: 'routines-list', method: 'GET', template: 'projects/{project}/routines', role: 'reader' },
  { name: 'routines-preview', method: 'POST', template: 'projects/{project}/routines:preview', role: 'reader' },
  {
    name: 'run-action',
    method: 'POST',
    template: 'projects/{project}/routines/{name}/runs/{runAndAction}',
    role: 'operator',
    actions: { cancel: 'operator', retry: 'operator' },
  },
  { name: 'run-get', method: 'GET', template: 'projects/{project}/routines/{name}/runs/{runId}', role: 'reader' },
  { name: 'runs-list', method: 'GET', template: 'projects/{project}/routines/{name}/runs', role: 'reader' },
  { name: 'tick-now', method: 'POST', template: 'tick', role: 'operator' },
] as const satisfies readonly Route[];

export interface Route {
  readonly name: string;
  readonly method: HttpMethod;
  readonly template: string;
  /** The least role that may call it: in the project that the parameter `project` names, without one in all projects. */
  readonly role: Role | 'anonymous';
  /** The actions on what the path names, with the least role for each; `role` is the least of those. */
  readonly actions?: Readonly<Record<string, Role>>;
}

export type RouteName = (typeof routes)[number]['name'];
/** Routes that a caller needs a role for. */
type ClosedRoute = Exclude<(typeof routes)[number], { role: 'anonymous' }>;
/** Routes inside a project: they need a role there. */
export type ProjectRouteName = Extract<ClosedRoute, { template: `projects/${string}` }>['name'];
/** Routes of the service as a whole: they need a role for all projects. */
export type ServiceRouteName = Exclude<ClosedRoute['name'], ProjectRouteName>;
/** Routes of a collection whose things take actions. */
type ActionRoute = Extract<ClosedRoute, { actions: object }>;
export type ActionRouteName = ActionRoute['name'];
export type ActionName<Name extends ActionRouteName> = string & keyof Extract<ActionRoute, { name: Name }>['actions'];
export type ClosedRouteName = ProjectRouteName | ServiceRouteName;

/** Takes what no other function took; its name sorts last. TRACE and CONNECT never reach a function. */
export const fallbackRoute = {
  name: 'zz-fallback',
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'],
  template: '{*path}',
} as const satisfies { name: string; methods: readonly HttpMethod[]; template: string };

const closedRoutes = new Map<RouteName, Role>();
for (const route of routes) if (route.role !== 'anonymous') closedRoutes.set(route.name, route.role);

export const roleOf = (name: ClosedRouteName): Role => {
  const role = closedRoutes.get(name);
  if (role === undefined) throw new Error(`Route ${name} is not in the table`);
  return role;
};

interface ActionTable {
  readonly template: string;
  /** The least role for each action, by its name. */
  readonly roles: ReadonlyMap<string, Role>;
}

const actionTables = new Map<RouteName, ActionTable>();
for (const route of routes) {
  if (!('actions' in route)) continue;
  actionTables.set(route.name, { template: route.template, roles: new Map(Object.entries<Role>(route.actions)) });
}

export const actionTableOf = (name: ActionRouteName): ActionTable => {
  const table = actionTables.get(name);
  if (table === undefined) throw new Error(`Route ${name} has no actions in the table`);
  return table;
};

/** The methods that a path answers to, in the order of the table; none when the path is unknown. */
export const methodsOf = (path: string): readonly HttpMethod[] =>
  routes.filter((route) => templateMatches(route.template, path)).map((route) => route.method);

const templateMatches = (template: string, path: string): boolean => {
  const wanted = template.split('/');
  const given = path.replace(/\/$/, '').split('/');
  return wanted.length === given.length && wanted.every((part, index) => partMatches(part, given[index] ?? ''));
};

const partMatches = (part: string, segment: string): boolean => {
  if (!part.startsWith('{')) return part === segment.toLowerCase();
  return segment !== '' && part.endsWith('AndAction}') === segment.includes(':');
};
