import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { localSettingNames, readLocalSettings } from '../../local/local-settings.ts';
import { parseConfig, settingNames } from '../../shared/config.ts';
import { storageNames } from '../../shared/storage/storage-names.ts';
import { blockAfter, readText, stringsOf } from './bicep-text.ts';

// Every setting that code reads stands in Bicep, in local.settings.sample.json and in the README, and nothing else does.
// Where one is missing on purpose it is named here, with the reason. The same for tables and queues.

const repository = fileURLToPath(new URL('../..', import.meta.url));

type Reasons = Readonly<Record<string, string>>;

const notInBicep: Reasons = {
  AzureWebJobsStorage: 'a connection string holds a key, and the account takes none',
  WEBSITE_INSTANCE_ID: 'the platform sets it',
  CONTAINER_NAME: 'the platform sets it',
  HOST: 'the platform listens',
  DELAY_SCALE: 'for tests',
};

const notInSample: Reasons = {
  AzureWebJobsStorage__accountName: 'a local start takes no identity',
  AzureWebJobsStorage__credential: 'a local start takes no identity',
  AzureWebJobsStorage__clientId: 'a local start takes no identity',
  WEBSITE_INSTANCE_ID: 'Azure sets it',
  CONTAINER_NAME: 'Azure sets it',
  DELAY_SCALE: 'for tests',
};

const notInReadme: Reasons = {
  WEBSITE_INSTANCE_ID: 'Azure sets it, and nobody else',
  CONTAINER_NAME: 'Azure sets it, and nobody else',
};

const readByOthers: Reasons = {
  AZURE_TOKEN_CREDENTIALS: 'Bicep sets it for @azure/identity',
  FUNCTIONS_WORKER_RUNTIME: "the sample sets it for Azure's Core Tools, which take the language from it",
};

/** Names that look like settings in code and are none of the product's. */
const noSettings: Reasons = {
  APP_ROOT: 'of the local host as a process of its own, which tests start',
  TIMER_STATUS_FILE: 'of the local host as a process of its own, which tests start',
  ROUTINES_KEY: 'in a text for the reader, who keeps a key in it',
};

const without = (names: readonly string[], reasons: Reasons): readonly string[] =>
  names.filter((name) => !Object.hasOwn(reasons, name)).toSorted();

/** What `settings` of main.bicep may hold, and what function-app.bicep sets by itself. */
const bicepNames = (): { readonly given: readonly string[]; readonly fixed: readonly string[] } => {
  const names = (block: string, indentation: number): readonly string[] =>
    [...block.matchAll(new RegExp(`^ {${indentation}}(\\w+):`, 'gm'))].map(([, name = '']) => name);
  return {
    given: names(blockAfter(readText('infra/main.bicep'), 'type appSettings = {'), 2),
    fixed: names(blockAfter(readText('infra/modules/function-app.bicep'), "resource appSettings 'config' = {"), 8),
  };
};

const settingsFile = z.strictObject({ IsEncrypted: z.literal(false), Values: z.record(z.string(), z.string()) });
const { Values: sample } = settingsFile.parse(JSON.parse(readText('local.settings.sample.json')));

