import { beforeAll, describe, expect, it } from 'vitest';
import { claimForAttempt } from '../../shared/app/delivery/claim-run.ts';
import { createDeliverPoisoned } from '../../shared/app/delivery/deliver-poisoned.ts';
import { runIdOf, startRun } from '../../shared/app/delivery/start-run.ts';
import type { AgentCall, AgentOutcome } from '../../shared/app/ports/agent-caller.ts';
import type { FireMessage } from '../../shared/app/ports/messages.ts';
import { cancelRun } from '../../shared/app/runs/cancel-run.ts';
import type { ConcurrencyPolicy } from '../../shared/domain/concurrency.ts';
import type { RunId } from '../../shared/domain/names.ts';
import { demo } from '../app/world.ts';
import { at, routineName, triggerName } from '../builders.ts';
import { until } from '../host/host-process.ts';
import { createTestStorage, type TestStorage } from '../storage/test-storage.ts';
import { draftOf, kinds } from './changes.ts';
import { answered, createVirtualService, unavailable } from './virtual-service.ts';

let storage: TestStorage;
let routines = 0;

beforeAll(async () => {
  storage = await createTestStorage();
});

/** Answers when the test says so, or when the call is broken off. */
const patientAgent = () => {
  const waiting = new Map<RunId, (outcome: AgentOutcome) => void>();
  return {
    call: ({ runId, signal }: AgentCall) =>
      new Promise<AgentOutcome>((resolve) => {
        waiting.set(runId, resolve);
        signal?.addEventListener('abort', () => resolve(unavailable));
      }),
    isCalledFor: (id: RunId) => waiting.has(id),
    answer: (id: RunId, outcome: AgentOutcome = answered) => {
      waiting.get(id)?.(outcome);
      waiting.delete(id);
    },
  };
};

/** The slots of a routine since 12:00, at 12:31:00. A lease lasts 45 s. */
const createHeldRoutine = async (policy: ConcurrencyPolicy, agent?: (call: AgentCall) => AgentOutcome) => {
  routines += 1;
  const name = routineName(`held-${routines}`);
  const patient = patientAgent();
  const service = createVirtualService(storage.config, '2026-03-01T12:00:00Z', agent ?? patient.call);
  const put = (concurrencyPolicy: ConcurrencyPolicy) =>
    service.put(name, { ...draftOf(kinds.schedule), concurrencyPolicy });
  await put(policy);
  for (const sent of service.deps.deliveries.messages) await service.deps.deliveries.remove(sent);
  service.clock.set(at('2026-03-01T12:31:00Z'));
  const slotAt = (minute: string): FireMessage => ({
    kind: 'fire',
    project: demo,
    routine: name,
    trigger: triggerName('main'),
    nominal: at(`2026-03-01T12:${minute}:00Z`).getTime(),
  });
  const idOf = (message: FireMessage) => runIdOf(message);
  const phaseOf = async (message: FireMessage) => (await service.runOf(name, idOf(message)))?.state.phase;
  /** A delivery that is calling its agent. */
  const begin = async (message: FireMessage, over = {}) => {
    const rest = service.receive(message, over);
    await until('the agent is called', () => patient.isCalledFor(idOf(message)));
    return { rest };
  };
  /** A delivery that claims its run and is never heard of again. */
  const crash = async (message: FireMessage) => {
    const started = await startRun(service.deps, message);
    if (started.kind !== 'new') throw new Error(`The slot is ${started.kind}, expected a new run`);
    const claim = await claimForAttempt(service.deps, { run: started.run, version: null }, 'dead');
    expect(claim.kind).toBe('claimed');
  };
  const advance = service.clock.advance;
  return { service, name, put, slotAt, idOf, phaseOf, begin, crash, advance, agent: patient };
};

