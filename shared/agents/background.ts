import type { AgentTimings } from '../app/timings.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { RunError } from '../domain/run.ts';
import { NoAnswerError } from './agent-http.ts';
import type { HttpAnswer } from './agent-protocol.ts';
import { platformErrorOf } from './call-errors.ts';
import { type ErrorMarks, errorMarksOf } from './error-places.ts';

/** How Responses agents are asked to work. */
export interface Background {
  readonly mode: Config['agents']['responsesBackground'];
  /** Agents that have refused to work in the background. */
  readonly refusers: Refusers;
}

export interface Refusers {
  has(agent: string): boolean;
  add(agent: string): void;
}

export interface RefuserOptions {
  readonly clock: Clock;
  readonly timings: Pick<AgentTimings, 'rememberForegroundSeconds'>;
}

const maxRefusers = 1000;

/** Remembers them for a while: they may be deployed anew. The one that was added first is forgotten when there are too many. */
export const createRefusers = ({ clock, timings }: RefuserOptions): Refusers => {
  const untilMs = new Map<string, number>();
  return {
    has: (agent) => clock.now().getTime() < (untilMs.get(agent) ?? 0),
    add: (agent) => {
      // Deleted first, so that the map's order is the order of the refusals.
      untilMs.delete(agent);
      const [oldest] = untilMs.keys();
      if (untilMs.size >= maxRefusers && oldest !== undefined) untilMs.delete(oldest);
      untilMs.set(agent, clock.now().getTime() + timings.rememberForegroundSeconds * 1000);
    },
  };
};

/**
 * Asks an agent to work in the background. One that refuses is asked for the same again, without that, within the same
 * attempt: the refused call has begun nothing.
 */
export const askInBackground = async (
  { mode, refusers }: Background,
  agent: string,
  send: (more: typeof inBackground | object) => Promise<HttpAnswer>,
): Promise<HttpAnswer> => {
  if (mode === 'never')
    return timely(send({}), 'AGENT_RESPONSES_BACKGROUND is never, so the agent takes no background work');
  if (mode === 'auto' && refusers.has(agent)) return inForeground(send);
  const answer = await timely(
    send(inBackground),
    'asked to take the work into the background, it did not answer: it seems that the agent takes no background work',
  );
  if (mode === 'always' || !refusesBackground(answer)) return answer;
  refusers.add(agent);
  return inForeground(send);
};

const inBackground = { background: true, store: true } as const;

const inForeground = (send: (more: object) => Promise<HttpAnswer>): Promise<HttpAnswer> =>
  timely(send({}), 'it has refused to work in the background: the agent takes no background work');

/** A call that times out says why it had to be answered in so short a time. */
const timely = async (answer: Promise<HttpAnswer>, why: string): Promise<HttpAnswer> => {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof NoAnswerError) || error.reason.type !== 'timeout') throw error;
    const { isFinal, reason } = error;
    const message = `${reason.message}; ${why}. Let it take work that is sent with "background": true, or raise ATTEMPT_TIMEOUT_SECONDS`;
    throw new NoAnswerError({ ...reason, message } satisfies RunError, { isFinal });
  }
};

/** Whether the agent refuses the call for its being sent to the background, or for that being stored. */
export const refusesBackground = (by: HttpAnswer): boolean => {
  if (by.status !== 400 && by.status !== 422) return false;
  const { places, codes }: ErrorMarks = errorMarksOf(by);
  const platform = platformErrorOf(by);
  return places.some(isOurs) || [...codes, ...(platform === undefined ? [] : [platform])].some(isAboutBackground);
};

/** The fields of a call. The first of them in a path says what the error is about: what is asked may have fields, too. */
const fields: ReadonlySet<string> = new Set([
  'input',
  'conversation',
  'agent_reference',
  'agent',
  'background',
  'store',
]);

const isOurs = (place: readonly string[]): boolean => {
  const field = place.find((step) => fields.has(step));
  return field === 'background' || field === 'store';
};

/** `store` is also what vectors and keys are kept in: such a code is about something else. */
const aboutStore =
  /^(?:(?:unsupported|invalid|unknown|unrecognized|unexpected|disallowed|forbidden)(?: (?:parameter|param|field|value|argument))? )?store(?: (?:parameter|param|true|is|not|must|un\w+|in\w+|dis\w+|for\w+|requires?|required)\b.*)?$/;

const isAboutBackground = (code: string): boolean => {
  const words = code
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z\d]+/g, ' ')
    .toLowerCase()
    .trim();
  return (
    /\bbackground\b/.test(words) || (aboutStore.test(words) && !/^store (?:un|not )(?:avail|found|reach)/.test(words))
  );
};
