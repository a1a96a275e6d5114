import { findDifferences } from './differences.ts';
import { type Disturbance, drawDisturbances } from './disturbances.ts';
import { createExpectation, type Expectation } from './expectation.ts';
import { createHostTimer, type HostTimer } from './host-timer.ts';
import { createOwners, nameOf, type Owners, zonesOf } from './owners.ts';
import { createRandom, type Random } from './random.ts';
import { createSimulatedService, type SimulatedService, type SimulatedStores } from './service.ts';
import { createSimulatedTime, type SimulatedTime } from './simulated-time.ts';

export interface SimulationOptions {
  readonly stores: SimulatedStores;
  readonly from: Date;
  readonly days: number;
  readonly routines: number;
  /** What happens, and when, follows from it alone. */
  readonly seed: number;
}

export interface SimulationFigures {
  readonly zones: number;
  readonly ticks: number;
  readonly fired: number;
  readonly missedSlots: number;
  readonly missedRecords: number;
  readonly outages: number;
  readonly clockSteps: number;
  readonly changes: number;
  readonly duplicateTicks: number;
  readonly duplicateMessages: number;
}

export interface Simulation {
  readonly figures: SimulationFigures;
  /** In what the service's records are not what the expectation says; nothing when all is well. */
  readonly differences: readonly string[];
}

const daySeconds = 86_400;
const dayMs = daySeconds * 1000;
const soonMs = 300_000;
/** Of a hundred ticks, so many run twice at once. */
const doubledTicksOfHundred = 2;
/** After so many of a hundred ticks a message is on the queue twice; the second one may come much later. */
const doubledMessagesOfHundred = 20;

/**
 * Lets the service live through days of its own time in moments of ours: a tick each minute, deliveries as messages
 * become visible, disturbances as they were drawn. Then compares what it recorded with what the expectation says.
 */
export const simulate = async ({ stores, from, days, routines, seed }: SimulationOptions): Promise<Simulation> => {
  const random = createRandom(seed);
  const time = createSimulatedTime(from.getTime());
  const service = createSimulatedService(stores, time, createRandom(seed + 1));
  const expectation = createExpectation();
  const end = from.getTime() + days * dayMs;
  const owners = createOwners({ service, expectation, time, random, until: end + dayMs });
  const disturbances = drawDisturbances(random, { from: from.getTime(), days, routines });
  const names = Array.from({ length: routines }, (_, index) => nameOf(index));
  for (const index of names.keys()) await owners.create(index);
  const world = { service, expectation, time, random, owners, timer: createHostTimer(time), counts: createCounts() };
  await live(world, disturbances, end);
  await comeToRest(world);
  const figures = { zones: zonesOf(routines), ...world.counts, ...totalsOf(expectation) };
  return { figures, differences: await findDifferences(service, expectation, names) };
};

const createCounts = () => ({
  ticks: 0,
  outages: 0,
  clockSteps: 0,
  changes: 0,
  duplicateTicks: 0,
  duplicateMessages: 0,
});

interface World {
  readonly service: SimulatedService;
  readonly expectation: Expectation;
  readonly time: SimulatedTime;
  readonly random: Random;
  readonly owners: Owners;
  readonly timer: HostTimer;
  readonly counts: ReturnType<typeof createCounts>;
}

/** From event to event. Of those of one instant a disturbance comes first, then the tick, then deliveries. */
const live = async (world: World, disturbances: readonly Disturbance[], end: number): Promise<void> => {
  const { service, time, timer } = world;
  const coming = disturbances.values();
  let next = coming.next();
  while (time.moment.shown < end) {
    const isDown = timer.isDown();
    const calledAt = isDown ? timer.upAt() : Math.min(timer.tickAt(), service.nextMessageAt());
    time.advanceTo(next.done ? calledAt : Math.min(calledAt, next.value.at));
    if (!next.done && next.value.at <= time.moment.real) {
      await disturb(world, next.value);
      next = coming.next();
    } else if (timer.tickAt() <= time.moment.real) await tick(world);
    else if (!isDown) await deliver(world);
  }
};

const disturb = async ({ counts, timer, time, owners }: World, disturbance: Disturbance): Promise<void> => {
  switch (disturbance.kind) {
    case 'outage':
      counts.outages += 1;
      return timer.breakDown(disturbance.seconds);
    case 'clock_step':
      counts.clockSteps += 1;
      time.stepClock(disturbance.seconds);
      return timer.scheduleTick();
    case 'change':
      // Also in an outage of tick and queues: HTTP is then served by another instance.
      counts.changes += 1;
      return owners.change(disturbance.change, disturbance.routine);
    default:
      return disturbance satisfies never;
  }
};

const tick = async ({ service, expectation, time, timer, random, counts }: World): Promise<void> => {
  const isDoubled = random.whole(1, 100) <= doubledTicksOfHundred;
  await Promise.all(isDoubled ? [service.tick(), service.tick()] : [service.tick()]);
  expectation.tick(time.moment);
  timer.scheduleTick();
  counts.ticks += 1;
  if (isDoubled) counts.duplicateTicks += 1;
  if (random.whole(1, 100) <= doubledMessagesOfHundred) await doubleMessage({ service, time, random, counts });
};

const doubleMessage = async ({
  service,
  time,
  random,
  counts,
}: Pick<World, 'service' | 'time' | 'random' | 'counts'>) => {
  const soon = time.moment.real + soonMs;
  const coming = service.deliveries.messages.filter(({ visibleAt }) => visibleAt.getTime() <= soon);
  if (coming.length === 0) return;
  counts.duplicateMessages += 1;
  await service.deliveries.send(random.pick(coming).message, random.spread(1, daySeconds));
};

const deliver = async ({ service, expectation, time }: World): Promise<void> => {
  await service.deliverVisible();
  expectation.deliver(time.moment);
};

/** No more ticks, but every message there is comes to its end. */
const comeToRest = async (world: World): Promise<void> => {
  const { service, time, timer } = world;
  time.advanceTo(timer.upAt());
  const deadline = time.moment.real + 2 * dayMs;
  for (let at = service.nextMessageAt(); at < deadline; at = service.nextMessageAt()) {
    time.advanceTo(at);
    await deliver(world);
  }
  // A message that the service lost is expected all the same.
  time.advanceTo(deadline);
  world.expectation.deliver(time.moment);
};

const totalsOf = ({ routines }: Expectation) => {
  const all = [...routines.values()];
  const missed = all.flatMap((routine) => [...routine.missed.values()]);
  return {
    fired: all.reduce((sum, { fired }) => sum + fired.size, 0),
    missedSlots: missed.reduce((sum, { count }) => sum + count, 0),
    missedRecords: missed.length,
  };
};