const skippedBy = (id: RunId) => ({ state: { phase: 'killed', skipReason: 'overlap', blockedBy: id } });
const coalescedBy = (id: RunId) => ({ state: { phase: 'killed', skipReason: 'coalesced', blockedBy: id } });
const completed = { kind: 'done', reason: 'completed' };
const skipped = { kind: 'done', reason: 'skipped' };

describe('a run that crashed', () => {
  it('holds its routine up to the last second of its lease, and not when it has ended', async () => {
    const { service, name, slotAt, idOf, crash, advance } = await createHeldRoutine('skip_if_active', () => answered);
    await crash(slotAt('05'));
    advance(44);
    expect(await service.receive(slotAt('10'))).toEqual(skipped);
    expect(await service.runOf(name, idOf(slotAt('10')))).toMatchObject(skippedBy(idOf(slotAt('05'))));
    advance(1);
    expect(await service.receive(slotAt('15'))).toEqual(completed);
  });

  it('is finished by its own message later, beside nobody', async () => {
    const { service, slotAt, idOf, phaseOf, begin, crash, advance, agent } = await createHeldRoutine('skip_if_active');
    await crash(slotAt('05'));
    advance(45);
    const other = await begin(slotAt('10'));
    // The run was active once: it waits for its turn and is not skipped.
    const own = await service.receive(slotAt('05'), { dequeueCount: 2 });
    expect(own).toMatchObject({ kind: 'put_back', reason: 'held', delaySeconds: 45 });
    agent.answer(idOf(slotAt('10')));
    expect(await other.rest).toEqual(completed);
    const again = await begin(slotAt('05'), { dequeueCount: 4 });
    expect(await service.receive(slotAt('15'))).toEqual(skipped);
    agent.answer(idOf(slotAt('05')));
    expect(await again.rest).toEqual(completed);
    expect(await phaseOf(slotAt('05'))).toBe('completed');
    expect(service.calls.map(({ runId }) => runId)).toEqual([idOf(slotAt('10')), idOf(slotAt('05'))]);
  });

  it('lets the run that waits for it in when its lease ends, and not a second before', async () => {
    const { service, slotAt, crash, advance } = await createHeldRoutine('coalesce_if_active', () => answered);
    await crash(slotAt('05'));
    expect(await service.receive(slotAt('10'))).toMatchObject({ kind: 'put_back', reason: 'held', delaySeconds: 45 });
    advance(44);
    expect(await service.receive(slotAt('10'), { dequeueCount: 2 })).toMatchObject({ reason: 'held', delaySeconds: 1 });
    advance(1);
    expect(await service.receive(slotAt('10'), { dequeueCount: 4 })).toEqual(completed);
  });
});

