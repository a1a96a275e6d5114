import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { caseCount, searchTimeout, seed } from '../case-counts.ts';
import { type Execution, explore } from './interleaving/explore.ts';
import { type Operation, operationNames } from './interleaving/operations.ts';
import type { Turn as AnyTurn, Fault } from './interleaving/schedule.ts';

type Turn = AnyTurn<Operation>;

/** What the routine went through before; those that differ most come first. */
const pasts: readonly (readonly Operation[])[] = [
  [],
  ['PUT of skip_if_active'],
  ['PUT of the same'],
  ['PUT of the same', 'delete'],
  ['PUT of each minute'],
  ['PUT of a rare cron', 'disable'],
  ['PUT of a timer'],
  ['PUT of coalesce_if_active'],
  ['PUT on a thread'],
];
const changes: readonly Operation[] = [
  'PUT of the same',
  'PUT of a rare cron',
  'PUT of a timer',
  'enable',
  'disable',
  'delete',
  'archive',
];
const faults: readonly Fault[] = ['unavailable', 'lost_answer', 'repeated', 'crash_before', 'crash_after'];
const next: Turn = { kind: 'step', pick: 0, fault: 'none' };
/** The next step of another actor. */
const other: Turn = { ...next, pick: 1 };

/** Another actor comes and makes all its steps. */
const comes = (operation: Operation): readonly Turn[] => [
  { kind: 'operation', operation },
  { ...next, pick: -1 },
];

/** Lets the last turns come after no step, after one, after two, until no actor has a step left. */
const expectKeptWherever = async (last: readonly Turn[], execution: Execution): Promise<void> => {
  const turns = [...execution.turns];
  for (;;) {
    const tried = { ...execution, turns: [...turns, ...last] };
    const { violations, hadLastStep } = await explore(tried);
    expect(violations, JSON.stringify(tried)).toBeNull();
    if (!hadLastStep) return;
    turns.push(next);
  }
};

const describeChanges = (): void => {
  describe.each(pasts.slice(0, caseCount('interleavedPasts')).map((before) => ({ before })))(
    'a routine after $before',
    ({ before }) => {
      it.each(faults)('survives %s in each step of each operation', async (fault) => {
        for (const operation of operationNames) {
          await expectKeptWherever([{ ...next, fault }], { before, operations: [operation], turns: [] });
        }
      });

      it.each(faults)('survives %s in each step of a tick and a delivery', async (fault) => {
        const slotComes: Turn = { kind: 'time', seconds: 10 };
        await expectKeptWherever([{ ...next, fault }], { before, operations: [], turns: [slotComes], lasting: 25 });
      });

      it('survives each change inside of each other one', async () => {
        for (const outer of changes) {
          for (const inner of changes) {
            await expectKeptWherever([other], { before, operations: [outer, inner], turns: [] });
          }
        }
      });

      it('survives a change between a write whose answer was lost and its repeat', async () => {
        for (const outer of changes) {
          for (const inner of ['PUT of the same', 'disable'] as const) {
            const between: readonly Turn[] = [{ ...next, fault: 'repeated' }, other];
            await expectKeptWherever(between, { before, operations: [outer, inner], turns: [] });
          }
        }
      });
    },
  );
};

const describeExclusion = (): void => {
  describe.each([
    { policy: 'skip_if_active', operations: ['dispatch', 'dispatch'] },
    { policy: 'coalesce_if_active', operations: ['dispatch', 'dispatch', 'dispatch'] },
  ] as const)('runs that exclude each other under $policy', ({ policy, operations }) => {
    const before: readonly Operation[] = [`PUT of ${policy}`];
    /** Long enough for the messages of the dispatches to come, and for the call of the first one. */
    const messagesCome: Turn = { kind: 'time', seconds: 1 };
    const begun: readonly Turn[] = [...Array<Turn>(operations.length * 4).fill(next), messagesCome];

    it.each(faults)('survive %s in each step of them', async (fault) => {
      await expectKeptWherever([{ ...next, fault }], { before, operations, turns: [], lasting: 25 });
    });

    it.each(faults)('survive %s in each step, taken in turns', async (fault) => {
      await expectKeptWherever([other, { ...next, fault }], { before, operations, turns: begun, lasting: 25 });
    });

    it('survive a cancel at each step', async () => {
      await expectKeptWherever(comes('cancel'), { before, operations, turns: begun, lasting: 25 });
    });
  });
};

