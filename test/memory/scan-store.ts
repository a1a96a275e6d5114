import type { EndedScan, ScanStore } from '../../shared/app/ports/scan-store.ts';

/** Passes the same suite as the store on Table Storage. */
export const createMemoryScanStore = (): ScanStore => {
  let last: EndedScan | null = null;
  return {
    write: async (scan) => {
      last = scan;
    },
    read: async () => last,
  };
};