describe('a run between two attempts', () => {
  it('keeps its routine, and the one after it runs', async () => {
    const outcomes = [unavailable, unavailable];
    const { service, name, slotAt, idOf } = await createHeldRoutine(
      'skip_if_active',
      () => outcomes.shift() ?? answered,
    );
    expect(await service.receive(slotAt('05'))).toMatchObject({ reason: 'backing_off', delaySeconds: 1 });
    expect(await service.receive(slotAt('10'))).toEqual(skipped);
    service.clock.advance(1);
    expect(await service.receive(slotAt('05'), { dequeueCount: 2 })).toMatchObject({ reason: 'backing_off' });
    expect(await service.receive(slotAt('15'))).toEqual(skipped);
    service.clock.advance(2);
    expect(await service.receive(slotAt('05'), { dequeueCount: 3 })).toEqual(completed);
    expect(await service.receive(slotAt('20'))).toEqual(completed);
    expect(await service.runOf(name, idOf(slotAt('15')))).toMatchObject(skippedBy(idOf(slotAt('05'))));
  });

  it('whose message stays away holds its routine for fifteen seconds more, and finishes after whoever came in', async () => {
    const { service, slotAt, idOf, begin, advance, agent } = await createHeldRoutine('skip_if_active');
    const first = await begin(slotAt('05'));
    agent.answer(idOf(slotAt('05')), unavailable);
    expect(await first.rest).toMatchObject({ reason: 'backing_off' });
    advance(15);
    expect(await service.receive(slotAt('10'))).toEqual(skipped);
    advance(1);
    const other = await begin(slotAt('15'));
    expect(await service.receive(slotAt('05'), { dequeueCount: 2 })).toMatchObject({ reason: 'held' });
    agent.answer(idOf(slotAt('15')));
    expect(await other.rest).toEqual(completed);
    const again = await begin(slotAt('05'), { dequeueCount: 3 });
    agent.answer(idOf(slotAt('05')));
    expect(await again.rest).toEqual(completed);
  });

  it('that is given up as poison lets the run in that waited for it', async () => {
    const outcomes = [unavailable];
    const held = await createHeldRoutine('coalesce_if_active', () => outcomes.shift() ?? answered);
    const { service, slotAt, phaseOf } = held;
    expect(await service.receive(slotAt('05'))).toMatchObject({ reason: 'backing_off' });
    await service.deps.deliveries.send(slotAt('10'), 0);
    await service.live(0);
    expect(await phaseOf(slotAt('10'))).toBe('queued');
    const message = slotAt('05');
    const poisoned = { message, dequeueCount: 6, owner: 'p', body: JSON.stringify(message) };
    expect(await createDeliverPoisoned(service.deps)(poisoned)).toMatchObject({ kind: 'done' });
    await service.live(1);
    expect([await phaseOf(slotAt('05')), await phaseOf(slotAt('10'))]).toEqual(['failed', 'completed']);
  });
});

