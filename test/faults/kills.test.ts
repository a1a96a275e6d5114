import '../functions/environment.ts';
import { describe, expect, test } from 'vitest';
import { playKills } from './kill.ts';
import { cancelScenarios, dispatchScenarios } from './scenarios/by-hand.ts';
import { changeScenarios } from './scenarios/changes.ts';
import { crowdScenarios, deliveryScenarios, exclusiveScenarios } from './scenarios/deliveries.ts';
import { tickScenarios } from './scenarios/ticks.ts';
import { isWholeRing, withRing } from './with-ring.ts';

const scenarios = [
  ...tickScenarios,
  ...deliveryScenarios,
  ...dispatchScenarios,
  ...(isWholeRing ? [...exclusiveScenarios, ...crowdScenarios, ...changeScenarios, ...cancelScenarios] : []),
].flatMap((scenario) => (scenario.host === undefined ? [] : [{ ...scenario, host: scenario.host }]));

describe('a host that is killed leaves nothing behind that the next one does not mend', () => {
  const ring = withRing('kills', 5);
  test.concurrent.for(scenarios)('$title', { timeout: 1_800_000 }, async (scenario) => {
    const { failures } = await playKills(ring(), scenario, scenario.host);
    expect(failures).toEqual([]);
  });
});