const configuration = /^## Configuration$(.*?)^\| role \|/ms.exec(readText('README.md'))?.[1] ?? '';
const quoted = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
const readmeRows = [...configuration.matchAll(/^\| (`[^|]+) \| ([^|]*) \|/gm)].map(([, names = '', second = '']) => ({
  names: quoted(names),
  second,
}));
const isStorageName = (name: string): boolean => name.startsWith('routines');
const readmeSettings = readmeRows
  .filter(({ names }) => !names.some(isStorageName))
  .map(({ names, second }) => ({
    names: names.map((name) => name.replace(/^__/, 'AzureWebJobsStorage__')),
    defaults: second,
  }));

const needed = { AzureWebJobsStorage: 'UseDevelopmentStorage=true', AGENT_PROJECT_ENDPOINT: 'http://127.0.0.1:1' };

describe('every setting that code reads, and no other, stands', () => {
  test('in Bicep', () => {
    const { given, fixed } = bicepNames();
    expect(without([...given, ...fixed], readByOthers)).toEqual(without(settingNames, notInBicep));
  });

  test('in local.settings.sample.json', () => {
    expect(without(Object.keys(sample), readByOthers)).toEqual(without(localSettingNames, notInSample));
  });

  test('in the tables of the README', () => {
    const named = readmeSettings.flatMap(({ names }) => names);
    expect(named.toSorted()).toEqual(without(localSettingNames, notInReadme));
  });

  test('in config.ts or local-settings.ts, which these tests compare with', () => {
    const written = globSync('{functions,shared,local}/**/*.ts', { cwd: repository }).flatMap((file) =>
      [
        ...readFileSync(join(repository, file), 'utf8').matchAll(
          /^\s*([A-Z][A-Z\d]*(?:_[A-Z\d]+)+)\??:|\b(?:process\.env|environment)\.([A-Z]\w*)/gm,
        ),
      ].map(([, key, property]) => key ?? property ?? ''),
    );
    expect(written).toContain('MAX_ATTEMPTS');
    expect(without([...new Set(written)], noSettings).filter((name) => !localSettingNames.includes(name))).toEqual([]);
  });

  test('and an exception is of a name that is there', () => {
    const known = [...localSettingNames, ...bicepNames().fixed, ...Object.keys(sample)];
    const named = [notInBicep, notInSample, notInReadme, readByOthers].flatMap((reasons) => Object.keys(reasons));
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('every table and queue, and no other, stands', () => {
  const { tables, queues } = storageNames('routines');

  test('in Bicep', () => {
    const storage = readText('infra/modules/storage.bicep');
    expect(stringsOf(storage, 'tableNames', 'routines').toSorted()).toEqual(Object.values(tables).toSorted());
    expect(stringsOf(storage, 'queueNames', 'routines').toSorted()).toEqual(Object.values(queues).toSorted());
  });

  test('in the README', () => {
    const named = readmeRows.flatMap(({ names }) => names.filter(isStorageName));
    expect(named.toSorted()).toEqual([...Object.values(tables), ...Object.values(queues)].toSorted());
  });

  test('in a function or a store that uses it', () => {
    const code = globSync('{functions,shared}/**/*.ts', { cwd: repository })
      .filter((file) => file !== join('shared', 'storage', 'storage-names.ts'))
      .map((file) => readFileSync(join(repository, file), 'utf8'))
      .join('\n');
    const unused = (kind: string, names: object): readonly string[] =>
      Object.keys(names).filter((name) => !new RegExp(`\\b${kind}\\.${name}\\b`).test(code));
    expect(unused('tables', tables)).toEqual([]);
    expect(unused('queueNames', queues)).toEqual([]);
  });
});

describe('the values', () => {
  test('that Bicep gives are enough for a deployed app to start', () => {
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
    expect(bicepNames().fixed.toSorted()).toEqual(Object.keys(values).toSorted());
    const config = parseConfig({ ...values, WEBSITE_INSTANCE_ID: 'an instance' });
    expect(config.storage.kind).toBe('identity');
    expect(config.auth.mode).toBe('key');
  });

  test('of local.settings.sample.json change nothing when it is copied as it is', () => {
    expect(parseConfig({ ...sample, ...needed })).toEqual(parseConfig(needed));
    const folder = mkdtempSync(join(tmpdir(), 'sample-settings-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { environment: _none, ...bare } = readLocalSettings(folder, {});
    cpSync(join(repository, 'local.settings.sample.json'), join(folder, 'local.settings.json'));
    expect(readLocalSettings(folder, {})).toMatchObject(bare);
  });

  test('that the README calls defaults are the defaults', () => {
    const stated = readmeSettings.flatMap(({ names, defaults }) => {
      const values = defaults.replaceAll('`', '').split(', ');
      return names.map((name, index) => [name, values[index] ?? ''] as const);
    });
    // What depends on where the app runs, or is not set, is told in words.
    const texts = Object.fromEntries(stated.filter(([, value]) => !/^$|^–$|^(local|deployed)\b/.test(value)));
    expect(Object.keys(texts)).toContain('BACKOFF_MAX_SECONDS');
    expect(parseConfig({ ...texts, ...needed })).toEqual(parseConfig(needed));
  });
});