describe('a run that waits', () => {
  /** One run is calling its agent, the next one waits for it, by a message on the queue. */
  const createWaiting = async () => {
    const held = await createHeldRoutine('coalesce_if_active');
    const { service, slotAt, begin } = held;
    const first = await begin(slotAt('05'));
    await service.deps.deliveries.send(slotAt('10'), 0);
    await service.live(0);
    expect(await held.phaseOf(slotAt('10'))).toBe('queued');
    const finishFirst = async () => {
      held.agent.answer(held.idOf(slotAt('05')));
      expect(await first.rest).toEqual(completed);
    };
    /** An agent that is called has a second's worth of time to answer. */
    const liveAndAnswer = async (message: FireMessage) => {
      const living = service.live(1);
      await until('the agent is called', () => held.agent.isCalledFor(held.idOf(message)));
      held.agent.answer(held.idOf(message));
      await living;
      expect(await held.phaseOf(message)).toBe('completed');
    };
    return { ...held, first, finishFirst, liveAndAnswer };
  };

  it('starts within a second of the end of the active one, and stands for those that came meanwhile', async () => {
    const { service, name, slotAt, idOf, finishFirst, liveAndAnswer } = await createWaiting();
    expect(await service.receive(slotAt('15'))).toEqual(skipped);
    await finishFirst();
    // Between the two no other run comes in.
    expect(await service.receive(slotAt('20'))).toEqual(skipped);
    await liveAndAnswer(slotAt('10'));
    for (const minute of ['15', '20']) {
      expect(await service.runOf(name, idOf(slotAt(minute)))).toMatchObject(coalescedBy(idOf(slotAt('10'))));
    }
    expect(service.calls).toHaveLength(2);
  });

  it('starts once, however many copies of its message come while it waits and after', async () => {
    const { service, slotAt, finishFirst, liveAndAnswer } = await createWaiting();
    const copies = () =>
      Promise.all([1, 1, 2, 3, 4].map((dequeueCount) => service.receive(slotAt('10'), { dequeueCount })));
    for (const rest of await copies()) expect(rest.kind).toBe('put_back');
    await finishFirst();
    await liveAndAnswer(slotAt('10'));
    for (const rest of await copies()) expect(rest).toEqual({ kind: 'done', reason: 'run_ended' });
    expect(service.calls).toHaveLength(2);
  });

  it('leaves its place when it is cancelled, to the next that comes, and never starts', async () => {
    const { service, name, slotAt, idOf, phaseOf, finishFirst, liveAndAnswer } = await createWaiting();
    await cancelRun(service.deps, { project: demo, routine: name, id: idOf(slotAt('10')) });
    await service.deps.deliveries.send(slotAt('15'), 0);
    await service.live(0);
    expect(await phaseOf(slotAt('15'))).toBe('queued');
    await finishFirst();
    await liveAndAnswer(slotAt('15'));
    await service.live(120);
    expect(await phaseOf(slotAt('10'))).toBe('killed');
    expect(service.calls).toHaveLength(2);
  });

  it('leaves its place when it fails as poison', async () => {
    const { service, slotAt, phaseOf, finishFirst, liveAndAnswer } = await createWaiting();
    const message = slotAt('10');
    const poisoned = { message, dequeueCount: 6, owner: 'p', body: JSON.stringify(message) };
    expect(await createDeliverPoisoned(service.deps)(poisoned)).toMatchObject({ kind: 'done' });
    await service.deps.deliveries.send(slotAt('15'), 0);
    await service.live(0);
    expect(await phaseOf(slotAt('15'))).toBe('queued');
    await finishFirst();
    await liveAndAnswer(slotAt('15'));
  });

  it('goes on to its end when its routine is deleted', async () => {
    const { service, name, slotAt, finishFirst, liveAndAnswer } = await createWaiting();
    await service.useCases.deleteRoutine(demo, name);
    await finishFirst();
    await liveAndAnswer(slotAt('10'));
  });

  it('starts when the hold would have ended if the word of its end was lost', async () => {
    const { service, slotAt, phaseOf, agent, idOf, first } = await createWaiting();
    const { deliveries } = service.deps;
    const lost = deliveries.messages.length;
    agent.answer(idOf(slotAt('05')));
    await first.rest;
    for (const woken of deliveries.messages.slice(lost)) await deliveries.remove(woken);
    await service.live(44);
    expect(await phaseOf(slotAt('10'))).toBe('queued');
    const living = service.live(1);
    await until('the agent is called', () => agent.isCalledFor(idOf(slotAt('10'))));
    agent.answer(idOf(slotAt('10')));
    await living;
    expect(await phaseOf(slotAt('10'))).toBe('completed');
  });

  it('starts when the active one is cancelled and its call is over, not before', async () => {
    const { service, name, slotAt, idOf, phaseOf, agent, first, advance } = await createWaiting();
    await cancelRun(service.deps, { project: demo, routine: name, id: idOf(slotAt('05')) });
    await service.live(0);
    expect(await phaseOf(slotAt('10'))).toBe('queued');
    // The delivery looks at its run every five seconds.
    advance(5);
    expect(await first.rest).toEqual({ kind: 'done', reason: 'run_ended' });
    const living = service.live(1);
    await until('the agent is called', () => agent.isCalledFor(idOf(slotAt('10'))));
    agent.answer(idOf(slotAt('10')));
    await living;
    expect(await phaseOf(slotAt('10'))).toBe('completed');
  });
});

