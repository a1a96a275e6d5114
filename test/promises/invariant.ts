import { type Evidence, type Unknown, unknown } from './evidence.ts';

/** One thing that is wrong: in words, and what it is about. */
export interface Finding {
  readonly what: string;
  /** Of the routine, the trigger, the run, the message. */
  readonly ids: readonly string[];
}

/** The evidence of a world that knows these parts. */
export type Knowing<Part extends keyof Evidence> = Evidence & {
  readonly [Known in Part]: Exclude<Evidence[Known], Unknown>;
};

/** Pure. What is wrong in the evidence; nothing, when this was kept, or when the world cannot know. */
export interface Invariant {
  readonly promise: number;
  /** What a world must know to be judged. */
  readonly needs: readonly (keyof Evidence)[];
  find(evidence: Evidence): readonly Finding[];
}

interface Statement<Part extends keyof Evidence> {
  /** By its number in docs/architecture.md. */
  readonly promise: number;
  readonly needs: readonly Part[];
}

export const invariant = <Part extends keyof Evidence>(
  { promise, needs }: Statement<Part>,
  find: (evidence: Knowing<Part>) => readonly Finding[],
): Invariant => ({ promise, needs, find: (evidence) => (knows(evidence, needs) ? find(evidence) : []) });

const knows = <Part extends keyof Evidence>(evidence: Evidence, needs: readonly Part[]): evidence is Knowing<Part> =>
  needs.every((part) => evidence[part] !== unknown);
