import { beforeAll, describe, expect, test } from 'vitest';
import type { ContractApp } from './contract-app.ts';
import { keys, readersProject } from './contract-app.ts';
import { aRoutine } from './definitions.ts';
import { ask } from './plain-client.ts';

/** A route of our own, which no SDK knows. Its template is a literal with a colon, beside `routines/{nameAndAction}`. */
export const describePreview = (app: () => ContractApp): void => {
  describe('a preview', () => {
    const project = () => app().endpointOf(readersProject);
    const preview = (body: object, path = ':preview', headers: Record<string, string> = {}) =>
      ask(`${project()}/routines${path}`, { method: 'POST', body: JSON.stringify(body), headers });
    const triggers = {
      nightly: { type: 'schedule', cron_expression: '30 1 * * *', time_zone: 'America/Los_Angeles' },
    };

    beforeAll(async () => {
      await ask(`${project()}/routines/preview`, { method: 'PUT', body: JSON.stringify(aRoutine()) });
    });

    test('tells a reader the fires around a clock change', async () => {
      const asReader = { Authorization: `Bearer ${keys.reader}` };
      const { status, body } = await preview(
        { triggers, from: '2026-11-01T00:00:00Z', count: 2 },
        ':preview',
        asReader,
      );
      expect(status).toBe(200);
      expect(body).toEqual({
        data: [
          {
            trigger_name: 'nightly',
            fire_at: '2026-11-01T08:30:00Z',
            local_time: '2026-11-01T01:30:00-07:00',
            note: 'repeated hour: first',
          },
          { trigger_name: 'nightly', fire_at: '2026-11-02T09:30:00Z', local_time: '2026-11-02T01:30:00-08:00' },
        ],
        description: 'At 01:30 every day, time zone America/Los_Angeles.',
      });
    });

    test.each([':preview', '%3Apreview', ':PREVIEW', ':preview/'])('is reached at routines%s', async (path) => {
      const { status, body } = await preview({ triggers, from: 1793491200, count: 1 }, `${path}?api-version=v1`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ data: [{ fire_at: 1793521800 }] });
    });

    test('saves nothing', async () => {
      const before = await ask(`${project()}/routines`);
      await preview({ triggers });
      expect((await ask(`${project()}/routines`)).body).toEqual(before.body);
    });

    test('is no action of a routine, also of one by its name', async () => {
      const action = await ask(`${project()}/routines/preview:preview`, { method: 'POST' });
      expect(action).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
      expect(await ask(`${project()}/routines/preview:disable`, { method: 'POST' })).toMatchObject({ status: 200 });
    });

    test('knows no method but POST', async () => {
      const { status, headers } = await ask(`${project()}/routines:preview`);
      expect(status).toBe(405);
      expect(headers.get('allow')).toBe('POST');
    });

    test('is refused where a PUT would be', async () => {
      const short = { t: { type: 'schedule', cron: '* * * * *' } };
      const refused = await preview({ triggers: short });
      const put = await ask(`${project()}/routines/short`, {
        method: 'PUT',
        body: JSON.stringify({ triggers: short, action: aRoutine().action }),
      });
      expect(refused.status).toBe(400);
      expect(refused.body).toEqual(put.body);
    });
  });
};