const describeAcceptedWork = (): void => {
  describe('work that the agent accepts', () => {
    const slotComes: Turn = { kind: 'time', seconds: 10 };
    const pollComes = (seconds: number): readonly Turn[] => [...Array<Turn>(16).fill(next), { kind: 'time', seconds }];
    const work = { lasting: 25, workSeconds: 5 };
    /** Two polls: the first finds the agent at work, the second its end. */
    const moments: readonly { readonly moment: string; readonly turns: readonly Turn[] }[] = [
      { moment: 'its beginning', turns: [slotComes] },
      { moment: 'its first poll', turns: [slotComes, ...pollComes(2)] },
      { moment: 'its last poll', turns: [slotComes, ...pollComes(2), ...pollComes(4)] },
    ];
    const workPasts: readonly (readonly Operation[])[] = [
      [],
      ['PUT of skip_if_active'],
      ['PUT of coalesce_if_active'],
      ['PUT on a thread'],
    ];

    describe.each(workPasts.slice(0, caseCount('acceptedWorkPasts')).map((before) => ({ before })))(
      'of a routine after $before',
      ({ before }) => {
        describe.each(moments)('at $moment', ({ turns }) => {
          it.each(faults)('survives %s in each step', async (fault) => {
            await expectKeptWherever([{ ...next, fault }], { before, operations: [], turns, ...work });
          });

          it.each(['cancel', 'delete', 'dispatch', 'PUT disabled'] as const)(
            'survives %s after each step',
            async (operation) => {
              await expectKeptWherever(comes(operation), { before, operations: [], turns, ...work });
              await expectKeptWherever(comes(operation), { before, operations: ['dispatch'], turns, ...work });
            },
          );

          it.each(faults)('survives %s in each step after a cancel', async (fault) => {
            const cancelled = [...turns, ...Array<Turn>(3).fill(next), ...comes('cancel')];
            await expectKeptWherever([{ ...next, fault }], { before, operations: [], turns: cancelled, ...work });
          });
        });
      },
    );
  });
};

const aStep = (fault: fc.Arbitrary<Fault>): fc.Arbitrary<Turn> =>
  fc.record({ kind: fc.constant('step' as const), pick: fc.nat(5), fault });
const anOperation = fc.record({
  kind: fc.constant('operation' as const),
  operation: fc.constantFrom(...operationNames),
});
const aPause = (...seconds: readonly number[]): fc.Arbitrary<Turn> =>
  fc.record({ kind: fc.constant('time' as const), seconds: fc.constantFrom(...seconds) });
const rarely = <Value>(often: fc.Arbitrary<Value>, weight: number, seldom: fc.Arbitrary<Value>) =>
  fc.oneof({ weight, arbitrary: often }, { weight: 1, arbitrary: seldom });
const noFault = fc.constant<Fault>('none');

const describeRandomExecutions = (): void => {
  describe('up to four concurrent operations lose no slot, invent none and run none twice', () => {
    const keepThePromises = (turn: fc.Arbitrary<Turn>, lasting: number) => {
      const anExecution = fc.record({
        before: fc.constantFrom(...pasts),
        operations: fc.array(fc.constantFrom(...operationNames), { minLength: 1, maxLength: 4 }),
        turns: fc.array(turn, { maxLength: 60, size: 'max' }),
        lasting: fc.constant(lasting),
        workSeconds: fc.constantFrom(undefined, 3, 12),
      });
      const property = fc.asyncProperty(anExecution, async (execution) => {
        const { violations } = await explore(execution);
        expect(violations).toBeNull();
      });
      return fc.assert(property, { numRuns: caseCount('randomInterleavings'), seed });
    };

    it(
      'in any order, with any faults, within seconds',
      async () => {
        const step = aStep(rarely(noFault, 20, fc.constantFrom(...faults)));
        await keepThePromises(rarely(rarely(step, 12, aPause(1, 3, 6)), 40, anOperation), 25);
      },
      searchTimeout,
    );

    it(
      'in any order, when processes stand still for more than a minute',
      async () => {
        await keepThePromises(rarely(rarely(aStep(noFault), 12, aPause(10, 40, 70)), 40, anOperation), 150);
      },
      searchTimeout,
    );
  });
};

/** Holds the promises in every order that the explorer tries; how many those are depends on the ring. */
export const describeInterleavings = (): void => {
  // They take seconds of nothing but work.
  vi.setConfig({ testTimeout: searchTimeout });
  describeChanges();
  describeExclusion();
  describeAcceptedWork();
  describeRandomExecutions();
};
