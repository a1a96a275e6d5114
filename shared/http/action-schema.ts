import { actionTypes } from '../domain/action.ts';
import { actionAliases, actionWires } from '../domain/kinds/action-kinds.ts';
import { unionOfKinds } from '../domain/kinds/union-of-kinds.ts';
import { expectedType } from '../domain/schema/wire-fields.ts';
import { inAnySpelling } from './wire-body.ts';

/** The action of a routine, of any kind. */
export const actionSchema = inAnySpelling(
  unionOfKinds(actionWires, expectedType(actionTypes)),
  actionWires,
  actionAliases,
);
