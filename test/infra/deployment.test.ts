import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { moduleCallsOf, parametersOf, readText } from './bicep-text.ts';

const main = readText('infra/main.bicep');
const parametersFile = z.object({ parameters: z.record(z.string(), z.object({ value: z.unknown() })) });

describe('main.bicep', () => {
  test.each(moduleCallsOf(main).map((call) => [call.path, call] as const))(
    'gives %s every parameter that it asks for and no other',
    (path, call) => {
      const declared = parametersOf(readText(`infra/${path}`));
      expect(declared).not.toHaveLength(0);
      expect([...call.arguments].sort()).toEqual(declared.map(({ name }) => name).sort());
    },
  );

  test('gets every parameter without a default, and no unknown one, from main.parameters.json', () => {
    const given = Object.keys(parametersFile.parse(JSON.parse(readText('infra/main.parameters.json'))).parameters);
    const declared = parametersOf(main);
    expect(given.filter((name) => !declared.some((parameter) => parameter.name === name))).toEqual([]);
    const required = declared.filter(({ isRequired }) => isRequired).map(({ name }) => name);
    expect(required.filter((name) => !given.includes(name))).toEqual([]);
  });

  test('tags the function app with the name of the service in azure.yaml', () => {
    const tagged = /'azd-service-name': '(\w+)'/.exec(main)?.[1];
    const service = /^services:\n {2}(\w+):/m.exec(readText('azure.yaml'))?.[1];
    expect(service).toBeDefined();
    expect(tagged).toBe(service);
  });
});

describe('the deployed package', () => {
  test('is built before it is uploaded, so .funcignore leaves its packages in', () => {
    expect(readText('azure.yaml')).toMatch(/^ {4}remoteBuild: false$/m);
    const patterns = readText('.funcignore')
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    expect(patterns.filter((pattern) => pattern.includes('node_modules'))).toEqual([]);
  });
});
