import type { Page, PageRequest } from '../../shared/app/ports/page.ts';
import type { RoutineKey, RoutineStore, StoredRoutine } from '../../shared/app/ports/routine-store.ts';
import { InvalidRequestError } from '../../shared/domain/errors.ts';
import type { ProjectName, RoutineName } from '../../shared/domain/names.ts';
import type { Routine } from '../../shared/domain/routine.ts';

/** Passes the same suite as the store on Table Storage. */
export const createMemoryRoutineStore = (): RoutineStore => {
  const rows = new Map<string, StoredRoutine>();
  const keyOf = (project: ProjectName, name: RoutineName) => `${project}!${name}`;
  let writes = 0;
  const write = (key: string, over: StoredRoutine | null, row: (version: string) => StoredRoutine): boolean => {
    if (rows.get(key)?.version !== over?.version) return false;
    writes += 1;
    rows.set(key, row(`v${writes}`));
    return true;
  };
  return {
    get: async (project, name) => rows.get(keyOf(project, name)) ?? null,
    put: async (routine, over) =>
      write(keyOf(routine.project, routine.name), over, (version) => ({ kind: 'routine', routine, version })),
    remove: async (tombstone, over) =>
      write(keyOf(tombstone.project, tombstone.name), over, (version) => ({ kind: 'tombstone', tombstone, version })),
    list: async (project, page) => {
      const routines = [...rows.values()].flatMap((row) => (row.kind === 'routine' ? [row.routine] : []));
      return pageOf(
        routines.filter((routine) => routine.project === project),
        page,
      );
    },
    names: async (after, limit) => {
      const all = [...rows.values()].map((row) => (row.kind === 'routine' ? row.routine : row.tombstone));
      const keys = all.map(({ project, name }) => ({ project, name })).toSorted((a, b) => compareNames(a, b));
      return keys.filter((key) => after === null || compareNames(key, after) > 0).slice(0, limit);
    },
  };
};

const compareNames = (a: RoutineKey, b: RoutineKey): number => {
  const [mine, theirs] = [`${a.project}!${a.name}`, `${b.project}!${b.name}`];
  return mine < theirs ? -1 : mine === theirs ? 0 : 1;
};

const positionOf = (routine: Routine): string => `${routine.createdKey}!${routine.name}`;

const pageOf = (routines: readonly Routine[], { order, limit, after }: PageRequest): Page<Routine> => {
  if (after !== undefined && !/^[0-9a-f]+![\w.-]+$/.test(after)) {
    throw new InvalidRequestError({ code: 'invalid_request', message: `after "${after}"`, param: 'after' });
  }
  const direction = order === 'asc' ? 1 : -1;
  const sorted = routines.toSorted((a, b) => (positionOf(a) < positionOf(b) ? -direction : direction));
  const isBeyond = (position: string) => after === undefined || (order === 'asc' ? position > after : position < after);
  const beyond = sorted.filter((routine) => isBeyond(positionOf(routine)));
  const items = beyond.slice(0, limit);
  const last = items.at(-1);
  return beyond.length > limit && last !== undefined ? { items, next: positionOf(last) } : { items };
};
