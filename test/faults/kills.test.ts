import '../functions/environment.ts';
import { describe, expect, test } from 'vitest';
import { playKills } from './kill.ts';
import type { Scenario } from './scenario.ts';
import { cancelScenarios, dispatchScenarios } from './scenarios/by-hand.ts';
import { changeScenarios } from './scenarios/changes.ts';
import { crowdScenarios, deliveryScenarios, exclusiveScenarios } from './scenarios/deliveries.ts';
import { tickScenarios } from './scenarios/ticks.ts';
import { isWholeRing, withRing } from './with-ring.ts';

const playable = (scenario: Scenario) => (scenario.host === undefined ? [] : [{ ...scenario, host: scenario.host }]);

const scenarios = [
  ...tickScenarios,
  ...deliveryScenarios,
  ...dispatchScenarios,
  ...(isWholeRing ? [...exclusiveScenarios, ...crowdScenarios, ...changeScenarios, ...cancelScenarios] : []),
].flatMap(playable);

/** A worker dies as a host does, but its message comes back sooner and its host goes on: a part of the ring shows it. */
const withWorker = isWholeRing ? scenarios : deliveryScenarios.slice(0, 2).flatMap(playable);

describe('a host that is killed leaves nothing behind that the next one does not mend', () => {
  const ring = withRing('kills', 5);
  test.concurrent.for(scenarios)('$title', { timeout: 1_800_000 }, async (scenario) => {
    const { failures } = await playKills(ring(), scenario, scenario.host, 'host');
    expect(failures).toEqual([]);
  });
});

describe('a worker that is killed leaves nothing behind that the next one of its host does not mend', () => {
  const ring = withRing('kills of workers', 5);
  test.concurrent.for(withWorker)('$title', { timeout: 1_800_000 }, async (scenario) => {
    const { failures } = await playKills(ring(), scenario, scenario.host, 'worker');
    expect(failures).toEqual([]);
  });
});
