import { describe, expect, test } from 'vitest';
import type { ListOrder } from '../../shared/app/ports/page.ts';
import type { RoutineKey, RoutineStore, StoredRoutine } from '../../shared/app/ports/routine-store.ts';
import { InvalidRequestError } from '../../shared/domain/errors.ts';
import type { ProjectName } from '../../shared/domain/names.ts';
import type { Routine, Tombstone } from '../../shared/domain/routine.ts';
import { aRoutine, at, projectName, routineName } from '../builders.ts';

const tombstoneOf = ({ project, name, generation }: Routine): Tombstone => ({
  project,
  name,
  deletedAt: at('2026-02-01T00:00:00Z'),
  generation: generation + 1,
});

const readRoutine = async (store: RoutineStore, { project, name }: Routine) => {
  const stored = await store.get(project, name);
  if (stored?.kind !== 'routine') throw new Error(`Expected routine ${name} to be there`);
  return stored;
};

const listAll = async (store: RoutineStore, project: ProjectName, order: ListOrder, limit: number) => {
  const pages: string[][] = [];
  let after: string | undefined;
  do {
    const page = await store.list(project, { order, limit, after });
    pages.push(page.items.map(({ name }) => name));
    after = page.next;
  } while (after !== undefined);
  return pages;
};

/** What every routine store does. Each test has a project of its own. */
export const routineStoreSuite = (create: () => Promise<RoutineStore>): void => {
  let projects = 0;
  const start = async () => {
    projects += 1;
    return { store: await create(), project: projectName(`p${projects}`) };
  };

  test('a routine that was never written is not there', async () => {
    const { store, project } = await start();
    expect(await store.get(project, routineName('daily'))).toBeNull();
  });

  test('a routine is read as it was written', async () => {
    const { store, project } = await start();
    const routine = aRoutine({ project });
    expect(await store.put(routine, null)).toBe(true);
    expect((await readRoutine(store, routine)).routine).toEqual(routine);
    expect((await store.list(project, { order: 'desc', limit: 10 })).items).toEqual([routine]);
  });

  test('names that differ only in case are different routines', async () => {
    const { store, project } = await start();
    await store.put(aRoutine({ project, name: routineName('Daily'), createdKey: '01' }), null);
    expect(await store.get(project, routineName('daily'))).toBeNull();
    expect(await store.put(aRoutine({ project, createdKey: '02' }), null)).toBe(true);
    expect(await listAll(store, project, 'asc', 10)).toEqual([['Daily', 'daily']]);
  });

  describe('a write over what was read', () => {
    test('succeeds once, and is refused to a second writer that read the same', async () => {
      const { store, project } = await start();
      const first = aRoutine({ project });
      await store.put(first, null);
      const over = await readRoutine(store, first);
      expect(await store.put({ ...first, description: 'mine', generation: 2 }, over)).toBe(true);
      expect(await store.put({ ...first, description: 'yours', generation: 2 }, over)).toBe(false);
      expect(await store.remove(tombstoneOf(first), over)).toBe(false);
      const { items } = await store.list(project, { order: 'desc', limit: 10 });
      expect(items.map(({ description }) => description)).toEqual(['mine']);
    });

    test('is refused when nothing was expected and a routine is there', async () => {
      const { store, project } = await start();
      const routine = aRoutine({ project });
      await store.put(routine, null);
      expect(await store.put({ ...routine, generation: 2 }, null)).toBe(false);
    });

    test('drops what the new definition leaves out', async () => {
      const { store, project } = await start();
      const routine = aRoutine({ project, description: 'gone soon' });
      await store.put(routine, null);
      const { description: _, ...without } = routine;
      await store.put(without, await readRoutine(store, routine));
      expect((await readRoutine(store, routine)).routine).not.toHaveProperty('description');
    });
  });

  test('a removed routine leaves a tombstone and no place in the lists, and can be written over', async () => {
    const { store, project } = await start();
    const routine = aRoutine({ project });
    await store.put(routine, null);
    expect(await store.remove(tombstoneOf(routine), await readRoutine(store, routine))).toBe(true);
    const stored: StoredRoutine | null = await store.get(project, routine.name);
    expect(stored).toMatchObject({ kind: 'tombstone', tombstone: tombstoneOf(routine) });
    expect((await store.list(project, { order: 'asc', limit: 10 })).items).toEqual([]);
    expect(await store.put({ ...routine, generation: 3 }, null)).toBe(false);
    expect(await store.put({ ...routine, generation: 3, createdKey: 'ff' }, stored)).toBe(true);
    expect(await listAll(store, project, 'asc', 10)).toEqual([[routine.name]]);
  });

  describe('lists', () => {
    const names = ['one', 'two', 'three', 'four', 'five'];
    const startWithFive = async () => {
      const { store, project } = await start();
      for (const [index, name] of names.entries()) {
        await store.put(aRoutine({ project, name: routineName(name), createdKey: `0${index}` }), null);
      }
      return { store, project };
    };

    test('hold a project in order of creation, newest first or oldest first', async () => {
      const { store, project } = await startWithFive();
      await store.put(aRoutine({ project: projectName(`${project}-other`) }), null);
      expect(await listAll(store, project, 'asc', 10)).toEqual([names]);
      expect(await listAll(store, project, 'desc', 10)).toEqual([names.toReversed()]);
    });

    test.each([1, 2, 5])('go on where a page of %i ended, and end without another page', async (limit) => {
      const { store, project } = await startWithFive();
      for (const order of ['asc', 'desc'] as const) {
        const pages = await listAll(store, project, order, limit);
        expect(pages).toHaveLength(Math.ceil(5 / limit));
        expect(pages.flat()).toEqual(order === 'asc' ? names : names.toReversed());
      }
    });

    test('refuse a position that no page gave', async () => {
      const { store, project } = await start();
      for (const after of ['', 'x!y', '0!', '!daily', '00!a!b']) {
        const request = store.list(project, { order: 'asc', limit: 1, after });
        await expect(request).rejects.toThrow(InvalidRequestError);
      }
    });
  });

  test.each([1, 2, 3, 100])(
    'the names of all projects follow one another, tombstones too, %i at a time',
    async (limit) => {
      const store = await create();
      const wanted = ['a', 'a.b', 'b'].flatMap((suffix) => {
        const project = projectName(`names-${limit}-${suffix}`);
        return ['A', 'a', 'a-1', 'a1'].map((name) => ({ project, name: routineName(name) }));
      });
      for (const key of wanted.toReversed()) await store.put(aRoutine(key), null);
      const deleted = await readRoutine(store, aRoutine(wanted[5]));
      await store.remove(tombstoneOf(deleted.routine), deleted);
      const found: RoutineKey[] = [];
      // No name is before this one, and none of the wanted is behind those that follow.
      let after: RoutineKey | null = { project: projectName(`names-${limit}`), name: routineName('0') };
      while (after !== null && found.length < wanted.length) {
        const names: readonly RoutineKey[] = await store.names(after, limit);
        expect(names.length).toBeLessThanOrEqual(limit);
        found.push(...names);
        after = names.at(-1) ?? null;
      }
      expect(found.slice(0, wanted.length)).toEqual(wanted);
      const last = (await store.names(null, 1000)).at(-1) ?? null;
      expect(await store.names(last, 10)).toEqual([]);
    },
  );
};
