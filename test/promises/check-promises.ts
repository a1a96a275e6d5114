import * as acceptedWork from './accepted-work.ts';
import * as answers from './answers.ts';
import * as calls from './calls.ts';
import type { Evidence } from './evidence.ts';
import type { Finding, Invariant } from './invariant.ts';
import * as lives from './lives.ts';
import * as remains from './remains.ts';
import * as runs from './runs.ts';
import * as schedule from './schedule.ts';
import * as slots from './slots.ts';

/** All that is promised and can be seen from outside, by name. */
export const invariants = {
  ...slots,
  ...schedule,
  ...runs,
  ...lives,
  ...calls,
  ...acceptedWork,
  ...remains,
  ...answers,
} as const satisfies Readonly<Record<string, Invariant>>;

export type InvariantName = keyof typeof invariants;

export interface Violation extends Finding {
  readonly promise: number;
  readonly invariant: string;
}

/** What is wrong in a world; nothing, when every promise was kept. Pure. */
export const findViolations = (
  evidence: Evidence,
  judged: Readonly<Record<string, Invariant>> = invariants,
): readonly Violation[] =>
  Object.entries(judged).flatMap(([invariant, { promise, find }]) =>
    find(evidence).map((finding) => ({ promise, invariant, ...finding })),
  );

/** One line. */
export const violationText = ({ promise, invariant, what, ids }: Violation): string =>
  `promise ${promise}, ${invariant}: ${what}${ids.length === 0 ? '' : ` (${ids.join(', ')})`}`;

export const violationTexts = (evidence: Evidence): readonly string[] => findViolations(evidence).map(violationText);
