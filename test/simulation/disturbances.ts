import { frequentKinds } from './cron-mix.ts';
import type { ChangeKind } from './owners.ts';
import type { Random } from './random.ts';

/** Something that happens beside the daily run, at a real time in milliseconds. */
export type Disturbance = { readonly at: number } & (
  | { readonly kind: 'outage'; readonly seconds: number }
  | { readonly kind: 'clock_step'; readonly seconds: number }
  | { readonly kind: 'change'; readonly change: ChangeKind; readonly routine: number }
);

export interface Stretch {
  readonly from: number;
  readonly days: number;
  readonly routines: number;
}

const daySeconds = 86_400;
const shortestOutageSeconds = 120;
const longestOutageSeconds = 3 * daySeconds;
const farthestBackSeconds = 3600;
const farthestForwardSeconds = 3 * 3600;
/** So many of each at least, however short the stretch. */
const fewest = { outages: 5, steps: 4, changes: 40 };

/** Of all changes, as many come close to an outage or a clock step: there they can do most harm. */
const closeOfHundred = 40;
const closeSeconds = 3600;
/** And so many are of routines that fire often: those have a message on its way almost always. */
const frequentOfHundred = 30;

/** In order of time. Outages and steps come about weekly; each routine is changed some four times a year. */
export const drawDisturbances = (random: Random, stretch: Stretch): readonly Disturbance[] => {
  const troubles = drawTroubles(random, stretch);
  return [...troubles, ...drawChanges(random, stretch, troubles)].sort((a, b) => a.at - b.at);
};

const times = <Item>(count: number, draw: () => Item): Item[] => Array.from({ length: Math.round(count) }, draw);

const drawInstant = (random: Random, { from, days }: Stretch): number =>
  from + random.whole(1, days * daySeconds) * 1000;

const drawTroubles = (random: Random, stretch: Stretch): readonly Disturbance[] => {
  const weeks = stretch.days / 7;
  const steps = Math.max(fewest.steps, weeks);
  const at = () => drawInstant(random, stretch);
  const stepBy = (seconds: number) => ({ kind: 'clock_step', seconds, at: at() }) as const;
  return [
    ...times(Math.max(fewest.outages, weeks), () => {
      const seconds = random.spread(shortestOutageSeconds, longestOutageSeconds);
      return { kind: 'outage', seconds, at: at() } as const;
    }),
    ...times(steps, () => stepBy(-random.spread(1, farthestBackSeconds))),
    ...times(steps / 2, () => stepBy(random.spread(1, farthestForwardSeconds))),
  ];
};

const drawChanges = (random: Random, stretch: Stretch, troubles: readonly Disturbance[]): readonly Disturbance[] => {
  const count = (perRoutineAndYear: number) =>
    Math.max(fewest.changes, (perRoutineAndYear * stretch.routines * stretch.days) / 365);
  const at = () =>
    random.whole(1, 100) <= closeOfHundred
      ? random.pick(troubles).at + random.whole(-closeSeconds, closeSeconds) * 1000
      : drawInstant(random, stretch);
  const one = () => random.whole(0, (random.whole(1, 100) <= frequentOfHundred ? frequentKinds : stretch.routines) - 1);
  const change = (kind: ChangeKind, routine = one(), when = at()) =>
    ({ kind: 'change', change: kind, routine, at: when }) as const;
  const pair = (first: ChangeKind, second: ChangeKind) => {
    const before = change(first);
    return [before, change(second, before.routine, before.at + random.spread(1, 2 * daySeconds) * 1000)];
  };
  return [
    ...times(count(2), () => change('edit')),
    ...times(count(1), () => change('rewrite')),
    ...times(count(1), () => pair('disable', 'enable')).flat(),
    ...times(count(0.2), () => pair('delete', 'rewrite')).flat(),
  ];
};
