import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import durations from '../durations.json' with { type: 'json' };

const secondsOf: Readonly<Record<string, number>> = durations;

/**
 * Begins the test files that took longest before the others: begun last, they would be waited for with nothing beside
 * them. A file that `test/durations.json` does not know counts as short.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const seconds = ({ moduleId }: TestSpecification): number =>
      secondsOf[relative(this.ctx.config.root, moduleId)] ?? 0;
    return sorted.toSorted((a, b) => seconds(b) - seconds(a));
  }
}
