import { describe, expect, it } from 'vitest';
import { matchRoute, parseRouteTemplate } from '../../local/host/route-template.ts';

describe('a route', () => {
  it.each([
    ['a/b', '/a/b', {}],
    ['a/b', '/A/B/', {}],
    ['a/b', '/a', undefined],
    ['a/b', '/a/b/c', undefined],
    ['a/b', '/a//b', undefined],
    ['/a', '/a', {}],
    ['', '/', {}],
    ['a.b', '/axb', undefined],
    ['{x}', '/1', { x: '1' }],
    ['{x}', '/', undefined],
    ['a/{x?}', '/a', {}],
    ['a/{x?}', '/a/1', { x: '1' }],
    ['a/{x?}', '/a/1/2', undefined],
    ['{x}:go', '/1:go', { x: '1' }],
    ['{x}:go', '/1:GO', { x: '1' }],
    ['{x}:go', '/:go', undefined],
    ['{x}:{y}', '/a:b:c', { x: 'a:b', y: 'c' }],
    ['v{x}.{y}.json', '/v1.2.json', { x: '1', y: '2' }],
    ['{*path}', '/', {}],
    ['a/{*path}', '/a', {}],
    ['a/{*path}', '/a/b/c', { path: 'b/c' }],
    ['a/{*path}', '/a/b/', { path: 'b/' }],
    ['a/{*path}', '/a/b//c', undefined],
    ['a/{*path}', '/b', undefined],
  ])('%s against %s gives %o', (template, path, parameters) => {
    expect(matchRoute(parseRouteTemplate(template), path)).toEqual(parameters);
  });

  it.each([
    ['a//b', 'empty segment'],
    ['{x:int}', '{x:int} is not supported'],
    ['{x=1}', '{x=1} is not supported'],
    ['{x?}/b', '{x?} is not supported'],
    ['{*x}/b', '{*x} is not supported'],
    ['{x}/{x}', 'parameter x occurs twice'],
  ])('%s is refused: %s', (template, message) => {
    expect(() => parseRouteTemplate(template)).toThrow(message);
  });
});
