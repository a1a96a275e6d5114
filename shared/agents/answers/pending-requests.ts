import { truncateText } from '../../domain/truncate-text.ts';

/** What an agent waits for, and who would have to give it: a person, or the program that called it. */
export interface PendingRequest {
  /** The type of the item, or the status, that says so. */
  readonly what: string;
  readonly tool?: string | undefined;
  readonly server?: string | undefined;
  /** Where a person would give consent. */
  readonly link?: string | undefined;
}

/** Collects what an agent asks for and what was answered, in any order, in bounded memory. */
export interface PendingRequests {
  /** `refs`: the ids by which an answer may name it. */
  ask(request: PendingRequest, refs?: readonly string[]): void;
  answer(refs: readonly string[]): void;
  /** The agent went on without an answer: what was asked so far, and begins like that, was the agent's own matter. */
  goOn(beginning: string): void;
  /** Undefined when everything was answered. */
  first(): PendingRequest | undefined;
}

/** Of more nothing is kept: the first that is not answered decides. */
const maxRequests = 10_000;

export const createPendingRequests = (): PendingRequests => {
  const asked: { readonly request: PendingRequest; readonly refs: readonly string[] }[] = [];
  const answered = new Set<string>();
  const goneOn = new Map<string, number>();
  return {
    ask: (request, refs = []) => {
      if (asked.length < maxRequests) asked.push({ request, refs });
    },
    answer: (refs) => {
      for (const ref of refs) if (answered.size < maxRequests) answered.add(ref);
    },
    goOn: (beginning) => void goneOn.set(beginning, asked.length),
    first: () => {
      const gone = [...goneOn];
      const open = asked.filter(
        ({ request, refs }, index) =>
          !refs.some((ref) => answered.has(ref)) &&
          !gone.some(([beginning, count]) => index < count && request.what.startsWith(beginning)),
      );
      // A status says only that something waits; an item beside it says what.
      return (open.find(({ request }) => !request.what.startsWith('status ')) ?? open[0])?.request;
    },
  };
};

const maxNameLength = 128;

/** What names something, short enough for a message. */
export const shortName = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? truncateText(value.trim(), maxNameLength) : undefined;

/** A message keeps 1,024 characters: a longer link would be cut, and a cut one leads nowhere. */
const maxLinkLength = 640;

/** A link that a person can follow. */
export const webLink = (value: unknown): string | undefined => {
  if (typeof value !== 'string' || value.length > maxLinkLength || /[\s\p{Cc}]/u.test(value)) return undefined;
  return /^https?:\/\/[^/]/i.test(value) && URL.canParse(value) ? value : undefined;
};

/**
 * A request that stopped the agent tells more than that it stopped. A call that a limit of tokens cut off was never made:
 * then the limit is what there is to tell.
 */
export const isWhyIncomplete = ({ what }: PendingRequest, reason: string | undefined): boolean =>
  reason === undefined || what.endsWith('request');

/** What the run's error says of it. */
export const describePending = ({ what, tool, server, link }: PendingRequest): string => {
  const about = [
    ...(tool === undefined ? [] : [` for the tool "${tool}"`]),
    ...(server === undefined ? [] : [` of "${server}"`]),
  ].join('');
  const where = link === undefined ? '' : `. Consent is given at ${link}`;
  return `The agent waits for what no routine can answer: ${what}${about}${where}`;
};
