import '../functions/environment.ts';
import { describe, expect, test } from 'vitest';
import { playRing } from './ring.ts';
import { crowdScenarios, deliveryScenarios, exclusiveScenarios, repairScenarios } from './scenarios/deliveries.ts';
import { isWholeRing, withRing } from './with-ring.ts';

const scenarios = [
  ...deliveryScenarios,
  ...exclusiveScenarios,
  ...(isWholeRing ? [...crowdScenarios, ...repairScenarios] : []),
];

describe('a delivery keeps its promises, whichever of its storage requests is struck', () => {
  const ring = withRing('deliveries', 24);
  test.concurrent.for(scenarios)('$title', { timeout: 1_800_000 }, async (scenario) => {
    const { failures } = await playRing(ring(), scenario);
    expect(failures).toEqual([]);
  });
});
