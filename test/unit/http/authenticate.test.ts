import { describe, expect, it } from 'vitest';
import type { AuthConfig } from '../../../shared/config.ts';
import { authenticate, authorize, type Principal } from '../../../shared/http/authenticate.ts';
import { aRequest } from '../../functions/requests.ts';

const reader = { name: 'dashboard', key: 'reader-key-0000001', role: 'reader', project: 'demo' } as const;
const admin = { name: 'admin', key: 'admin-key-00000001', role: 'contributor', project: '*' } as const;
const withKeys: AuthConfig = { mode: 'key', apiKeys: [reader, admin, { ...reader, role: 'operator', project: 'lab' }] };

const keyHolder = (headers: Record<string, string>): Principal => authenticate(aRequest({ headers }), withKeys, []);

describe('with API keys', () => {
  it.each([
    [{ 'api-key': admin.key }, 'admin'],
    [{ authorization: `Bearer ${admin.key}` }, 'admin'],
    [{ authorization: `bearer  ${admin.key}` }, 'admin'],
    [{ 'api-key': reader.key, authorization: 'Bearer other' }, 'dashboard'],
  ])('%j is %s', (headers, name) => {
    expect(keyHolder(headers).name).toBe(name);
  });

  it.each([
    [{}, 'No API key; expected'],
    [{ authorization: `Basic ${admin.key}` }, 'No API key; expected'],
    [{ authorization: 'Bearer' }, 'No API key; expected'],
    [{ 'api-key': '' }, 'The API key is not known'],
    [{ 'api-key': `${admin.key}x` }, 'The API key is not known'],
    [{ 'api-key': admin.key.toUpperCase() }, 'The API key is not known'],
  ])('%j is nobody', (headers, message) => {
    expect(() => keyHolder(headers)).toThrow(
      expect.objectContaining({
        code: 'unauthorized',
        status: 401,
        message: expect.stringContaining(message),
        headers: { 'WWW-Authenticate': 'Bearer realm="agent-routines"' },
      }),
    );
  });

  it('one key may hold several roles', () => {
    const principal = keyHolder({ 'api-key': reader.key });
    expect(() => authorize(principal, 'operator', 'lab')).not.toThrow();
    expect(() => authorize(principal, 'operator', 'demo')).toThrow();
    expect(() => authorize(principal, 'reader', 'demo')).not.toThrow();
  });
});

describe('a role', () => {
  const roles = ['reader', 'operator', 'contributor'] as const;
  it.each(roles.flatMap((held, rank) => roles.map((wanted, needed) => [held, wanted, rank >= needed] as const)))(
    '%s may do what needs %s: %s',
    (held, wanted, allowed) => {
      const may = (project: string): boolean => {
        try {
          authorize({ name: 'ci', grants: [{ role: held, project: 'demo' }] }, wanted, project);
          return true;
        } catch (error) {
          expect(error).toMatchObject({ code: 'forbidden', status: 403 });
          return false;
        }
      };
      expect(may('demo')).toBe(allowed);
      expect([may('Demo'), may('other'), may('*'), may('')]).toEqual([false, false, false, false]);
    },
  );
});

describe('without authentication, on loopback', () => {
  const visit = (headers: Record<string, string>, corsOrigins: string[] = []): Principal =>
    authenticate(aRequest({ headers }), { mode: 'none', loopbackOnly: true }, corsOrigins);

  it.each<Record<string, string>>([
    {},
    { host: 'localhost:7071' },
    { host: '[::1]:7071' },
    { host: '127.0.0.2' },
    { origin: 'http://127.0.0.1:7071' },
    { authorization: 'Bearer whatever' },
  ])('%j may do everything', (headers) => {
    expect(visit(headers)).toEqual({ name: 'anonymous', grants: [{ role: 'contributor', project: '*' }] });
  });

  it('a page of a listed origin may call', () => {
    expect(visit({ origin: 'http://localhost:5173' }, ['http://localhost:5173']).name).toBe('anonymous');
  });

  it.each([
    [{ host: 'evil.example' }, 'Host "evil.example" is not a loopback name'],
    [{ host: 'localhost.evil.example:7071' }, 'not a loopback name'],
    [{ host: '127.0.0.1.evil.example' }, 'not a loopback name'],
    [{ host: '10.0.0.5:7071' }, 'not a loopback name'],
    [{ origin: 'https://evil.example' }, 'Origin "https://evil.example" may not call'],
    [{ origin: 'null' }, 'may not call'],
    [{ origin: 'http://127.0.0.1:8080' }, 'may not call'],
    [{ origin: 'http://localhost:7071' }, 'may not call'],
    [{ 'x-forwarded-host': 'localhost', host: 'evil.example' }, 'not a loopback name'],
  ])('%j is refused', (headers, message) => {
    expect(() => visit(headers)).toThrow(
      expect.objectContaining({ code: 'forbidden', message: expect.stringContaining(message) }),
    );
  });

  it('any host and origin may call when the operator allows anonymous callers', () => {
    const headers = { host: 'evil.example', origin: 'https://evil.example' };
    expect(authenticate(aRequest({ headers }), { mode: 'none', loopbackOnly: false }, []).name).toBe('anonymous');
  });
});
