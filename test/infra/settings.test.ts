import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { localSettingNames } from '../../local/local-settings.ts';
import { parseConfig, settingNames } from '../../shared/config.ts';
import { blockAfter, readText } from './bicep-text.ts';

const settingsFile = z.strictObject({ IsEncrypted: z.literal(false), Values: z.record(z.string(), z.string()) });

/** For Azure's Core Tools, which take the language from here; the app does not read it. */
const coreToolsSetting = 'FUNCTIONS_WORKER_RUNTIME';

/** For @azure/identity; the app does not read it. */
const identitySetting = 'AZURE_TOKEN_CREDENTIALS';

const deployedSettingNames = (): readonly string[] => {
  const resource = blockAfter(readText('infra/modules/function-app.bicep'), "resource appSettings 'config' = {");
  return [...resource.matchAll(/^ {8}(\w+):/gm)].map(([, name = '']) => name);
};

describe('the settings that Bicep gives the app', () => {
  test('are all known to the app', () => {
    expect(deployedSettingNames()).not.toHaveLength(0);
    const unknown = deployedSettingNames().filter((name) => name !== identitySetting && !settingNames.includes(name));
    expect(unknown).toEqual([]);
  });

  test('are enough for a deployed app to start, with the values that Bicep gives them', () => {
    const values: Readonly<Record<string, string>> = {
      AzureWebJobsStorage__accountName: 'stexample',
      AzureWebJobsStorage__credential: 'managedidentity',
      AzureWebJobsStorage__clientId: '00000000-0000-0000-0000-000000000001',
      STORAGE_PREFIX: 'routines',
      AGENT_PROJECT_ENDPOINT: 'https://example.services.ai.azure.com/api/projects/demo',
      AZURE_TOKEN_CREDENTIALS: 'prod',
      AUTH_MODE: 'key',
      API_KEYS: '[{"name":"ops","key":"0123456789abcdef","role":"contributor","project":"*"}]',
    };
    expect([...deployedSettingNames()].sort()).toEqual(Object.keys(values).sort());
    const config = parseConfig({ ...values, WEBSITE_INSTANCE_ID: 'an instance' });
    expect(config.storage.kind).toBe('identity');
    expect(config.auth.mode).toBe('key');
  });
});

describe('local.settings.sample.json', () => {
  const { Values: sample } = settingsFile.parse(JSON.parse(readText('local.settings.sample.json')));

  test('names only settings that the app knows', () => {
    const unknown = Object.keys(sample).filter((name) => name !== coreToolsSetting && !settingNames.includes(name));
    expect(unknown).toEqual([]);
  });

  test('changes nothing when it is copied as it is', () => {
    const needed = { AzureWebJobsStorage: 'UseDevelopmentStorage=true', AGENT_PROJECT_ENDPOINT: 'http://127.0.0.1:1' };
    expect(parseConfig({ ...sample, ...needed })).toEqual(parseConfig(needed));
  });
});

/** What Azure sets, and nobody else. */
const platformSettings = ['WEBSITE_INSTANCE_ID', 'CONTAINER_NAME'];

describe('the tables of settings in the README', () => {
  const section = /^## Configuration$(.*?)^\| role \|/ms.exec(readText('README.md'))?.[1] ?? '';
  const quoted = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
  const rows = [...section.matchAll(/^\| (`[^|]+) \| ([^|]*) \|/gm)].map(([, names = '', defaults = '']) => ({
    names: quoted(names).map((name) => name.replace(/^__/, 'AzureWebJobsStorage__')),
    defaults,
  }));

  test('name every setting and nothing else', () => {
    const named = rows.flatMap(({ names }) => names);
    expect([...named, ...platformSettings].sort()).toEqual([...localSettingNames].sort());
  });

  test('say the defaults that count', () => {
    const stated = rows.flatMap(({ names, defaults }) => {
      const values = defaults.replaceAll('`', '').split(', ');
      return names.map((name, index) => [name, values[index] ?? ''] as const);
    });
    // What depends on where the app runs, or is not set, is told in words.
    const texts = Object.fromEntries(stated.filter(([, value]) => !/^$|^–$|^(local|deployed)\b/.test(value)));
    expect(Object.keys(texts)).toContain('BACKOFF_MAX_SECONDS');
    const needed = { AzureWebJobsStorage: 'UseDevelopmentStorage=true', AGENT_PROJECT_ENDPOINT: 'http://127.0.0.1:1' };
    expect(parseConfig({ ...texts, ...needed })).toEqual(parseConfig(needed));
  });
});
