import { describe, expect, it } from 'vitest';
import { type AuthConfig, roles } from '../../shared/config.ts';
import { type ClosedRouteName, routes } from '../../shared/http/routes.ts';
import { aRun } from '../builders.ts';
import { call } from './call.ts';
import { aFake } from './fake-services.ts';
import type { RequestInput } from './requests.ts';

const keyOf = (role: string): string => `${role}-key-0123456789`;
const auth: AuthConfig = {
  mode: 'key',
  apiKeys: [
    ...roles.map((role) => ({ name: role, key: keyOf(role), role, project: 'demo' })),
    ...roles.map((role) => ({ name: role, key: keyOf(`${role}-everywhere`), role, project: '*' })),
  ],
};

/** A request that each route accepts when its caller may call it. */
const accepted: Readonly<Record<ClosedRouteName, RequestInput>> = {
  'agents-list': {},
  'poisoned-discard': { method: 'POST' },
  'poisoned-list': {},
  'poisoned-replay': { method: 'POST' },
  'project-status': {},
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
  'run-action': { method: 'POST', params: { name: 'daily', runAndAction: `${aRun().id}:cancel` } },
  'run-get': { params: { name: 'daily', runId: aRun().id } },
  'runs-list': { params: { name: 'daily' } },
  'tick-now': { method: 'POST' },
};

const closedRoutes = routes.flatMap((route) => (route.role === 'anonymous' ? [] : [route]));
const isOfProject = (template: string): boolean => template.includes('{project}');

const visit = async (name: ClosedRouteName, project: string, key?: string) => {
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
  const isEnough = (role: (typeof roles)[number], wanted: (typeof roles)[number]) =>
    roles.indexOf(role) >= roles.indexOf(wanted);
  const walk = closedRoutes.flatMap(({ name, role: wanted, template }) =>
    roles.flatMap((role) => [
      [name, role, isOfProject(template) && isEnough(role, wanted)] as const,
      [name, `${role}-everywhere`, isEnough(role, wanted)] as const,
    ]),
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

  it.each(closedRoutes.map((route) => route.name))('%s is closed to every role of another project', async (name) => {
    for (const role of roles) {
      expect(await visit(name, 'other', keyOf(role))).toMatchObject({ status: 403, asked: 0 });
    }
    expect((await visit(name, 'other', keyOf('contributor-everywhere'))).status).toBeLessThan(300);
  });

  it.each(closedRoutes.map((route) => route.name))('%s is closed to strangers', async (name) => {
    for (const key of [undefined, 'some-other-key-9999']) {
      const answer = await visit(name, 'demo', key);
      expect(answer).toMatchObject({ status: 401, asked: 0, body: { error: { code: 'unauthorized' } } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="agent-routines"');
      expect(answer.warnings).toMatchObject([
        { message: 'Caller is unknown', facts: { function: name, path: expect.stringMatching(/^\/api\//) } },
      ]);
      expect(JSON.stringify(answer.warnings)).not.toContain('9999');
    }
  });

  it.each(closedRoutes.map((route) => route.name))('%s is closed to foreign pages on loopback', async (name) => {
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

describe('an action that asks for more than its route', () => {
  it.each(roles)(':archive for a %s', async (role) => {
    const { services, calls } = aFake({ auth });
    const answer = await call('routine-action', services, {
      method: 'POST',
      params: { project: 'demo', nameAndAction: 'daily:archive' },
      headers: { 'api-key': keyOf(role) },
    });
    if (role === 'contributor') {
      expect(answer.status).toBe(200);
      expect(calls).toEqual([['archiveRoutine', 'demo', 'daily']]);
    } else {
      const lacking = role === 'operator' ? 'contributor' : 'operator';
      const message = `"${role}" lacks the role ${lacking} for project "demo"`;
      expect(answer).toMatchObject({ status: 403, body: { error: { code: 'forbidden', message } } });
      expect(calls).toEqual([]);
    }
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
