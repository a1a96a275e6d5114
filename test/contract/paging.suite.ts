import { beforeAll, describe, expect, test } from 'vitest';
import type { ContractApp } from './contract-app.ts';
import { aRoutine, collect } from './definitions.ts';
import { endedRuns } from './ended-runs.ts';
import { type Routines, type Sdk, sdks } from './sdk.ts';

const [newest] = sdks;
const namesOf = (routines: readonly { readonly name?: string }[]) => routines.map(({ name }) => name);
const idsOf = (runs: readonly { readonly id: string }[]) => runs.map(({ id }) => id);

/** Lists of more than one page. The newest SDK follows `next_link`; 2.2.0 shows one page and no more. */
export const describePaging = (app: () => ContractApp): void => {
  describe.each(sdks)('pages through @azure/ai-projects $version', (sdk: Sdk) => {
    const created = ['one', 'two', 'three', 'four', 'five'];
    const newestFirst = created.toReversed();
    const shown = <Item>(all: readonly Item[], limit: number) => (sdk.followsPages ? all : all.slice(0, limit));
    let routines: Routines;

    beforeAll(async () => {
      routines = sdk.connect(app().endpointOf(`paging-${sdk.version}`));
      for (const name of created) await routines.createOrUpdate(name, aRoutine());
      // A run that fails between every two that succeed.
      for (const agent of ['echo-agent', 'broken-agent', 'echo-agent', 'broken-agent', 'echo-agent']) {
        await routines.createOrUpdate('one', aRoutine(agent));
        await routines.dispatch('one');
      }
      await endedRuns(routines, 'one', 5);
    }, 180_000);

    test('routines come newest first, and in the exact reverse when ascending', async () => {
      expect(namesOf(await collect(routines.list({ limit: 2 })))).toEqual(shown(newestFirst, 2));
      expect(namesOf(await collect(routines.list({ limit: 2, order: 'asc' })))).toEqual(shown(created, 2));
      expect(namesOf(await collect(routines.list({ limit: 5 })))).toEqual(newestFirst);
    });

    test('runs come newest first, and in the exact reverse when ascending', async () => {
      const all = await collect(routines.listRuns('one'));
      expect(all).toHaveLength(5);
      const triggered = all.map((run) => run.triggered_at?.getTime() ?? 0);
      expect(triggered).toEqual(triggered.toSorted((a, b) => b - a));
      expect(await collect(routines.listRuns('one', { limit: 2 }))).toEqual(shown(all, 2));
      const ascending = await collect(routines.listRuns('one', { limit: 3, order: 'asc' }));
      expect(ascending).toEqual(shown(all.toReversed(), 3));
    });

    test.each([
      ['MLflow', "attributes.status = 'FAILED'"],
      ['OData', "status eq 'failed' and agent_id eq 'broken-agent'"],
    ])('a filter in the grammar of %s holds on every page', async (_grammar, filter) => {
      const failed = (await collect(routines.listRuns('one'))).filter(({ phase }) => phase === 'failed');
      expect(failed).toHaveLength(2);
      const filtered = await collect(routines.listRuns('one', { filter, limit: 100 }));
      expect(idsOf(filtered)).toEqual(idsOf(failed));
      const oneByOne = await collect(routines.listRuns('one', { filter, limit: 1, order: 'asc' }));
      expect(idsOf(oneByOne)).toEqual(shown(idsOf(failed).toReversed(), 1));
    });

    test('pages have as many items as asked for, the last one fewer', async () => {
      const pages = await collect(routines.list({ limit: 2 }).byPage());
      expect(pages.map(namesOf)).toEqual(shown([['five', 'four'], ['three', 'two'], ['one']], 1));
    });
  });

  test('the newest SDK continues a list from the page it stopped at', async () => {
    const routines = newest.connect(app().endpointOf(`paging-${newest.version}`));
    const first = await routines.list({ limit: 2, order: 'asc' }).byPage().next();
    const { continuationToken } = first.value;
    const rest = await collect(routines.list().byPage({ continuationToken }));
    expect(rest.map(namesOf)).toEqual([['three', 'four'], ['five']]);
  });

  describe('a list of 101 without a limit', () => {
    const project = 'crowded';
    beforeAll(async () => {
      const routines = newest.connect(app().endpointOf(project));
      for (let tens = 0; tens < 10; tens += 1) {
        await Promise.all([...'0123456789'].map((ones) => routines.createOrUpdate(`r${tens}${ones}`, aRoutine())));
      }
      await routines.createOrUpdate('newest', aRoutine());
    }, 180_000);

    test.each(sdks)('shows all of it or its first hundred, by what $version can follow', async (sdk) => {
      const names = namesOf(await collect(sdk.connect(app().endpointOf(project)).list()));
      expect(names).toHaveLength(sdk.followsPages ? 101 : 100);
      expect(new Set(names).size).toBe(names.length);
      expect(names[0]).toBe('newest');
    });

    test('has a second page of one', async () => {
      const pages = await collect(newest.connect(app().endpointOf(project)).list().byPage());
      expect(pages.map((page) => page.length)).toEqual([100, 1]);
    });
  });
};
