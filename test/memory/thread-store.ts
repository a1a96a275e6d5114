import type { StoredThread, ThreadStore } from '../../shared/app/ports/thread-store.ts';

/** Passes the same suite as the store on Table Storage. */
export const createMemoryThreadStore = (): ThreadStore => {
  const threads = new Map<string, StoredThread>();
  let writes = 0;
  return {
    read: async (project, threadId) => threads.get(`${project}!${threadId}`) ?? { version: null },
    give: async (project, threadId, { holder, over }) => {
      const key = `${project}!${threadId}`;
      if ((threads.get(key)?.version ?? null) !== over.version) return false;
      writes += 1;
      threads.set(key, { holder, version: `v${writes}` });
      return true;
    },
  };
};
