import type { StorageProxy } from '../storage/storage-proxy.ts';
import type { RingServices } from './stage.ts';

export interface RingReport {
  readonly tried: number;
  /** What went wrong where; each with what was logged. */
  readonly failures: readonly string[];
}

export interface PointReport {
  readonly kind: string;
  /** Not every play of a scenario that waits and repeats makes as many requests. */
  readonly isReached: boolean;
  /** What is wrong, and what was logged; null when the promises were kept. */
  readonly failure: string | null;
}

export interface RingPoints<Point> {
  readonly title: string;
  readonly points: readonly Point[];
  readonly play: (proxy: StorageProxy, point: Point) => Promise<PointReport>;
}

/** A play whose parts come in another order, or that looks at its run once less, has fewer requests than were counted. */
const maxUnreached = 0.5;

/** Plays all points and prints one line. */
export const playPoints = async <Point>(
  ring: RingServices,
  { title, points, play }: RingPoints<Point>,
): Promise<RingReport> => {
  const startedAt = performance.now();
  const reports = await Promise.all(points.map((point) => ring.lanes.use((proxy) => play(proxy, point))));
  const reached = reports.filter(({ isReached }) => isReached);
  const failures = reports.flatMap(({ failure }) => (failure === null ? [] : [failure]));
  const unreached = points.length - reached.length;
  if (unreached > points.length * maxUnreached) failures.push(`${title}: ${unreached} points were never reached`);
  const kinds = [...Map.groupBy(reached, ({ kind }) => kind)].map(([kind, tried]) => `${kind} ${tried.length}`);
  const missed = unreached === 0 ? [] : [`not reached ${unreached}`];
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`${title}: ${reached.length} points in ${seconds} s (${[...kinds, ...missed].join(', ')})`);
  ring.tally.points += reached.length;
  return { tried: reached.length, failures };
};
