import { beforeAll, describe, expect, it } from 'vitest';
import { runIdOf } from '../../shared/app/delivery/start-run.ts';
import type { AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import type { FireMessage } from '../../shared/app/ports/messages.ts';
import { systemClock } from '../../shared/clock.ts';
import { demo } from '../app/world.ts';
import { aRoutine, aSchedule, aTrigger, at, routineName, triggerName } from '../builders.ts';
import { createRandom } from '../simulation/random.ts';
import { createTestStorage, type TestStorage } from '../storage/test-storage.ts';
import { draftOf, kinds } from './changes.ts';
import { startLiveService } from './live-service.ts';
import { answered, createVirtualService, unavailable } from './virtual-service.ts';

let storage: TestStorage;
let routines = 0;

beforeAll(async () => {
  storage = await createTestStorage();
});

const refused: AgentOutcome = {
  kind: 'terminal',
  error: { type: 'http_error', statusCode: 400, message: 'refused' },
};

/** A routine whose slot at 12:05 is due now. */
const aDueSlot = async (...outcomes: AgentOutcome[]) => {
  routines += 1;
  const name = routineName(`duplicates-${routines}`);
  const agent = async (): Promise<AgentOutcome> => {
    // Long enough for the copies to meet the call under way.
    await systemClock.sleep(250);
    return outcomes.shift() ?? answered;
  };
  const service = createVirtualService(storage.config, '2026-03-01T12:03:30Z', agent);
  await service.put(name, draftOf(kinds.schedule));
  service.clock.set(at('2026-03-01T12:05:00Z'));
  const message: FireMessage = {
    kind: 'fire',
    project: demo,
    routine: name,
    trigger: triggerName('main'),
    nominal: at('2026-03-01T12:05:00Z').getTime(),
  };
  return { service, name, message };
};

const copies = 10;

describe('ten copies of a message at once', () => {
  const cases: readonly (readonly [string, readonly AgentOutcome[], string, number])[] = [
    ['of a run that succeeds', [], 'completed', 1],
    ['of a run that fails twice', [unavailable, unavailable], 'completed', 3],
    ['of a run that fails for good', [refused], 'failed', 1],
    ['of a run whose attempts are used up', [unavailable, unavailable, unavailable], 'failed', 3],
  ];
  it.each(cases)('%s bring no call more than one message does', async (_title, outcomes, phase, calls) => {
    const { service, name, message } = await aDueSlot(...outcomes);
    for (let copy = 0; copy < copies; copy += 1) await service.deps.deliveries.send(message, 0);
    await service.live(120);
    expect(service.deps.deliveries.messages).toEqual([]);
    const runs = await service.runsOf(name);
    expect(runs).toMatchObject([{ id: runIdOf(message), state: { phase } }]);
    expect(runs[0]?.attempts.map(({ number }) => number)).toEqual(Array.from({ length: calls }, (_, n) => n + 1));
    expect(service.calls).toHaveLength(calls);
    // Backoff is the run's: no copy calls before its time.
    const moments = service.calls.map((call) => (call.at.getTime() - message.nominal) / 1000);
    expect(moments).toEqual([0, 1, 3].slice(0, calls));
  });

  it('that was sent before, when its slot has run, when its routine is gone: all go, and nothing is called', async () => {
    const { service, name, message } = await aDueSlot();
    await service.live(0);
    expect(service.calls).toHaveLength(1);
    await service.useCases.deleteRoutine(demo, name);
    service.clock.advance(3600);
    for (let copy = 0; copy < copies; copy += 1) await service.deps.deliveries.send(message, 0);
    await service.live(0);
    expect(service.deps.deliveries.messages).toEqual([]);
    expect(service.calls).toHaveLength(1);
  });
});

describe('dispatches under one idempotency key', () => {
  const idempotency = { kind: 'key', value: 'once' } as const;

  it('ten at once start one run; the messages of the others go after a minute', async () => {
    const { service, name } = await aDueSlot();
    await service.live(0);
    const before = service.calls.length;
    const answers = await Promise.allSettled(Array.from({ length: copies }, () => service.dispatch(name, idempotency)));
    const ids = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    expect(ids.length).toBeGreaterThan(0);
    expect(new Set(ids).size).toBe(1);
    await service.live(120);
    expect(service.calls.slice(before).map(({ runId }) => runId)).toEqual([ids[0]]);
    expect((await service.runsOf(name)).filter((run) => run.attemptSource === 'queued_dispatch')).toHaveLength(1);
    expect(service.deps.deliveries.messages.filter(({ message }) => message.kind === 'dispatch')).toEqual([]);
  });

  it('repeated an hour later, and when the routine was deleted, answer with the first run and start none', async () => {
    const { service, name } = await aDueSlot();
    const first = await service.dispatch(name, idempotency);
    await service.live(10);
    const before = service.calls.length;
    service.clock.advance(3600);
    expect(await service.dispatch(name, idempotency)).toBe(first);
    await service.useCases.deleteRoutine(demo, name);
    expect(await service.dispatch(name, idempotency)).toBe(first);
    await service.live(120);
    expect(service.calls).toHaveLength(before);
  });
});

it('each message twice on a real queue brings one run and one call for each slot', async () => {
  const random = createRandom(1);
  const agent = async (): Promise<AgentOutcome> => {
    await systemClock.sleep(random.whole(0, 60));
    return answered;
  };
  const service = await startLiveService({ random, agent });
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  const slots = Array.from({ length: 20 }, (_, index) => minute - index * 60_000);
  const trigger = aTrigger({ trigger: aSchedule('* * * * *'), since: new Date(minute - 30 * 60_000) });
  const routine = aRoutine({ name: routineName('twice'), triggers: [trigger] });
  const { project, name } = routine;
  await service.put(routine);
  const messages = slots.map(
    (nominal) => ({ kind: 'fire', project, routine: name, trigger: trigger.name, nominal }) as const,
  );
  await Promise.all(messages.flatMap((message) => [service.send(message), service.send(message)]));
  const runs = await service.endedRunsOf(name, slots.length);
  // What was put back beside a lease comes again when it would have ended.
  await service.emptyQueue();
  await service.stop();
  expect(runs.map((run) => run.triggeredAt.getTime())).toEqual(slots.toReversed());
  expect(service.calls.map(({ runId }) => runId).toSorted()).toEqual(messages.map(runIdOf).toSorted());
}, 480_000);
