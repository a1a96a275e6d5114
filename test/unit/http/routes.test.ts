import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Role, roles } from '../../../shared/config.ts';
import { splitAction } from '../../../shared/http/named-action.ts';
import { fallbackRoute, methodsOf, routes } from '../../../shared/http/routes.ts';

describe('the table of routes', () => {
  it.each([
    ['health', ['GET']],
    ['HEALTH', ['GET']],
    ['projects/demo/routines', ['GET']],
    ['Projects/demo/Routines/', ['GET']],
    ['projects/demo/routines:preview', ['POST']],
    ['projects/demo/Routines:Preview/', ['POST']],
    ['projects/demo/routines:other', []],
    ['projects/demo/routines/daily', ['DELETE', 'GET', 'PUT']],
    ['projects/demo/routines/daily:enable', ['POST']],
    ['projects/demo/routines/daily/runs', ['GET']],
    ['projects/demo/routines/daily/runs/7', ['GET']],
    ['projects/demo/routines/daily/runs/7:cancel', ['POST']],
    ['projects/demo/routines/daily/runs/7/attempts', []],
    ['projects/demo/status', ['GET']],
    ['poisoned', ['GET']],
    ['poisoned:replay', ['POST']],
    ['poisoned:other', []],
    ['tick', ['POST']],
    ['projects//routines', []],
    ['projects/demo', []],
    ['', []],
  ])('answers "%s" by %j', (path, methods) => {
    expect(methodsOf(path)).toEqual(methods);
  });

  it('asks for the roles of the contract', () => {
    expect(Object.fromEntries(routes.map(({ name, role }) => [name, role]))).toEqual({
      'agents-list': 'reader',
      health: 'anonymous',
      'poisoned-discard': 'operator',
      'poisoned-list': 'operator',
      'poisoned-replay': 'operator',
      'project-status': 'reader',
      'routine-action': 'operator',
      'routine-delete': 'contributor',
      'routine-get': 'reader',
      'routine-put': 'contributor',
      'routines-list': 'reader',
      'routines-preview': 'reader',
      'run-action': 'operator',
      'run-get': 'reader',
      'runs-list': 'reader',
      'tick-now': 'operator',
    });
  });

  it('asks for the roles of the contract for each action', () => {
    const actions = routes.flatMap((route) => ('actions' in route ? [[route.name, route.actions]] : []));
    expect(Object.fromEntries(actions)).toEqual({
      'routine-action': { enable: 'operator', disable: 'operator', dispatch_async: 'operator', archive: 'contributor' },
      'run-action': { cancel: 'operator', retry: 'operator' },
    });
  });

  it('lets in to a route with actions whoever may ask for the least of them', () => {
    for (const route of routes) {
      if (!('actions' in route)) continue;
      const least = Math.min(...Object.values<Role>(route.actions).map((role) => roles.indexOf(role)));
      expect(route.role).toBe(roles[least]);
    }
  });

  it.each(routes)('$name is registered by the function file of that name', ({ name }) => {
    const source = readFileSync(new URL(`../../../functions/${name}.ts`, import.meta.url), 'utf8');
    expect(source).toMatch(new RegExp(`^register\\w+\\('${name}', `, 'm'));
  });

  it('names functions so that the platform tries the fallback last', () => {
    const names = [...routes.map((route) => route.name), fallbackRoute.name];
    expect(names).toEqual([...names].sort());
    expect(new Set(names).size).toBe(names.length);
  });

  it('has no two templates that one request fits', () => {
    const shapes = routes.map(({ method, template }) => `${method} ${template.replace(/\{.*?\}/g, '{}')}`);
    expect(new Set(shapes).size).toBe(shapes.length);
  });
});

describe('a name with an action', () => {
  it.each([
    ['daily:enable', { name: 'daily', action: 'enable' }],
    ['a:b:enable', { name: 'a:b', action: 'enable' }],
    ['daily:', { name: 'daily', action: '' }],
    ['daily', null],
    ['daily%3Aenable', null],
  ])('%s splits at the last colon, as it is given', (segment, expected) => {
    expect(splitAction(segment)).toEqual(expected);
  });
});
