import { describe, expect, test } from 'vitest';
import type { OutcomeRecord, OutcomeStore } from '../../shared/app/ports/outcome-store.ts';
import type { EndedScan, ScanStore } from '../../shared/app/ports/scan-store.ts';
import { createOutcomeStore } from '../../shared/storage/tables/outcome-store.ts';
import { createScanStore } from '../../shared/storage/tables/scan-store.ts';
import { at, projectName } from '../builders.ts';
import { createMemoryOutcomeStore } from '../memory/outcome-store.ts';
import { createMemoryScanStore } from '../memory/scan-store.ts';
import { createTestStorage } from './test-storage.ts';

const storage = await createTestStorage();

const outcomeStoreSuite = (create: () => OutcomeStore): void => {
  let projects = 0;
  const start = () => {
    projects += 1;
    const project = projectName(`project-${projects}`);
    const record = (iso: string, over: Partial<OutcomeRecord> = {}): OutcomeRecord => ({
      ...{ project, minute: at(iso), instance: 3, counts: { completed: 4, failed: 2, killed: 1 } },
      ...over,
    });
    return { store: create(), project, record };
  };

  test('nothing was counted yet', async () => {
    const { store, project } = start();
    expect(await store.read(project, at('2026-01-01T00:00:00Z'))).toEqual({ completed: 0, failed: 0, killed: 0 });
  });

  test('minutes and instances add up, of one project, from an instant on', async () => {
    const { store, project, record } = start();
    await store.write(record('2026-01-01T00:59:00Z'));
    await store.write(record('2026-01-01T01:00:00Z'));
    await store.write(record('2026-01-01T01:01:00Z'));
    await store.write(record('2026-01-01T01:01:00Z', { instance: 4, counts: { completed: 1, failed: 0, killed: 0 } }));
    await store.write(record('2026-01-01T01:01:00Z', { project: projectName(`${project}-other`) }));
    expect(await store.read(project, at('2026-01-01T01:00:00Z'))).toEqual({ completed: 9, failed: 4, killed: 2 });
  });

  test('an instance writes over what it wrote for the minute an hour before', async () => {
    const { store, project, record } = start();
    await store.write(record('2026-01-01T00:01:00Z'));
    await store.write(record('2026-01-01T01:01:00Z'));
    expect(await store.read(project, at('2026-01-01T00:00:00Z'))).toEqual({ completed: 4, failed: 2, killed: 1 });
  });
};

const scanStoreSuite = (create: () => ScanStore): void => {
  test('the last scan is there, and none before the first', async () => {
    const store = create();
    expect(await store.read()).toBeNull();
    const scan: EndedScan = {
      startedAt: at('2026-01-01T03:30:00Z'),
      endedAt: at('2026-01-01T04:31:00Z'),
      ...{ routines: 7, lostRuns: 1, repairedSchedules: 2, unreadableRoutines: 3 },
    };
    await store.write({ ...scan, routines: 1 });
    await store.write(scan);
    expect(await store.read()).toEqual(scan);
  });
};

describe('outcomes in memory', () => outcomeStoreSuite(createMemoryOutcomeStore));
describe('outcomes on Table Storage', () => outcomeStoreSuite(() => createOutcomeStore(storage)));
describe('scans in memory', () => scanStoreSuite(createMemoryScanStore));
describe('scans on Table Storage', () => scanStoreSuite(() => createScanStore(storage)));
