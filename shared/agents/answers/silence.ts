import { shortName } from './pending-requests.ts';

/** Why an agent that said nothing may have done so: what its answer holds instead of text. */
export interface Silence {
  /** An item that is no text, by its type. */
  saw(type: string): void;
  /** The reason that the agent, or a filter, gave for its end. */
  because(reason: unknown): void;
  describe(): string;
}

const maxKinds = 8;
const filter = /content_?filter|safety|refus|blocklist|prohibited|recitation/i;
/** Ends that explain nothing. */
const usual: ReadonlySet<string> = new Set(['stop', 'end_turn', 'completed', 'success', 'finish', 'finished']);

export const createSilence = (): Silence => {
  const kinds = new Set<string>();
  let reason: string | undefined;
  return {
    saw: (type) => {
      if (kinds.size < maxKinds) kinds.add(shortName(type) ?? 'items without a type');
    },
    because: (why) => {
      if (typeof why === 'string' && !usual.has(why.toLowerCase())) reason = shortName(why) ?? reason;
    },
    describe: () => {
      const holds = kinds.size === 0 ? '' : `: its answer holds only ${[...kinds].join(', ')}`;
      const why =
        reason === undefined ? '' : filter.test(reason) ? `: its text was filtered (${reason})` : ` (${reason})`;
      return `The agent said nothing${why}${holds === '' || why.startsWith(':') ? '' : holds}`;
    },
  };
};
