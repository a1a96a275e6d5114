import { ConflictError } from '../../domain/errors.ts';
import type { RoutineName } from '../../domain/names.ts';

/** A concurrent write is met by reading again; after that many losses the caller is told. */
const maxTries = 3;

/** Repeats what reads and writes a routine until its write stands: null says that it was lost. Throws ConflictError. */
export const retryLostWrites = async <Result>(
  name: RoutineName,
  write: () => Promise<Result | null>,
): Promise<Result> => {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const result = await write();
    if (result !== null) return result;
  }
  throw new ConflictError(`Routine "${name}" was changed by somebody else ${maxTries} times in a row; try again.`);
};
