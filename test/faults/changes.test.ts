import '../functions/environment.ts';
import { describe, expect, test } from 'vitest';
import { playRing } from './ring.ts';
import { changeScenarios } from './scenarios/changes.ts';
import { withRing } from './with-ring.ts';

describe('a change of a routine keeps its promises, whichever of its storage requests is struck', () => {
  const ring = withRing('changes', 24);
  test.concurrent.for(changeScenarios)('$title', { timeout: 1_800_000 }, async (scenario) => {
    const { failures } = await playRing(ring(), scenario);
    expect(failures).toEqual([]);
  });
});
