import { createHash } from 'node:crypto';
import type { KeptMessage, PoisonedMessage, PoisonedStore } from '../../shared/app/ports/poisoned-store.ts';
import { truncateErrorMessage } from '../../shared/domain/progress/call-verdict.ts';

export interface MemoryPoisonedStore extends PoisonedStore {
  readonly messages: readonly KeptMessage[];
}

/** Passes the same suite as the store on Table Storage. */
export const createMemoryPoisonedStore = (): MemoryPoisonedStore => {
  const kept = new Map<string, KeptMessage>();
  const sorted = () => [...kept.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const countOf = (prefix: string) => [...kept.keys()].filter((id) => id.startsWith(prefix)).length;
  return {
    get messages() {
      return sorted();
    },
    keep: async (message) => {
      const id = idOf(message);
      kept.set(id, { id, ...message, reason: truncateErrorMessage(message.reason) });
    },
    list: async ({ limit, after = '' }) =>
      sorted()
        .filter(({ id }) => id > after)
        .slice(0, limit),
    count: async (project) => ({ ofProject: countOf(`x!${project}!`), unattributed: countOf('x!!') }),
    countAll: async () => kept.size,
    remove: async (id) => {
      kept.delete(id);
    },
    removeOfRun: async (project, runId) => {
      for (const id of kept.keys()) if (id.startsWith(`x!${project}!${runId}!`)) kept.delete(id);
    },
  };
};

const idOf = ({ queue, body, of }: PoisonedMessage): string => {
  const hash = createHash('sha256')
    .update(JSON.stringify([queue, body]))
    .digest('hex')
    .slice(0, 32);
  return `x!${of?.project ?? ''}!${of?.runId ?? ''}!${hash}`;
};
