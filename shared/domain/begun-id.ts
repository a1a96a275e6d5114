import { createHash } from 'node:crypto';
import type { Run } from './run.ts';

/**
 * The ids under which hosted agents are asked to begin work. A repeat of a call whose answer was lost comes under the
 * same id, and the agent can tell that it knows the work; after an answer that was a failure a new id is due. So the id
 * is a function of the run and of how many of its attempts ended with a status code.
 */
export interface BegunWork {
  readonly runId: Run['id'];
  /** Attempts of the run that the agent answered. */
  readonly answered: number;
}

/** How many attempts of a run the agent has answered. */
export const answeredAttempts = ({ attempts }: Pick<Run, 'attempts'>): number =>
  attempts.filter(({ statusCode }) => statusCode !== undefined).length;

/**
 * Whether the agent may know the id that this run's next attempt begins its work under: not after an answer, which makes
 * the id a new one, and not after an answer that the agent was busy. A claim that was never recorded was cut off.
 */
export const mayBeBegun = ({ startedAt, state, attempts, waited }: BegunBefore): boolean => {
  if (startedAt === undefined) return false;
  if (state.phase !== 'backing_off') return true;
  const last = attempts.at(-1);
  return (last !== undefined && last.statusCode === undefined) || waited?.unfoundSince !== undefined;
};

type BegunBefore = Pick<Run, 'startedAt' | 'state' | 'attempts' | 'waited'>;

const partitionLength = 18;
const entropyLength = 32;
const entropyAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * A response id as the hosted agents' server library makes them: `caresp_`, a partition key of 16 hex digits and `00`,
 * and 32 letters and digits. Responses of a conversation take its partition key, so that they are stored beside it.
 */
export const responseIdFor = (work: BegunWork, conversation?: string): string => {
  const digest = digestOf('response', work);
  const partition = partitionOf(conversation) ?? `${digest.toString('hex').slice(0, 16)}00`;
  // 62 does not divide 256: an id must be unlike others, not evenly spread.
  const entropy = [...digest].map((byte) => entropyAlphabet[byte % entropyAlphabet.length]).join('');
  return `caresp_${partition}${entropy.slice(0, entropyLength)}`;
};

/** An invocation id: a UUID, as the server library makes them when it is given none. */
export const invocationIdFor = (work: BegunWork): string => {
  const hex = digestOf('invocation', work).toString('hex');
  // Version 8: made of whatever its maker likes (RFC 9562).
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
};

const digestOf = (kind: string, { runId, answered }: BegunWork): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([kind, runId, answered]))
    .digest();

/** The partition key in an id of the library's: at the beginning of the newer form, at the end of the older one. */
const partitionOf = (id: string | undefined): string | undefined => {
  const body = /^[a-z]+_([0-9A-Za-z]+)$/.exec(id ?? '')?.[1] ?? '';
  if (body.length === partitionLength + entropyLength) return body.slice(0, partitionLength);
  return body.length === 48 ? `${body.slice(-16)}00` : undefined;
};
