import type { RoutineName } from '../../shared/domain/names.ts';
import type { Run } from '../../shared/domain/run.ts';
import type { Expectation, ExpectedRoutine, MissedSpan } from './expectation.ts';
import { simulation } from './owners.ts';
import type { SimulatedService } from './service.ts';

/** Everything in which the service's records are not what was expected, one line each. Nothing: they agree exactly. */
export const findDifferences = async (
  service: SimulatedService,
  expectation: Expectation,
  routines: readonly RoutineName[],
): Promise<readonly string[]> => {
  const differences = service.errors.map((error) => `the service logged an error: ${error}`);
  const waiting = await readDueIndex(service);
  let completed = 0;
  for (const routine of routines) {
    const expected = expectation.routines.get(routine);
    if (expected === undefined) throw new Error(`Routine "${routine}" has no expectation, expected one for each`);
    const runs = await readRuns(service, routine);
    completed += runs.completed.length;
    const found = [
      ...compareRuns(runs, expected),
      ...compareMissed(runs.missed, expected.missed),
      ...compareNext(waiting.get(routine) ?? null, expected.next()),
    ];
    differences.push(...found.map((difference) => `${routine}: ${difference}`));
  }
  if (service.calls() !== completed) {
    differences.push(`the agent was called ${service.calls()} times, expected once for each of ${completed} runs`);
  }
  const messages = [...service.deliveries.messages, ...service.work.messages];
  return [...differences, ...messages.map(({ message }) => `message left: ${JSON.stringify(message)}`)];
};

interface FoundRuns {
  readonly completed: readonly Run[];
  readonly missed: readonly Run[];
  readonly others: readonly Run[];
}

const readRuns = async ({ stores }: SimulatedService, routine: RoutineName): Promise<FoundRuns> => {
  const runs: Run[] = [];
  let after: string | undefined;
  do {
    const page = await stores.runs.list(simulation, routine, { order: 'asc', limit: 1000, after });
    runs.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  const isMissed = (run: Run) => run.state.phase === 'killed' && run.missed !== undefined;
  return {
    completed: runs.filter((run) => run.state.phase === 'completed'),
    missed: runs.filter(isMissed),
    others: runs.filter((run) => run.state.phase !== 'completed' && !isMissed(run)),
  };
};

const readDueIndex = async ({ stores }: SimulatedService): Promise<ReadonlyMap<RoutineName, number>> => {
  const waiting = new Map<RoutineName, number>();
  const never = new Date(Date.UTC(9999, 0));
  for (let shard = 0; shard < stores.schedule.shardCount; shard += 1) {
    for await (const { slots } of stores.schedule.due(shard, never)) {
      for (const slot of slots) waiting.set(slot.routine, slot.nominal.getTime());
    }
  }
  return waiting;
};

const compareRuns = ({ completed, others }: FoundRuns, { fired }: ExpectedRoutine): string[] => {
  const slots = new Set(completed.map((run) => run.triggeredAt.getTime()));
  const missing = [...fired.keys()].filter((slot) => !slots.has(slot));
  const surplus = [...slots].filter((slot) => !fired.has(slot));
  const differences = [
    ...missing.map((slot) => `no run for the slot ${isoOf(slot)}`),
    ...surplus.map((slot) => `a run for ${isoOf(slot)}, which is no slot that should have fired`),
    ...others.map((run) => `the run of ${run.triggeredAt.toISOString()} is ${run.state.phase}`),
    ...completed.flatMap((run) => compareStart(run, fired.get(run.triggeredAt.getTime()))),
  ];
  if (slots.size !== completed.length) differences.push(`${completed.length} runs for ${slots.size} slots`);
  return differences;
};

/** A message that came early again and again stands aside for as long as that. */
const latenessMs = 60_000;

const compareStart = ({ triggeredAt, startedAt, attempts }: Run, expected: number | undefined): string[] => {
  const slot = triggeredAt.toISOString();
  const started = startedAt?.getTime() ?? Number.NaN;
  const isInTime = started >= triggeredAt.getTime() && started <= (expected ?? started) + latenessMs;
  return [
    ...(isInTime ? [] : [`the run of ${slot} started at ${isoOf(started)}, expected ${isoOf(expected ?? null)}`]),
    ...(attempts.length === 1 ? [] : [`the run of ${slot} has ${attempts.length} attempts, expected one`]),
  ];
};

const compareMissed = (runs: readonly Run[], expected: ReadonlyMap<number, MissedSpan>): string[] => {
  const texts = (spans: Iterable<string>) => new Set(spans);
  const found = texts(
    runs.flatMap(({ missed }) =>
      missed === undefined ? [] : [spanText({ ...missed, first: +missed.firstAt, last: +missed.lastAt })],
    ),
  );
  const wanted = texts([...expected.values()].map(spanText));
  return [
    ...[...wanted].filter((text) => !found.has(text)).map((text) => `no record of missed slots: ${text}`),
    ...[...found].filter((text) => !wanted.has(text)).map((text) => `a wrong record of missed slots: ${text}`),
  ];
};

const compareNext = (found: number | null, expected: number | null): string[] =>
  found === expected ? [] : [`the due index waits for ${isoOf(found)}, expected ${isoOf(expected)}`];

const spanText = ({ first, last, count }: MissedSpan): string => `${count} from ${isoOf(first)} to ${isoOf(last)}`;

const isoOf = (instant: number | null): string => (instant === null ? 'nothing' : new Date(instant).toISOString());
