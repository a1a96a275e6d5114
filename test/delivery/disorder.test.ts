import { beforeAll, describe, expect, it } from 'vitest';
import { runIdOf } from '../../shared/app/delivery/start-run.ts';
import type { DeliveryMessage, FireMessage } from '../../shared/app/ports/messages.ts';
import type { RoutineName } from '../../shared/domain/names.ts';
import { demo } from '../app/world.ts';
import { at, routineName, triggerName } from '../builders.ts';
import { createTestStorage, type TestStorage } from '../storage/test-storage.ts';
import { type Arrival, arrivals } from './arrivals.ts';
import { type Change, changes, draftOf, type Kind, kinds } from './changes.ts';
import { answered, createVirtualService, unavailable, type VirtualService } from './virtual-service.ts';

let storage: TestStorage;
let routines = 0;

beforeAll(async () => {
  storage = await createTestStorage();
});

const slot = '2026-03-01T12:05:00Z';

/** A routine of its own for one case, whose slot at 12:05 was sent at 12:03:30. */
const aSentSlot = async (kind: Kind, agent = () => answered) => {
  routines += 1;
  const name = routineName(`disorder-${routines}`);
  const service = createVirtualService(storage.config, '2026-03-01T12:03:30Z', agent);
  await service.put(name, draftOf(kinds[kind]));
  const message: FireMessage = {
    kind: 'fire',
    project: demo,
    routine: name,
    trigger: triggerName('main'),
    nominal: at(slot).getTime(),
  };
  expect(service.deps.deliveries.messages.map((sent) => sent.message)).toContainEqual(message);
  return { service, name, message };
};

interface Case {
  readonly service: VirtualService;
  readonly name: RoutineName;
  readonly message: DeliveryMessage;
}

/** The copies arrive beside the message that was sent in the first place, and all come to rest. */
const deliverAll = async ({ service, message }: Case, arrival: Arrival): Promise<void> => {
  await arrival.arrive(service, message);
  await service.live(180);
  const left = service.deps.deliveries.messages.filter((sent) => runIdOf(sent.message) === runIdOf(message));
  expect(left).toEqual([]);
};

const callsOf = ({ service, message }: Case) => service.calls.filter(({ runId }) => runId === runIdOf(message));

const expectOutcome = async (one: Case, outcome: Change['before'][Kind]): Promise<void> => {
  const run = await one.service.runOf(one.name, runIdOf(one.message));
  expect(run?.state.phase).toBe(outcome === 'runs' ? 'completed' : undefined);
  expect(callsOf(one)).toHaveLength(outcome === 'runs' ? 1 : 0);
  // Whatever else has run is a slot of the routine's own, once.
  const calls = one.service.calls.map(({ runId }) => runId);
  expect(new Set(calls).size).toBe(calls.length);
};

const cases = (['schedule', 'timer'] as const).flatMap((kind) =>
  changes.flatMap((change) => arrivals.map((arrival) => ({ kind, change, arrival }))),
);

describe.concurrent('a message that comes', () => {
  for (const { kind, change, arrival } of cases) {
    const says = (outcome: string) => (outcome === 'runs' ? 'brings one run and one call' : 'brings no run');

    it(`${arrival.title} after ${change.title} before its time, of a ${kind}, ${says(change.before[kind])}`, async () => {
      const one = await aSentSlot(kind);
      one.service.clock.set(at('2026-03-01T12:04:30Z'));
      await change.make(one.service, one.name, kind);
      one.service.clock.set(at(slot));
      await deliverAll(one, arrival);
      await expectOutcome(one, change.before[kind]);
    });

    it(`${arrival.title} after ${change.title} past its time, of a ${kind}, ${says(change.after[kind])}`, async () => {
      const one = await aSentSlot(kind);
      one.service.clock.set(at('2026-03-01T12:05:10Z'));
      await change.make(one.service, one.name, kind);
      one.service.clock.set(at('2026-03-01T12:05:20Z'));
      await deliverAll(one, arrival);
      await expectOutcome(one, change.after[kind]);
    });

    it(`${arrival.title} after ${change.title} while its run backs off, of a ${kind}, brings that run to its end`, async () => {
      const outcomes = [unavailable];
      const one = await aSentSlot(kind, () => outcomes.shift() ?? answered);
      one.service.clock.set(at(slot));
      expect(await one.service.receive(one.message)).toMatchObject({ reason: 'backing_off' });
      await change.make(one.service, one.name, kind);
      await deliverAll(one, arrival);
      const run = await one.service.runOf(one.name, runIdOf(one.message));
      expect(run).toMatchObject({ state: { phase: 'completed' }, action: { input: 'hello' } });
      expect(callsOf(one)).toHaveLength(2);
    });
  }
});

describe.concurrent('the message of a dispatch that comes', () => {
  for (const change of changes) {
    for (const arrival of arrivals) {
      it(`${arrival.title} after ${change.title} brings its run to its end with one call`, async () => {
        const { service, name } = await aSentSlot('schedule');
        const id = await service.dispatch(name);
        const sentAt = service.clock.now().getTime();
        const one: Case = {
          service,
          name,
          message: { kind: 'dispatch', project: demo, routine: name, runId: id, sentAt },
        };
        await change.make(service, name, 'schedule');
        await deliverAll(one, arrival);
        expect(await service.runOf(name, id)).toMatchObject({
          state: { phase: 'completed' },
          action: { input: 'hello' },
        });
        expect(callsOf(one)).toHaveLength(1);
      });
    }
  }

  it.each(arrivals)('$title and was never written is dropped after a minute', async (arrival) => {
    const { service, name, message } = await aSentSlot('schedule');
    const runId = runIdOf({ ...message, nominal: message.nominal + 1 });
    const sentAt = service.clock.now().getTime();
    const one: Case = { service, name, message: { kind: 'dispatch', project: demo, routine: name, runId, sentAt } };
    await deliverAll(one, arrival);
    expect(await service.runOf(name, runId)).toBeUndefined();
    expect(callsOf(one)).toEqual([]);
  });
});
