import type { MatrixRow } from './matrix-row.ts';

/** How agents take background work, and what a repeat of a call meets. */
export const begunRows: readonly MatrixRow[] = [];
