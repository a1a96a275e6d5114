import { type StorageProxy, startStorageProxy } from '../storage/storage-proxy.ts';
import type { RingServices } from './stage.ts';

export interface RingReport {
  readonly tried: number;
  /** What went wrong where; each with what was logged. */
  readonly failures: readonly string[];
}

export interface RingPoints<Point> {
  readonly title: string;
  readonly points: readonly Point[];
  /** Played at the same time. */
  readonly lanes: number;
}

export interface PointReport {
  readonly kind: string;
  /** Not every play of a scenario that waits and repeats makes as many requests. */
  readonly isReached: boolean;
  /** What is wrong, and what was logged; null when the promises were kept. */
  readonly failure: string | null;
}

export type PlayPoint<Point> = (proxy: StorageProxy, point: Point) => Promise<PointReport>;

/** More would mean that the ring does not do what it says. */
const maxUnreached = 0.1;

/** Plays all points and prints one line. */
export const playPoints = async <Point>(
  ring: RingServices,
  { title, points, lanes }: RingPoints<Point>,
  play: PlayPoint<Point>,
): Promise<RingReport> => {
  const startedAt = performance.now();
  const failures: string[] = [];
  const tried = new Map<string, number>();
  const rest = points.values();
  const lane = async (proxy: StorageProxy): Promise<void> => {
    for (const point of rest) {
      const { kind, isReached, failure } = await play(proxy, point);
      if (isReached) tried.set(kind, (tried.get(kind) ?? 0) + 1);
      if (failure !== null) failures.push(failure);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, points.length) }, () => onLane(ring, lane)));
  const total = [...tried.values()].reduce((sum, count) => sum + count, 0);
  const unreached = points.length - total;
  if (unreached > points.length * maxUnreached) failures.push(`${title}: ${unreached} points were never reached`);
  const kinds = [...tried].map(([name, count]) => `${name} ${count}`).join(', ');
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(
    `${title}: ${total} points in ${seconds} s (${kinds}${unreached > 0 ? `; not reached ${unreached}` : ''})`,
  );
  ring.tally.points += total;
  return { tried: total, failures };
};

/** A proxy is good for many points, one after the other. */
export const onLane = async <Result>(
  ring: RingServices,
  play: (proxy: StorageProxy) => Promise<Result>,
): Promise<Result> => {
  const proxy = await startStorageProxy(ring.emulator.connectionString);
  try {
    return await play(proxy);
  } finally {
    await proxy.close();
  }
};
