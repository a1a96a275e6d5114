import { NotFoundError } from '../domain/errors.ts';
import { methodNotAllowed } from './fallback.ts';
import { methodsOf } from './routes.ts';

/** Splits `name:action` at the last colon; null when there is none. */
export const splitAction = (nameAndAction: string): { readonly name: string; readonly action: string } | null => {
  const colon = nameAndAction.lastIndexOf(':');
  return colon < 0 ? null : { name: nameAndAction.slice(0, colon), action: nameAndAction.slice(colon + 1) };
};

/**
 * What a POST to `{collection}/{name}:{action}` asks for, and of whom. One function serves all actions of a collection:
 * the platform's router cannot tell `{name}:enable` from another action of that name. Throws HttpError (405) for a
 * segment without an action, NotFoundError for an action that there is not.
 */
export const findAction = <Action>(
  actions: ReadonlyMap<string, Action>,
  collection: string,
  segment: string,
): { readonly name: string; readonly action: Action } => {
  const target = splitAction(segment);
  if (target === null) throw methodNotAllowed('POST', methodsOf(`${collection}/${segment}`));
  const action = actions.get(target.action);
  if (action !== undefined) return { name: target.name, action };
  const known = [...actions.keys()].join(', ');
  throw new NotFoundError('not_found', `Action ${JSON.stringify(target.action)}: expected one of ${known}`);
};
