import { InvalidRequestError, NotFoundError } from '../domain/errors.ts';
import { isRoutineName, maxRoutineNameLength, nameRule, type RoutineName } from '../domain/names.ts';

// Names come as the platform gives them, decoded already: never decode again.

/** The name of a routine to be written. Throws InvalidRequestError. */
export const toNewRoutineName = (name: string): RoutineName => {
  if (isRoutineName(name)) return name;
  throw new InvalidRequestError({
    code: 'invalid_request',
    param: 'name',
    message: `name: found ${JSON.stringify(name)}; expected 1 to ${maxRoutineNameLength} ${nameRule}`,
  });
};

/** The name of a routine that should exist. Throws NotFoundError (`routine_not_found`) for a text that is no name. */
export const toKnownRoutineName = (name: string): RoutineName => {
  if (isRoutineName(name)) return name;
  const hint = name.includes(':') ? ': a name holds no ":", and an action takes POST' : '';
  throw new NotFoundError('routine_not_found', `Routine ${JSON.stringify(name)} does not exist${hint}`);
};
