import type { MatrixRow } from './matrix-row.ts';

/** What agents say, and what waits for a person. */
export const saidRows: readonly MatrixRow[] = [];
