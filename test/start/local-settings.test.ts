import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { localSettingNames, readLocalSettings } from '../../local/local-settings.ts';
import sample from '../../local.settings.sample.json' with { type: 'json' };
import { root } from './npm-process.ts';

const folderWith = (settings?: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'agent-routines-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  if (settings !== undefined) writeFileSync(join(folder, 'local.settings.json'), settings);
  return folder;
};

const values = (settings: Readonly<Record<string, string>>): string => JSON.stringify({ Values: settings });

describe('settings of a local start', () => {
  it('have defaults for a machine that says nothing', () => {
    expect(readLocalSettings(folderWith(), {})).toMatchObject({
      port: 7071,
      host: '127.0.0.1',
      dataDirectory: '.data',
      queueLockSeconds: 600,
      storage: undefined,
      agentEndpoint: undefined,
    });
  });

  it('come from local.settings.json, and the environment wins', () => {
    const folder = folderWith(values({ PORT: '8000', DATA_DIR: 'elsewhere', MAX_ATTEMPTS: '5' }));
    const settings = readLocalSettings(folder, { PORT: '9000' });
    expect(settings).toMatchObject({ port: 9000, dataDirectory: 'elsewhere', environment: { MAX_ATTEMPTS: '5' } });
  });

  it('that are empty in the environment have their defaults, whatever local.settings.json says', () => {
    const file = Object.fromEntries(localSettingNames.map((name) => [name, 'nonsense']));
    const empty = Object.fromEntries(localSettingNames.map((name) => [name, '']));
    expect(readLocalSettings(folderWith(values(file)), empty)).toMatchObject({ port: 7071, storage: undefined });
  });

  it('work as the sample has them, and the sample names only what is read', () => {
    const folder = folderWith();
    cpSync(join(root, 'local.settings.sample.json'), join(folder, 'local.settings.json'));
    expect(readLocalSettings(folder, {})).toMatchObject({ port: 7071, storage: undefined });
    const ofThePlatform = ['FUNCTIONS_WORKER_RUNTIME'];
    expect(Object.keys(sample.Values).filter((name) => !localSettingNames.includes(name))).toEqual(ofThePlatform);
  });

  it('are those of a local machine, even where a container has a name', () => {
    expect(readLocalSettings(folderWith(), { CONTAINER_NAME: 'dev', WEBSITE_INSTANCE_ID: '1' }).environment).toEqual({
      CONTAINER_NAME: '',
      WEBSITE_INSTANCE_ID: '',
    });
  });

  it.for(['{', '{"Values":{"PORT":7071}}'])('are refused when local.settings.json is %s', (text) => {
    expect(() => readLocalSettings(folderWith(text), {})).toThrow(
      'local.settings.json: expected {"Values": {"NAME": "text", …}} as in local.settings.sample.json',
    );
  });
});
