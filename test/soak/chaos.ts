import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../simulation/random.ts';
import type { Answer, Fault } from '../storage/storage-fault.ts';
import { pickByShare } from './pick-by-share.ts';
import type { Rig } from './rig.ts';
import { turnAway } from './turn-away.ts';

export type Blow =
  | { readonly kind: 'kill_app' | 'restart_app'; readonly atMs: number; readonly downMs: number }
  | { readonly kind: 'restart_storage'; readonly atMs: number; readonly downMs: number }
  | { readonly kind: 'throttle'; readonly atMs: number; readonly forMs: number }
  | { readonly kind: 'reset_connections'; readonly atMs: number };

/** Seconds between two blows of a kind, on average; a short soak has each at least once all the same. */
const every = { kill_app: 55, restart_app: 90, restart_storage: 200, throttle: 150, reset_connections: 45 } as const;

/** Of ten thousand requests, all through the load. */
const faults: readonly (readonly [Fault | Answer, number])[] = [
  ['refused', 25],
  ['lost_answer', 25],
  ['cut_answer', 10],
  ['delayed', 50],
  [turnAway(503, 1), 15],
  [turnAway(429, 1), 15],
];

/**
 * What goes wrong in so many seconds, in order of time. The app is left alone in the last third, so that its memory
 * can be judged; storage is never left alone.
 */
export const planBlows = (random: Random, seconds: number): readonly Blow[] => {
  const times = (kind: Blow['kind'], until: number): readonly number[] => {
    const count = Math.max(1, Math.round(until / every[kind]));
    return Array.from({ length: count }, (_, index) =>
      Math.round(((index + random.fraction()) / count) * until * 1000),
    );
  };
  const whole = seconds * 0.95;
  const untilLastThird = (seconds * 2) / 3;
  return [
    ...times('kill_app', untilLastThird).map(
      (atMs) => ({ kind: 'kill_app', atMs, downMs: random.whole(0, 3000) }) as const,
    ),
    ...times('restart_app', untilLastThird).map(
      (atMs) => ({ kind: 'restart_app', atMs, downMs: random.whole(0, 3000) }) as const,
    ),
    ...times('restart_storage', whole).map(
      (atMs) => ({ kind: 'restart_storage', atMs, downMs: random.whole(1000, 10_000) }) as const,
    ),
    ...times('throttle', whole).map((atMs) => ({ kind: 'throttle', atMs, forMs: random.whole(2000, 8000) }) as const),
    ...times('reset_connections', whole).map((atMs) => ({ kind: 'reset_connections', atMs }) as const),
  ].sort((a, b) => a.atMs - b.atMs);
};

/** Deals the blows, one after the other: what is due while another one lasts comes right after it. */
export const dealBlows = async (rig: Rig, blows: readonly Blow[], random: Random): Promise<void> => {
  const startedAt = Date.now();
  rig.proxy.interfere({ faultOf: () => drawFault(random) });
  for (const blow of blows) {
    await pause(Math.max(0, startedAt + blow.atMs - Date.now()));
    await deal(rig, blow, random);
  }
};

const deal = async ({ app, azurite, proxy }: Rig, blow: Blow, random: Random): Promise<void> => {
  switch (blow.kind) {
    case 'kill_app':
    case 'restart_app':
      await app.end(blow.kind === 'kill_app' ? 'SIGKILL' : 'SIGTERM');
      await pause(blow.downMs);
      return app.start();
    case 'restart_storage':
      await azurite.stop();
      await pause(blow.downMs);
      return azurite.start();
    case 'throttle':
      proxy.interfere({ faultOf: () => drawThrottle(random) });
      await pause(blow.forMs);
      return proxy.interfere({ faultOf: () => drawFault(random) });
    case 'reset_connections':
      return proxy.resetConnections();
    default:
      return blow satisfies never;
  }
};

const drawFault = (random: Random): Fault | Answer =>
  pickByShare(random, { items: faults, of: 10_000, otherwise: 'none' });

/** Two of three requests are too many: one operation in five fails with all its repeats. */
const drawThrottle = (random: Random): Fault | Answer =>
  random.whole(1, 3) === 1 ? 'none' : turnAway(random.pick([429, 503]), 1);
