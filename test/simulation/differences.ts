import type { RoutineName } from '../../shared/domain/names.ts';
import type { Run } from '../../shared/domain/run.ts';
import { violationTexts } from '../promises/check-promises.ts';
import { observe, readEvidence } from './evidence.ts';
import type { Expectation, ExpectedRoutine, MissedSpan } from './expectation.ts';
import type { SimulatedService } from './service.ts';

/**
 * Everything in which the service's records break a promise, or are not what was expected, one line each. Nothing: they
 * agree exactly. What is compared with the oracle slot by slot is promise 1, 2 and 10, said a second time.
 */
export const findDifferences = async (
  service: SimulatedService,
  expectation: Expectation,
  routines: readonly RoutineName[],
): Promise<readonly string[]> => {
  const differences = service.errors.map((error) => `the service logged an error: ${error}`);
  const observed = await observe(service);
  let calls = 0;
  for (const routine of routines) {
    const expected = expectation.routines.get(routine);
    if (expected === undefined) throw new Error(`Routine "${routine}" has no expectation, expected one for each`);
    const evidence = await readEvidence(service, observed, routine);
    calls += evidence.calls?.length ?? 0;
    const [next] = observed.due.get(routine) ?? [];
    const found = [
      ...violationTexts(evidence),
      ...compareRuns(evidence.runs, expected),
      ...compareMissed(evidence.runs, expected.missed),
      ...compareNext(next?.nominal.getTime() ?? null, expected.next()),
    ];
    differences.push(...found.map((difference) => `${routine}: ${difference}`));
  }
  if (service.calls.length !== calls) {
    differences.push(`the agent was called ${service.calls.length} times, and ${calls} of them for a run`);
  }
  // The service has lived on without a tick until every message had come: no slot is to come.
  const messages = [...service.deliveries.messages, ...service.work.messages];
  return [...differences, ...messages.map(({ message }) => `message left: ${JSON.stringify(message)}`)];
};

const compareRuns = (runs: readonly Run[], { fired }: ExpectedRoutine): string[] => {
  const completed = runs.filter((run) => run.state.phase === 'completed');
  const others = runs.filter((run) => run.state.phase !== 'completed' && run.missed === undefined);
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
