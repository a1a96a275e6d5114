import type { TestProject } from 'vitest/node';
import { startEmulator } from './emulator.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the one storage emulator of this test run: `inject('azurite')`. */
    azurite: string;
  }
}

/** One emulator in memory for the whole test run; each test file has its own prefix in it. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const emulator = await startEmulator();
  project.provide('azurite', emulator.connectionString);
  return emulator.close;
};
