import type { MatrixRow } from './matrix-row.ts';

/** How agents refuse, are busy, and call their states. */
export const errorRows: readonly MatrixRow[] = [];
