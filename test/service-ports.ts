import { createHash } from 'node:crypto';
import type { AgentCall, AgentOutcome } from '../shared/app/ports/agent-caller.ts';
import type { Log } from '../shared/app/ports/log.ts';
import type { ServicePorts } from '../shared/app/ports/service-ports.ts';
import type { Clock } from '../shared/clock.ts';
import type { Randomness } from '../shared/randomness.ts';
import { noAcceptedWork } from './agents/no-accepted-work.ts';
import { createMemoryOutcomeStore } from './memory/outcome-store.ts';
import { createMemoryPoisonedStore } from './memory/poisoned-store.ts';
import { createMemoryDeliveryQueue, createMemoryWorkQueue } from './memory/queue.ts';
import { createMemoryRoutineStore } from './memory/routine-store.ts';
import { createMemoryRunStore } from './memory/run-store.ts';
import { createMemoryScanStore } from './memory/scan-store.ts';
import { createMemoryScheduleStore } from './memory/schedule-store.ts';
import { createMemoryThreadStore } from './memory/thread-store.ts';

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Draws that follow one another, so that a failure repeats. */
export const countingRandomness = (): Randomness => {
  let drawn = 0;
  return {
    hex: (bytes) =>
      createHash('sha256')
        .update(String(++drawn))
        .digest('hex')
        .slice(0, bytes * 2),
    fraction: () => 0.5,
  };
};

const done: AgentOutcome = { kind: 'completed', answer: { outputText: 'done' } };

/** All ports of a service in memory. Its agent answers at once, its agent service knows no agent, and nothing repeats. */
export const createMemoryPorts = (clock: Clock) =>
  ({
    routines: createMemoryRoutineStore(),
    schedule: createMemoryScheduleStore(),
    runs: createMemoryRunStore(),
    threads: createMemoryThreadStore(),
    poisoned: createMemoryPoisonedStore(),
    scans: createMemoryScanStore(),
    outcomes: createMemoryOutcomeStore(),
    deliveries: createMemoryDeliveryQueue(clock),
    work: createMemoryWorkQueue(clock),
    returnToQueue: () => Promise.reject(new Error('This world takes no message back as text.')),
    queueDepths: async () => ({ delivery: 0, deliveryPoison: 0, work: 0, workPoison: 0 }),
    agents: { ...noAcceptedWork, call: async (_call: AgentCall) => done },
    agentDirectory: { find: async () => ({ kind: 'absent' }), list: async () => ({ kind: 'absent' }) },
    clock,
    repeat: () => undefined,
    randomness: countingRandomness(),
    log: silent,
  }) satisfies ServicePorts;
