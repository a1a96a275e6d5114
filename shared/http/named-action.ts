import { NotFoundError } from '../domain/errors.ts';
import { authorize } from './authenticate.ts';
import type { Call } from './endpoint.ts';
import { methodNotAllowed } from './fallback.ts';
import { type ActionName, type ActionRouteName, actionTableOf, methodsOf } from './routes.ts';

/** Splits `name:action` at the last colon; null when there is none. */
export const splitAction = (nameAndAction: string): { readonly name: string; readonly action: string } | null => {
  const colon = nameAndAction.lastIndexOf(':');
  return colon < 0 ? null : { name: nameAndAction.slice(0, colon), action: nameAndAction.slice(colon + 1) };
};

/**
 * What a POST to `{collection}/{name}:{action}` asks for, and of what. One function serves all actions of a collection:
 * the platform's router cannot tell `{name}:enable` from another action of that name. Throws HttpError (405) for a path
 * without an action, NotFoundError for an action that is not in the route's row, HttpError (403) for a caller who lacks
 * the action's role.
 */
export const requestedAction = <Route extends ActionRouteName>(
  route: Route,
  { request: { params }, principal, project }: Call,
): { readonly name: string; readonly action: ActionName<Route> } => {
  const { template, roles } = actionTableOf(route);
  const target = splitAction(params[actionParameter.exec(template)?.groups?.parameter ?? ''] ?? '');
  if (target === null) {
    const path = template.replace(/\{(\w+)\}/g, (_, parameter: string) => params[parameter] ?? '');
    throw methodNotAllowed('POST', methodsOf(path));
  }
  const { name, action } = target;
  const role = roles.get(action);
  if (role === undefined || !isActionOf(route, action)) {
    const known = [...roles.keys()].join(', ');
    throw new NotFoundError('not_found', `Action ${JSON.stringify(action)}: expected one of ${known}`);
  }
  authorize(principal, role, project);
  return { name, action };
};

const actionParameter = /\{(?<parameter>\w+AndAction)\}/;

const isActionOf = <Route extends ActionRouteName>(route: Route, action: string): action is ActionName<Route> =>
  actionTableOf(route).roles.has(action);
