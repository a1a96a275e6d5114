import { InvalidRequestError, type Problem } from '../domain/errors.ts';

/** A body of 1 MiB can hold thousands of problems; a caller reads the first ones. */
const maxProblems = 100;

/** Throws InvalidRequestError with all problems together, of very many the first hundred; does nothing without any. */
export const refuse = (problems: readonly Problem[]): void => {
  const [first, ...more] = problems.slice(0, maxProblems);
  if (first !== undefined) throw new InvalidRequestError(first, ...more);
};
