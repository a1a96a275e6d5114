import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Execution, explore } from './interleaving/explore.ts';
import { type Operation, operationNames } from './interleaving/operations.ts';
import type { Fault, Turn } from './interleaving/schedule.ts';

/** What the routine went through before. */
const pasts: readonly (readonly Operation[])[] = [
  [],
  ['PUT of the same'],
  ['PUT of the same', 'delete'],
  ['PUT of each minute'],
  ['PUT of a rare cron', 'disable'],
  ['PUT of a timer'],
];
const changes: readonly Operation[] = [
  'PUT of the same',
  'PUT of a rare cron',
  'PUT of a timer',
  'enable',
  'disable',
  'delete',
];
const faults: readonly Fault[] = ['unavailable', 'lost_answer', 'repeated', 'crash_before', 'crash_after'];
const next: Turn = { kind: 'step', pick: 0, fault: 'none' };

/** How many executions each random search tries: more of them find more. */
const randomRuns = Number(process.env.INTERLEAVINGS ?? 700);

const steps = (count: number): readonly Turn[] => Array.from({ length: count }, () => next);

/** One execution for each number of steps before the fault, and for each fault. */
const eachFault = (most: number, execution: Execution): readonly Execution[] =>
  Array.from({ length: most }, (_, count) => count).flatMap((count) =>
    faults.map((fault) => ({
      ...execution,
      turns: [...execution.turns, ...steps(count), { ...next, fault }],
    })),
  );

const expectKept = async (executions: readonly Execution[]): Promise<void> => {
  for (const execution of executions) {
    const violations = await explore(execution);
    expect(violations, JSON.stringify(execution)).toBeNull();
  }
};

describe.each(pasts.map((before) => ({ before })))('a routine after $before', ({ before }) => {
  it('survives each fault in each step of each operation', async () => {
    await expectKept(
      operationNames.flatMap((operation) => eachFault(8, { before, operations: [operation], turns: [] })),
    );
  });

  it('survives each fault in each step of a tick and a delivery', async () => {
    const slotComes: Turn = { kind: 'time', seconds: 10 };
    await expectKept(eachFault(14, { before, operations: [], turns: [slotComes], lasting: 25 }));
  });

  it('survives each change inside of each other one', async () => {
    const inside = (outer: Operation, inner: Operation): readonly Execution[] =>
      Array.from({ length: 8 }, (_, count) => ({
        before,
        operations: [outer, inner],
        turns: [...steps(count), { ...next, pick: 1 }],
      }));
    await expectKept(changes.flatMap((outer) => changes.flatMap((inner) => inside(outer, inner))));
  });
});

const aStep = (fault: fc.Arbitrary<Fault>): fc.Arbitrary<Turn> =>
  fc.record({ kind: fc.constant('step' as const), pick: fc.nat(5), fault });
const aPause = (...seconds: readonly number[]): fc.Arbitrary<Turn> =>
  fc.record({ kind: fc.constant('time' as const), seconds: fc.constantFrom(...seconds) });
const rarely = <Value>(often: fc.Arbitrary<Value>, weight: number, seldom: fc.Arbitrary<Value>) =>
  fc.oneof({ weight, arbitrary: often }, { weight: 1, arbitrary: seldom });
const noFault = fc.constant<Fault>('none');

describe('up to four concurrent operations lose no slot, invent none and run none twice', () => {
  const keepThePromises = (turn: fc.Arbitrary<Turn>, lasting: number) => {
    const anExecution = fc.record({
      before: fc.constantFrom(...pasts),
      operations: fc.array(fc.constantFrom(...operationNames), { minLength: 1, maxLength: 4 }),
      turns: fc.array(turn, { maxLength: 60, size: 'max' }),
      lasting: fc.constant(lasting),
    });
    const property = fc.asyncProperty(anExecution, async (execution) => {
      expect(await explore(execution)).toBeNull();
    });
    return fc.assert(property, { numRuns: randomRuns });
  };

  it('in any order, with any faults, within seconds', async () => {
    const step = aStep(rarely(noFault, 20, fc.constantFrom(...faults)));
    await keepThePromises(rarely(step, 12, aPause(1, 3, 6)), 25);
  }, 600_000);

  it('in any order, when processes stand still for more than a minute', async () => {
    await keepThePromises(rarely(aStep(noFault), 12, aPause(10, 40, 70)), 150);
  }, 600_000);
});