describe('a run whose lease ended while its process stood still', () => {
  it('records its end, and leaves the hold to the run that has it now', async () => {
    const { service, name, slotAt, idOf, phaseOf, begin, advance, agent } = await createHeldRoutine('skip_if_active');
    const slow = await begin(slotAt('05'));
    advance(45);
    const other = await begin(slotAt('10'));
    agent.answer(idOf(slotAt('05')));
    expect(await slow.rest).toEqual(completed);
    expect(await service.receive(slotAt('15'))).toEqual(skipped);
    expect(await service.runOf(name, idOf(slotAt('15')))).toMatchObject(skippedBy(idOf(slotAt('10'))));
    agent.answer(idOf(slotAt('10')));
    expect(await other.rest).toEqual(completed);
    expect([await phaseOf(slotAt('05')), await phaseOf(slotAt('10'))]).toEqual(['completed', 'completed']);
  });

  it('backs off without the hold, and waits for its turn', async () => {
    const { service, slotAt, idOf, begin, advance, agent } = await createHeldRoutine('skip_if_active');
    const slow = await begin(slotAt('05'));
    advance(45);
    const other = await begin(slotAt('10'));
    agent.answer(idOf(slotAt('05')), unavailable);
    expect(await slow.rest).toMatchObject({ reason: 'backing_off' });
    advance(1);
    expect(await service.receive(slotAt('05'), { dequeueCount: 2 })).toMatchObject({ reason: 'held' });
    agent.answer(idOf(slotAt('10')));
    expect(await other.rest).toEqual(completed);
  });
});

describe('a policy that is changed while a run is active', () => {
  it('from skip to coalesce makes the next run wait for it', async () => {
    const { service, put, slotAt, idOf, phaseOf, begin, agent } = await createHeldRoutine('skip_if_active');
    const first = await begin(slotAt('05'));
    expect(await service.receive(slotAt('10'))).toEqual(skipped);
    await put('coalesce_if_active');
    expect(await service.receive(slotAt('15'))).toMatchObject({ reason: 'held' });
    agent.answer(idOf(slotAt('05')));
    await first.rest;
    const living = service.live(1);
    await until('the agent is called', () => agent.isCalledFor(idOf(slotAt('15'))));
    agent.answer(idOf(slotAt('15')));
    await living;
    expect(await phaseOf(slotAt('15'))).toBe('completed');
  });

  it('to always_enqueue lets the next run start beside it; the one that waits still waits', async () => {
    const { service, put, slotAt, idOf, phaseOf, begin, agent } = await createHeldRoutine('coalesce_if_active');
    const first = await begin(slotAt('05'));
    expect(await service.receive(slotAt('10'))).toMatchObject({ reason: 'held' });
    await put('always_enqueue');
    const beside = await begin(slotAt('15'));
    agent.answer(idOf(slotAt('15')));
    expect(await beside.rest).toEqual(completed);
    expect(await phaseOf(slotAt('10'))).toBe('queued');
    agent.answer(idOf(slotAt('05')));
    expect(await first.rest).toEqual(completed);
  });

  it('from always_enqueue excludes the runs that begin from then on, from each other', async () => {
    const { service, name, put, slotAt, idOf, begin, agent } = await createHeldRoutine('always_enqueue');
    const before = await begin(slotAt('05'));
    await put('skip_if_active');
    const first = await begin(slotAt('10'));
    expect(await service.receive(slotAt('15'))).toEqual(skipped);
    expect(await service.runOf(name, idOf(slotAt('15')))).toMatchObject(skippedBy(idOf(slotAt('10'))));
    agent.answer(idOf(slotAt('05')));
    agent.answer(idOf(slotAt('10')));
    expect([await before.rest, await first.rest]).toEqual([completed, completed]);
  });
});

it('a skipped run stays skipped when copies of its message come after the end of the one that held it', async () => {
  const { service, slotAt, idOf, phaseOf, begin, agent } = await createHeldRoutine('skip_if_active');
  const first = await begin(slotAt('05'));
  expect(await service.receive(slotAt('10'))).toEqual(skipped);
  agent.answer(idOf(slotAt('05')));
  await first.rest;
  const copies = await Promise.all(
    [1, 2, 3, 10].map((dequeueCount) => service.receive(slotAt('10'), { dequeueCount })),
  );
  for (const rest of copies) expect(rest).toEqual({ kind: 'done', reason: 'run_ended' });
  expect(await phaseOf(slotAt('10'))).toBe('killed');
  expect(service.calls).toHaveLength(1);
});
