/** What happens to slots that were missed: dropped, or the latest of them fired late. */
export type CatchUp =
  | { readonly policy: 'skip_missed' }
  | { readonly policy: 'enqueue_latest' }
  | { readonly policy: 'enqueue_missed_with_cap'; readonly cap: number };

export type CatchUpPolicy = CatchUp['policy'];
export const catchUpPolicies = [
  'skip_missed',
  'enqueue_latest',
  'enqueue_missed_with_cap',
] as const satisfies CatchUpPolicy[];
export const maxCatchUpCap = 100;
export const defaultCatchUpCap = 10;
