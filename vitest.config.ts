import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that take long, the longest first: begun last, they would be waited for with nothing beside them. */
const takingLong = [
  'test/faults/ticks.test.ts',
  'test/e2e/storage-outage.test.ts',
  'test/faults/kills.test.ts',
  'test/faults/deliveries.test.ts',
  'test/soak/short-soak.test.ts',
  'test/e2e/throttling.test.ts',
  'test/faults/changes.test.ts',
  'test/delivery/isolation.test.ts',
  'test/e2e/many-runs.test.ts',
  'test/app/interleavings.test.ts',
  'test/delivery/policies.test.ts',
  'test/unit/time/next-fire-oracle.test.ts',
  'test/host/queue.test.ts',
  'test/contract/sdk.test.ts',
  'test/e2e/poison.test.ts',
  'test/e2e/crash.test.ts',
  'test/faults/by-hand.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = takingLong.findIndex((name) => moduleId.endsWith(name));
      return place < 0 ? takingLong.length : place;
    };
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Functions register when they are imported and the host owns the process: no threads.
    pool: 'forks',
    // One more than the cores of a small machine: the long tests wait most of the time.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: ['test/azurite-setup.ts'],
  },
});
