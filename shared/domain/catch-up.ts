/** What happens to slots that were missed: dropped, or the latest of them fired late. */
export const catchUpPolicies = ['skip_missed', 'enqueue_latest', 'enqueue_missed_with_cap'] as const;
export type CatchUpPolicy = (typeof catchUpPolicies)[number];

/** The one policy that comes with a number. */
export const cappedPolicy = 'enqueue_missed_with_cap' satisfies CatchUpPolicy;

export type CatchUp =
  | { readonly policy: Exclude<CatchUpPolicy, typeof cappedPolicy> }
  | { readonly policy: typeof cappedPolicy; readonly cap: number };

export const maxCatchUpCap = 100;
export const defaultCatchUpCap = 10;
