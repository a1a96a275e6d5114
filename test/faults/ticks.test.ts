import '../functions/environment.ts';
import { describe, expect, test } from 'vitest';
import { playRing } from './ring.ts';
import { outageScenarios, tickScenarios } from './scenarios/ticks.ts';
import { isWholeRing, withRing } from './with-ring.ts';

const scenarios = [...tickScenarios, ...(isWholeRing ? outageScenarios : [])];

describe('a tick keeps its promises, whichever of its storage requests is struck', () => {
  const ring = withRing('ticks', 14);
  test.concurrent.for(scenarios)('$title', { timeout: 1_800_000 }, async (scenario) => {
    const { failures } = await playRing(ring(), scenario);
    expect(failures).toEqual([]);
  });
});
