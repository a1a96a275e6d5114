import '../functions/environment.ts';
import { describe, expect, test } from 'vitest';
import { playRing } from './ring.ts';
import { cancelScenarios, dispatchScenarios } from './scenarios/by-hand.ts';
import { withRing } from './with-ring.ts';

const scenarios = [...dispatchScenarios, ...cancelScenarios];

describe('what is asked for by hand keeps its promises, whichever of its storage requests is struck', () => {
  const ring = withRing('by-hand', 24);
  test.concurrent.for(scenarios)('$title', { timeout: 1_800_000 }, async (scenario) => {
    const { failures } = await playRing(ring(), scenario);
    expect(failures).toEqual([]);
  });
});
