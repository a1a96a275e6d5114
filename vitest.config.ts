import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { LongestFirst } from './test/rings/longest-first.ts';
import { DurationsRecorder } from './test/rings/record-durations.ts';
import { type RingName, rings } from './test/rings/rings.ts';

const projectOf = (
  ring: RingName,
  files: { readonly globalSetup?: string; readonly setupFiles?: string },
): TestProjectInlineConfiguration => ({
  extends: true,
  test: {
    name: ring,
    include: [...rings[ring].include],
    exclude: [...rings[ring].exclude],
    provide: { ring },
    ...files,
  },
});

export default defineConfig({
  test: {
    // Functions register when they are imported and the host owns the process: no threads.
    pool: 'forks',
    // One more than the cores of a small machine: the long tests wait most of the time.
    maxWorkers: 3,
    reporters: ['default', ...(process.env.TEST_DURATIONS === 'record' ? [new DurationsRecorder()] : [])],
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      projectOf('fast', { setupFiles: 'test/rings/nothing-outside.ts' }),
      projectOf('storage', { globalSetup: 'test/azurite-setup.ts' }),
      projectOf('deep', { globalSetup: 'test/azurite-setup.ts' }),
    ],
  },
});
