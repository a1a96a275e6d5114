import { StorageUnavailableError } from '../../shared/domain/errors.ts';
import { violationTexts } from '../promises/check-promises.ts';
import { isCommittedRefusal, type ProxiedRequest } from '../storage/storage-fault.ts';
import type { StorageProxy } from '../storage/storage-proxy.ts';
import { type FaultKind, faultKinds, strikeAt } from './fault-kinds.ts';
import { playPoints, type RingReport } from './points.ts';
import { playOn, putSinglesBy, tickWhatIsDue } from './rest.ts';
import type { Scenario } from './scenario.ts';
import { openStage, type RingServices, type Stage } from './stage.ts';

interface Point {
  readonly kind: FaultKind;
  readonly n: number;
}

/** On a machine that is busy a writer may give up before its n-th request. */
const maxTries = 3;

/** Plays a scenario with every fault at every one of its requests. */
export const playRing = async (ring: RingServices, scenario: Scenario): Promise<RingReport> => {
  const { requests, failure: first } = await ring.lanes.use((proxy) => playPoint({ ring, proxy, scenario }, null));
  const report = await playPoints(ring, {
    title: scenario.title,
    points: pointsOf(requests),
    play: async (proxy, point) => {
      const { isStruck, failure } = await playUntilStruck({ ring, proxy, scenario }, point);
      return { kind: point.kind.name, isReached: isStruck, failure };
    },
  });
  return first === null ? report : { ...report, failures: [first, ...report.failures] };
};

/**
 * Every fault at every request, those that last among the others, because they cost no work but time. A read commits
 * nothing: a refusal after it is one before it.
 */
const pointsOf = (requests: readonly ProxiedRequest[]): readonly Point[] =>
  requests.flatMap(({ method }, index) =>
    faultKinds
      .filter(({ fault }) => method !== 'GET' || !isCommittedRefusal(fault))
      .map((kind) => ({ kind, n: index + 1 })),
  );

interface Place {
  readonly ring: RingServices;
  readonly proxy: StorageProxy;
  readonly scenario: Scenario;
}

interface Played {
  readonly requests: readonly ProxiedRequest[];
  readonly isStruck: boolean;
  readonly failure: string | null;
}

const playUntilStruck = async (place: Place, point: Point): Promise<Played> => {
  let played = await playPoint(place, point);
  for (let tries = 1; tries < maxTries && !played.isStruck && played.failure === null; tries += 1) {
    played = await playPoint(place, point);
  }
  return played;
};

/** Null: nothing is struck. */
const playPoint = async ({ ring, proxy, scenario }: Place, point: Point | null): Promise<Played> => {
  const stage = await openStage(ring, proxy, scenario);
  await stage.quietly(() => scenario.prepare(stage));
  const strike = strikeAt(point);
  proxy.interfere(strike);
  const answer = await stage.quietly(() => answerOf(stage, scenario.act(stage)));
  strike.end();
  if (scenario.putsSinglesBy) await tickWhatIsDue(stage);
  const evidence = await playOn(stage, scenario, scenario.putsSinglesBy ? await putSinglesBy(stage) : []);
  // The emulator looks through all messages of all queues for each one it is asked for.
  if ((evidence.deliveries?.length ?? 0) + evidence.putBy.length > 0)
    await stage.stores.clients.queues.delivery.clearMessages();
  const violations = violationTexts(evidence);
  const { requests, struck } = strike;
  const what = point === null ? 'undisturbed' : `${point.kind.name} at request ${point.n}${describe(struck)}`;
  const report = [`${scenario.title}, ${what}, ${answer}:`, ...violations, ...stage.lines].join('\n  ');
  return { requests, isStruck: struck !== undefined, failure: violations.length === 0 ? null : report };
};

/** A caller may be told of storage that fails, and of nothing else: only the caller is at work. */
const answerOf = async ({ told }: Stage, act: Promise<void>): Promise<string> => {
  try {
    await act;
    return 'answered well';
  } catch (error) {
    const isStorage =
      error instanceof StorageUnavailableError || (error instanceof Error && error.name === 'RestError');
    if (!isStorage) told.complaints.push(`the caller was told: ${error}`);
    return `answered ${error}`;
  }
};

const describe = (request: ProxiedRequest | undefined): string =>
  request === undefined
    ? ''
    : ` (${request.method} ${request.isTransaction ? 'transaction on ' : ''}${request.target.replace(/^p\d+x\d+-?/, '')})`;
