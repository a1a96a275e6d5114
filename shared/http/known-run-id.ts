import { NotFoundError } from '../domain/errors.ts';
import type { RunId } from '../domain/names.ts';
import { isRunId } from '../domain/run-id.ts';

/**
 * The id of a run that should exist, in either case of its hex digits: some clients write a GUID in upper case. Throws
 * NotFoundError (`run_not_found`) for a text that is no run id.
 */
export const toKnownRunId = (text: string): RunId => {
  const id = text.toLowerCase();
  if (isRunId(id)) return id;
  const hint = text.includes(':') ? ': an id holds no ":", and an action takes POST' : '';
  throw new NotFoundError('run_not_found', `Run ${JSON.stringify(text)} does not exist${hint}`);
};
