import * as z from 'zod';

/** A schema of any of these, told apart by their `type`. */
export const unionOfKinds = <Schema extends z.core.$ZodTypeDiscriminable>(
  schemas: readonly Schema[],
  error?: z.core.$ZodErrorMap,
) => {
  const [first, ...more] = schemas;
  if (first === undefined) throw new Error('A table of kinds holds at least one');
  return z.discriminatedUnion('type', [first, ...more], { error });
};
