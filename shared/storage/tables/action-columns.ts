import * as z from 'zod';
import type { Action } from '../../domain/action.ts';
import type { JsonValue } from '../../domain/json.ts';
import { storedAction } from '../../domain/kinds/action-kinds.ts';
import { jsonColumn, jsonValue } from '../../domain/schema/stored-fields.ts';

/**
 * The input fills a separate column: a column holds 32,768 characters, which is what an input may have. A text is
 * stored as it is (quotes would be two characters too many), anything else as JSON text.
 */
export const actionColumns = z.object({
  action: jsonColumn(storedAction),
  inputKind: z.enum(['text', 'json']).optional(),
  input: z.string().optional(),
});

type ActionColumns = z.output<typeof actionColumns>;

const inputInJson = jsonColumn(jsonValue);

export const toActionColumns = ({ input, ...action }: Action): ActionColumns => {
  if (input === undefined) return { action };
  return typeof input === 'string'
    ? { action, inputKind: 'text', input }
    : { action, inputKind: 'json', input: z.encode(inputInJson, input) };
};

export const fromActionColumns = ({ action, inputKind, input }: ActionColumns): Action => {
  if (inputKind === undefined || input === undefined) return action;
  const value: JsonValue = inputKind === 'text' ? input : z.decode(inputInJson, input);
  return { ...action, input: value };
};
