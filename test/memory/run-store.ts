import type { Page } from '../../shared/app/ports/page.ts';
import type {
  IdempotencyRecord,
  PoisonedMessage,
  RunPageRequest,
  RunStore,
  StoredIdempotencyRecord,
  StoredRun,
} from '../../shared/app/ports/run-store.ts';
import { InvalidRequestError } from '../../shared/domain/errors.ts';
import type { ProjectName, RoutineName } from '../../shared/domain/names.ts';
import type { Run } from '../../shared/domain/run.ts';
import { isRunId } from '../../shared/domain/run-id.ts';

export interface MemoryRunStore extends RunStore {
  readonly poisoned: readonly PoisonedMessage[];
}

/** Passes the same suite as the store on Table Storage. */
export const createMemoryRunStore = (): MemoryRunStore => {
  const runs = new Map<string, StoredRun>();
  const records = new Map<string, StoredIdempotencyRecord>();
  const poisoned: PoisonedMessage[] = [];
  let writes = 0;
  const keyOf = (project: ProjectName, routine: RoutineName, id: string) => `${project}!${routine}!${id}`;
  const write = (run: Run, over: string | undefined): string | null => {
    const key = keyOf(run.project, run.routine, run.id);
    if (runs.get(key)?.version !== over) return null;
    writes += 1;
    runs.set(key, { run, version: `v${writes}` });
    return `v${writes}`;
  };
  const keep = (run: Run, record: IdempotencyRecord, over: StoredIdempotencyRecord | null) => {
    const key = keyOf(run.project, run.routine, record.key);
    if (records.get(key)?.version !== over?.version || write(run, undefined) === null) return 'key_taken';
    records.set(key, { ...record, version: `v${writes}` });
    return 'created';
  };
  return {
    poisoned,
    get: async (project, routine, id) => runs.get(keyOf(project, routine, id)) ?? null,
    create: async (run) => write(run, undefined),
    createDispatched: async (run, record, over) => keep(run, record, over),
    findIdempotencyRecord: async (project, routine, key) => records.get(keyOf(project, routine, key)) ?? null,
    replace: async (run, version) => write(run, version),
    list: async (project, routine, page) => {
      const all = [...runs.values()].map(({ run }) => run);
      return pageOf(
        all.filter((run) => run.project === project && run.routine === routine),
        page,
      );
    },
    keepPoisoned: async (message) => {
      poisoned.push(message);
    },
  };
};

const pageOf = (runs: readonly Run[], { order, limit, after, since, until }: RunPageRequest): Page<Run> => {
  if (after !== undefined && !isRunId(after)) {
    throw new InvalidRequestError({ code: 'invalid_request', message: `after "${after}"`, param: 'after' });
  }
  const isAfter = (id: string) => after === undefined || (order === 'asc' ? id > after : id < after);
  const rest = runs
    .filter(({ id, triggeredAt }) => isAfter(id) && !(since && triggeredAt < since) && !(until && triggeredAt > until))
    .sort((a, b) => (a.id < b.id === (order === 'asc') ? -1 : 1));
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return rest.length > limit && last !== undefined ? { items, next: last.id } : { items };
};
