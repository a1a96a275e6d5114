import { describe, expect, it } from 'vitest';
import { type AuthConfig, roles } from '../../shared/config.ts';
import { type ProjectRouteName, routes } from '../../shared/http/routes.ts';
import { call } from './call.ts';
import { aFake } from './fake-services.ts';
import type { RequestInput } from './requests.ts';

const keyOf = (role: string): string => `${role}-key-0123456789`;
const auth: AuthConfig = {
  mode: 'key',
  apiKeys: [
    ...roles.map((role) => ({ name: role, key: keyOf(role), role, project: 'demo' })),
    { name: 'everywhere', key: keyOf('everywhere'), role: 'contributor', project: '*' },
  ],
};

/** A request that each route accepts when its caller may call it. */
const accepted: Readonly<Record<ProjectRouteName, RequestInput>> = {
  'routine-action': { method: 'POST', params: { nameAndAction: 'daily:enable' } },
  'routine-delete': { method: 'DELETE', params: { name: 'daily' } },
  'routine-get': { params: { name: 'daily' } },
  'routine-put': {
    method: 'PUT',
    params: { name: 'daily' },
    body: {
      triggers: { main: { type: 'timer', at: '30m' } },
      action: { type: 'invoke_agent_responses_api', agent_name: 'a' },
    },
  },
  'routines-list': {},
  'routines-preview': { method: 'POST', body: { triggers: { main: { type: 'timer', at: '30m' } } } },
  'runs-list': { params: { name: 'daily' } },
};

const projectRoutes = routes.flatMap((route) => (route.role === 'anonymous' ? [] : [route]));

const visit = async (name: ProjectRouteName, project: string, key?: string) => {
  const request = accepted[name];
  const { services, calls, warnings } = aFake({ auth });
  const answer = await call(name, services, {
    ...request,
    params: { ...request.params, project },
    ...(key !== undefined && { headers: { 'api-key': key } }),
  });
  return { ...answer, asked: calls.length, warnings };
};

describe('every route of the table', () => {
  const walk = projectRoutes.flatMap((route) =>
    roles.map((role) => [route.name, role, roles.indexOf(role) >= roles.indexOf(route.role)] as const),
  );
  it.each(walk)('%s for a %s: %s', async (name, role, allowed) => {
    const answer = await visit(name, 'demo', keyOf(role));
    if (allowed) {
      expect(answer.status).toBeLessThan(300);
      expect(answer.asked).toBe(1);
    } else {
      expect(answer).toMatchObject({ status: 403, asked: 0, body: { error: { code: 'forbidden' } } });
    }
  });

  it.each(projectRoutes.map((route) => route.name))('%s is closed to every role of another project', async (name) => {
    for (const role of roles) {
      expect(await visit(name, 'other', keyOf(role))).toMatchObject({ status: 403, asked: 0 });
    }
    expect((await visit(name, 'other', keyOf('everywhere'))).status).toBeLessThan(300);
  });

  it.each(projectRoutes.map((route) => route.name))('%s is closed to strangers', async (name) => {
    for (const key of [undefined, 'some-other-key-9999']) {
      const answer = await visit(name, 'demo', key);
      expect(answer).toMatchObject({ status: 401, asked: 0, body: { error: { code: 'unauthorized' } } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="agent-routines"');
      expect(answer.warnings).toMatchObject([{ message: 'Caller is unknown' }]);
      expect(JSON.stringify(answer.warnings)).not.toContain('9999');
    }
  });

  it.each(projectRoutes.map((route) => route.name))('%s is closed to foreign pages on loopback', async (name) => {
    const { services, calls } = aFake();
    const request = accepted[name];
    const params = { ...request.params, project: 'demo' };
    const foreign: Record<string, string>[] = [{ host: 'evil.example' }, { origin: 'https://evil.example' }];
    for (const headers of foreign) {
      expect(await call(name, services, { ...request, params, headers })).toMatchObject({ status: 403 });
    }
    expect(calls).toEqual([]);
  });
});

describe('with REQUIRE_PREVIEW_HEADER', () => {
  const ask = (headers: Record<string, string>) =>
    call('routine-get', aFake({ http: { requirePreviewHeader: true } }).services, {
      params: { project: 'demo', name: 'daily' },
      headers,
    });

  it.each(['Routines=V1Preview', 'Routines=V2Preview', 'Agents=V1Preview, routines=v2preview,Evals=V1Preview'])(
    '"%s" is enough',
    async (features) => {
      expect(await ask({ 'foundry-features': features })).toMatchObject({ status: 200 });
    },
  );

  it.each(['', 'Agents=V1Preview', 'Routines=V3Preview', 'NoRoutines=V1Preview'])(
    '"%s" is refused',
    async (features) => {
      expect(await ask(features === '' ? {} : { 'foundry-features': features })).toMatchObject({
        status: 403,
        body: {
          error: { code: 'preview_feature_required', param: 'Foundry-Features', type: 'invalid_request_error' },
        },
      });
    },
  );
});
