import { describe, expect, test } from 'vitest';
import type { ListOrder } from '../../shared/app/ports/page.ts';
import type { IdempotencyRecord, RunPageRequest, RunStore } from '../../shared/app/ports/run-store.ts';
import { InvalidRequestError } from '../../shared/domain/errors.ts';
import type { ProjectName, RoutineName } from '../../shared/domain/names.ts';
import type { Run } from '../../shared/domain/run.ts';
import { dispatchRunId, slotRunId } from '../../shared/domain/run-id.ts';
import { aRun, at, projectName, routineName } from '../builders.ts';

const claim = {
  owner: 'me',
  attempt: 1,
  startedAt: at('2026-01-01T00:05:00Z'),
  leaseUntil: at('2026-01-01T00:06:00Z'),
};

/** What every run store does. Each test has a routine of its own. */
export const runStoreSuite = (create: () => Promise<RunStore>): void => {
  const project = projectName('runs');
  let routines = 0;
  const start = async () => {
    routines += 1;
    const routine = routineName(`routine-${routines}`);
    const runAt = (iso: string, over: Partial<Run> = {}): Run => {
      const nominal = at(iso);
      const id = slotRunId({ project, routine, trigger: aRun().triggerName, nominal });
      return aRun({ project, routine, id, triggeredAt: nominal, scheduledFireAt: nominal, ...over });
    };
    const store = await create();
    const list = async (page: Partial<RunPageRequest> = {}) =>
      listAll(store, routine, { order: 'desc', limit: 10, ...page });
    return { store, routine, runAt, list };
  };
  const listAll = async (store: RunStore, routine: RoutineName, request: RunPageRequest) => {
    const pages: (readonly Run[])[] = [];
    let { after } = request;
    do {
      const page = await store.list(project, routine, { ...request, after });
      pages.push(page.items);
      after = page.next;
    } while (after !== undefined);
    return pages;
  };

  test('a run that was never written is not there', async () => {
    const { store, runAt } = await start();
    const { id, routine } = runAt('2026-01-01T00:00:00Z');
    expect(await store.get(project, routine, id)).toBeNull();
  });

  test('a run is read as it was written, with the version that the write gave', async () => {
    const { store, runAt, list } = await start();
    const run = runAt('2026-01-01T00:00:00Z');
    const written = await store.create(run);
    expect(await store.get(project, run.routine, run.id)).toEqual({ run, version: written?.version });
    expect(await list()).toEqual([[run]]);
    expect(await list({ order: 'asc' })).toEqual([[run]]);
  });

  test('of two that create the run of one slot, one does', async () => {
    const { store, runAt } = await start();
    const run = runAt('2026-01-01T00:00:00Z', { state: { phase: 'dispatching', claim } });
    const other: Run = { ...run, state: { phase: 'dispatching', claim: { ...claim, owner: 'other' } } };
    const [mine, theirs] = await Promise.all([store.create(run), store.create(other)]);
    expect([mine, theirs].filter((version) => version === null)).toHaveLength(1);
    const stored = await store.get(project, run.routine, run.id);
    expect(stored).toEqual({ run: theirs === null ? run : other, version: (mine ?? theirs)?.version });
  });

  test('a replacement succeeds over the version that was read, and is refused over any other', async () => {
    const { store, runAt, list } = await start();
    const run = runAt('2026-01-01T00:00:00Z', { state: { phase: 'dispatching', claim } });
    const first = await store.create(run);
    const backingOff: Run = { ...run, state: { phase: 'backing_off', retryAt: at('2026-01-01T00:00:01.500Z') } };
    const second = await store.replace(backingOff, first?.version ?? '');
    expect(second).not.toBeNull();
    expect(await store.get(project, run.routine, run.id)).toEqual({ run: backingOff, version: second?.version });
    expect(await store.replace({ ...run, state: { phase: 'queued' } }, first?.version ?? '')).toBeNull();
    expect(await store.replace(run, second?.version ?? '')).not.toBeNull();
    expect(await list()).toEqual([[run]]);
  });

  test('a run that is not there cannot be replaced', async () => {
    const { store, runAt } = await start();
    const stranger = await store.create(runAt('2026-01-01T00:00:00Z'));
    expect(await store.replace(runAt('2026-01-01T00:05:00Z'), stranger?.version ?? '')).toBeNull();
  });

  describe('a dispatch with an idempotency key', () => {
    const record = (run: Run, over: Partial<IdempotencyRecord> = {}): IdempotencyRecord => ({
      ...{ key: 'key:abc', runId: run.id, bodyHash: 'h1', expiresAt: at('2026-01-02T00:00:00.001Z') },
      ...over,
    });

    test('leaves the run and a record that finds it, in this routine only', async () => {
      const { store, runAt } = await start();
      const run = runAt('2026-01-01T00:00:00Z');
      expect(await store.createDispatched(run, record(run), null)).toBe('created');
      expect((await store.get(project, run.routine, run.id))?.run).toEqual(run);
      expect(await store.findIdempotencyRecord(project, run.routine, 'key:abc')).toMatchObject(record(run));
      expect(await store.findIdempotencyRecord(project, run.routine, 'key:ABC')).toBeNull();
      expect(await store.findIdempotencyRecord(project, routineName('another'), 'key:abc')).toBeNull();
    });

    test('writes nothing when the key is taken', async () => {
      const { store, runAt, list } = await start();
      const first = runAt('2026-01-01T00:00:00Z');
      const second = runAt('2026-01-01T00:05:00Z');
      await store.createDispatched(first, record(first), null);
      expect(await store.createDispatched(second, record(second), null)).toBe('key_taken');
      expect(await store.get(project, second.routine, second.id)).toBeNull();
      expect(await list({ order: 'asc' })).toEqual([[first]]);
    });

    test('replaces an outdated record, once', async () => {
      const { store, runAt } = await start();
      const [first, second, third] = [0, 5, 9].map((minute) => runAt(`2026-01-01T00:0${minute}:00Z`));
      if (first === undefined || second === undefined || third === undefined) throw new Error('three runs');
      await store.createDispatched(first, record(first), null);
      const outdated = await store.findIdempotencyRecord(project, first.routine, 'key:abc');
      expect(await store.createDispatched(second, record(second), outdated)).toBe('created');
      expect(await store.createDispatched(third, record(third), outdated)).toBe('key_taken');
      expect(await store.findIdempotencyRecord(project, first.routine, 'key:abc')).toMatchObject(record(second));
    });

    test('takes a key of any length and any characters', async () => {
      const { store, runAt } = await start();
      const run = runAt('2026-01-01T00:00:00Z');
      const key = `key:/\\#?%!"'\u0000ü${'x'.repeat(2_000)}`;
      expect(await store.createDispatched(run, record(run, { key }), null)).toBe('created');
      expect(await store.findIdempotencyRecord(project, run.routine, key)).toMatchObject(record(run, { key }));
    });
  });

  describe('lists', () => {
    const times = ['00:00:00Z', '00:00:00.001Z', '00:05:00Z', '00:10:00Z', '01:00:00Z'].map(
      (time) => `2026-01-01T${time}`,
    );
    const startWithFive = async () => {
      const started = await start();
      const runs = times.map((time) => started.runAt(time));
      for (const run of runs.toReversed()) await started.store.create(run);
      const idsOf = (...indexes: readonly number[]) => indexes.flatMap((index) => runs[index]?.id ?? []);
      return { ...started, runs, idsOf };
    };
    const idsOnPages = (pages: readonly (readonly Run[])[]) => pages.map((page) => page.map(({ id }) => id));

    test.each([1, 2, 5, 1000])('hold a routine in order of time, both ways, in pages of %i', async (limit) => {
      const { store, list, runs, idsOf } = await startWithFive();
      const [first] = runs;
      if (first === undefined) throw new Error('five runs');
      await store.create({ ...first, routine: routineName(`${first.routine}-other`) });
      for (const order of ['asc', 'desc'] satisfies ListOrder[]) {
        const pages = idsOnPages(await list({ order, limit }));
        expect(pages).toHaveLength(Math.ceil(5 / limit));
        const ids = idsOf(0, 1, 2, 3, 4);
        expect(pages.flat()).toEqual(order === 'asc' ? ids : ids.toReversed());
      }
    });

    test.each<[string, Pick<RunPageRequest, 'since' | 'until'>, readonly number[]]>([
      ['since an instant', { since: at('2026-01-01T00:00:00.001Z') }, [1, 2, 3, 4]],
      ['until an instant', { until: at('2026-01-01T00:00:00.001Z') }, [0, 1]],
      ['between two', { since: at('2026-01-01T00:00:00.002Z'), until: at('2026-01-01T00:59:59.999Z') }, [2, 3]],
      ['of one millisecond', { since: at('2026-01-01T00:05:00Z'), until: at('2026-01-01T00:05:00Z') }, [2]],
      ['of no time', { since: at('2026-01-01T00:05:00Z'), until: at('2026-01-01T00:04:00Z') }, []],
      ['before all time', { until: at('1969-01-01T00:00:00Z') }, []],
      ['of all time', { since: new Date(-8.64e15), until: new Date(8.64e15) }, [0, 1, 2, 3, 4]],
    ])('hold the runs %s, on any page', async (_what, bounds, expected) => {
      const { list, idsOf } = await startWithFive();
      const ids = idsOf(...expected);
      for (const limit of [1, 10]) {
        expect(idsOnPages(await list({ ...bounds, order: 'asc', limit })).flat()).toEqual(ids);
        expect(idsOnPages(await list({ ...bounds, order: 'desc', limit })).flat()).toEqual(ids.toReversed());
      }
    });

    test('go on after a run that lies outside of the bounds', async () => {
      const { list, idsOf } = await startWithFive();
      const [first, last] = idsOf(0, 4);
      const bounds = { since: at('2026-01-01T00:05:00Z'), until: at('2026-01-01T00:10:00Z') };
      expect(idsOnPages(await list({ ...bounds, order: 'asc', after: first })).flat()).toEqual(idsOf(2, 3));
      expect(idsOnPages(await list({ ...bounds, order: 'desc', after: last })).flat()).toEqual(idsOf(3, 2));
      expect(idsOnPages(await list({ ...bounds, order: 'asc', after: last })).flat()).toEqual([]);
    });

    test('refuse a position that no page gave', async () => {
      const { store, routine } = await start();
      const request = store.list(project, routine, { order: 'asc', limit: 1, after: 'daily' });
      await expect(request).rejects.toThrow(InvalidRequestError);
    });

    test('are empty for a routine that never ran', async () => {
      const { list } = await start();
      expect(await list({ order: 'asc' })).toEqual([[]]);
      expect(await list({ order: 'desc' })).toEqual([[]]);
    });
  });

  describe('the hold of a routine', () => {
    const holdOf = (run: Run, until = at('2026-01-01T00:06:00Z')) => ({ active: { runId: run.id, until } });

    test('is empty before a run had it', async () => {
      const { store, routine } = await start();
      expect(await store.readHold(project, routine)).toEqual({ version: null });
    });

    test('is written with the run, and read with the version that the write gave', async () => {
      const { store, routine, runAt } = await start();
      const run = runAt('2026-01-01T00:00:00Z', { exclusive: 'coalesce_if_active' });
      const waiting = runAt('2026-01-01T00:05:00Z').id;
      const over = await store.readHold(project, routine);
      const written = await store.create(run, { over, to: { ...holdOf(run), waiting } });
      expect(written?.hold).toMatchObject({ ...holdOf(run), waiting });
      expect(await store.readHold(project, routine)).toEqual(written?.hold);
      expect((await store.get(project, routine, run.id))?.version).toBe(written?.version);
      const ended: Run = { ...run, state: { phase: 'completed', endedAt: at('2026-01-01T00:01:00Z'), answer: {} } };
      const freed = await store.replace(ended, written?.version ?? '', {
        over: written?.hold ?? { version: null },
        to: { waiting },
      });
      expect(await store.readHold(project, routine)).toEqual({ waiting, version: freed?.hold?.version });
    });

    test('keeps a run from being written when another run has written it since', async () => {
      const { store, routine, runAt } = await start();
      const [first, second] = [runAt('2026-01-01T00:00:00Z'), runAt('2026-01-01T00:05:00Z')];
      const over = await store.readHold(project, routine);
      const mine = await store.create(first, { over, to: holdOf(first) });
      expect(await store.create(second, { over, to: holdOf(second) })).toBeNull();
      expect(await store.get(project, routine, second.id)).toBeNull();
      expect(await store.replace(first, mine?.version ?? '', { over, to: {} })).toBeNull();
      expect(await store.readHold(project, routine)).toMatchObject(holdOf(first));
    });

    test('stays as it is when the run cannot be written', async () => {
      const { store, routine, runAt } = await start();
      const run = runAt('2026-01-01T00:00:00Z');
      await store.create(run);
      const over = await store.readHold(project, routine);
      expect(await store.create(run, { over, to: holdOf(run) })).toBeNull();
      expect(await store.readHold(project, routine)).toEqual(over);
    });

    test('can be written alone, over what was read', async () => {
      const { store, routine, runAt } = await start();
      const run = runAt('2026-01-01T00:00:00Z');
      const over = await store.readHold(project, routine);
      expect(await store.writeHold(project, routine, { over, to: holdOf(run) })).toBe(true);
      expect(await store.writeHold(project, routine, { over, to: {} })).toBe(false);
      expect(await store.readHold(project, routine)).toMatchObject(holdOf(run));
    });

    test('goes to one of twenty that want it at once', async () => {
      const { store, routine, runAt } = await start();
      const over = await store.readHold(project, routine);
      const runs = Array.from({ length: 20 }, (_, minute) =>
        runAt(`2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`),
      );
      const written = await Promise.all(runs.map((run) => store.create(run, { over, to: holdOf(run) })));
      expect(written.filter((one) => one !== null)).toHaveLength(1);
    });
  });

  test('what a run has of its routine and of other runs is read as it was written', async () => {
    const { store, runAt } = await start();
    const [holder, retried] = [runAt('2026-01-01T00:00:00Z').id, runAt('2026-01-01T00:01:00Z').id];
    const run = runAt('2026-01-01T00:05:00Z', {
      exclusive: 'skip_if_active',
      retryOf: retried,
      metadata: { team: 'ops', 'cost center': '' },
      state: {
        phase: 'killed',
        endedAt: at('2026-01-01T00:05:01Z'),
        error: { type: 'skipped', message: 'Another run was active.' },
        skipReason: 'overlap',
        blockedBy: holder,
      },
    });
    await store.create(run);
    expect((await store.get(project, run.routine, run.id))?.run).toEqual(run);
  });

  test('the runs that have not ended are found between two instants, with their versions', async () => {
    const { store, routine, runAt } = await start();
    const endedAt = at('2026-01-01T00:06:00Z');
    const error = { type: 'timeout', message: '' };
    const states: [string, Run['state']][] = [
      ['2026-01-01T00:00:00Z', { phase: 'queued' }],
      ['2026-01-01T00:01:00Z', { phase: 'queued' }],
      ['2026-01-01T00:02:00Z', { phase: 'dispatching', claim }],
      ['2026-01-01T00:03:00Z', { phase: 'backing_off', retryAt: endedAt }],
      ['2026-01-01T00:03:30Z', { phase: 'polling', polls: 1 }],
      ['2026-01-01T00:04:00Z', { phase: 'completed', endedAt, answer: {} }],
      ['2026-01-01T00:05:00Z', { phase: 'failed', endedAt, error }],
      ['2026-01-01T00:06:00Z', { phase: 'killed', endedAt, error }],
      ['2026-01-01T00:07:00Z', { phase: 'queued' }],
      ['2026-01-01T00:07:00.001Z', { phase: 'queued' }],
    ];
    for (const [iso, state] of states) await store.create(runAt(iso, { state }));
    const bounds = { since: at('2026-01-01T00:01:00Z'), until: at('2026-01-01T00:07:00Z') };
    const found = await store.listUnended(project, routine, bounds);
    const minutes = found.map(({ run }) => run.triggeredAt.getUTCMinutes()).sort();
    expect(minutes).toEqual([1, 2, 3, 3, 7]);
    for (const stored of found) expect(stored).toEqual(await store.get(project, routine, stored.run.id));
  });

  test('projects share nothing, even where their names run into those of routines', async () => {
    const { store, runAt } = await start();
    const names: [ProjectName, RoutineName][] = [
      [projectName('a'), routineName('b-c')],
      [projectName('a-b'), routineName('c')],
    ];
    const id = dispatchRunId(at('2026-01-01T00:00:00Z'), '0123456789abcdef0123');
    for (const [owner, routine] of names) {
      expect(await store.create({ ...runAt('2026-01-01T00:00:00Z'), project: owner, routine, id })).not.toBeNull();
    }
  });
};
