import type { AgentTimings } from '../app/timings.ts';
import { lettersAndDigitsOf } from '../domain/letters.ts';
import type { WorkIds } from '../domain/run.ts';
import { NoAnswerError } from './agent-http.ts';
import type { AgentHttp, AgentRequest, Beginning, HttpAnswer, StartReading } from './agent-protocol.ts';
import { errorMarksOf } from './error-places.ts';

export type LookUpTimings = Pick<AgentTimings, 'lookUpTimeoutSeconds' | 'findBegunSeconds'>;

/** Work that is begun under an id of ours. */
export interface OwnWork {
  readonly ids: WorkIds;
  /** The question after it. */
  readonly request: AgentRequest;
  /**
   * What an answer to that says of it. Null: nothing, or of other work. `abandoned`: the agent has given it up because
   * the call that began it was cut off.
   */
  readonly read: (by: HttpAnswer) => StartReading | 'abandoned' | null;
  /** The call that begins it, and what its answer says. */
  readonly begin: () => Promise<HttpAnswer>;
  readonly readBegin: (by: HttpAnswer) => StartReading;
}

/**
 * Begins work once, where agents know it by our id (promise 11). An agent may have begun it for a call whose answer was
 * lost: it is asked first, because some servers begin it anew when a known id comes again, or once the work has ended.
 * Others say that they know the id: then the work is gone on with.
 */
export const beginOnce = async (
  http: AgentHttp,
  { mayBeBegun, unfoundSeconds }: Beginning,
  { timings, ...work }: OwnWork & { readonly timings: LookUpTimings },
): Promise<StartReading> => {
  const look = () => lookFor(http, work, timings);
  const known = mayBeBegun ? await look() : null;
  if (known?.kind === 'found') return known.reading;
  const by = await work.begin();
  if (!saysKnown(by)) return work.readBegin(by);
  const found = await look();
  if (found.kind === 'found') return found.reading;
  const isLost = found.kind === 'unfound' && unfoundSeconds >= timings.findBegunSeconds;
  if (found.kind === 'abandoned' || isLost) {
    const why = isLost ? `has not found it for ${Math.round(unfoundSeconds)} s` : 'has given it up';
    throw new NoAnswerError({ ...conflict(by), message: `The agent says that it knows the work, and ${why}` });
  }
  return found.kind === 'unfound'
    ? { kind: 'busy', by, isUnfound: true, reason: 'The agent says that it knows the work, and does not find it yet' }
    : { kind: 'accepted', ids: work.ids, by };
};

const conflict = ({ status }: HttpAnswer) => ({ statusCode: status, type: 'response_id_conflict' }) as const;

type Look =
  | { readonly kind: 'found'; readonly reading: StartReading }
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'unfound' }
  | { readonly kind: 'unknown' };

/** Never rejects: where the time of the whole call is over, the call itself says so. */
const lookFor = async (
  http: AgentHttp,
  { request, read }: Pick<OwnWork, 'request' | 'read'>,
  { lookUpTimeoutSeconds: timeoutSeconds }: LookUpTimings,
): Promise<Look> => {
  try {
    const by = await http.send({ ...request, timeoutSeconds });
    const reading = read(by);
    if (reading === 'abandoned') return { kind: 'abandoned' };
    if (reading !== null) return { kind: 'found', reading };
    return { kind: by.status === 404 || by.status === 410 ? 'unfound' : 'unknown' };
  } catch (error) {
    if (error instanceof NoAnswerError) return { kind: 'unknown' };
    throw error;
  }
};

/** What was begun under the id is known there. */
const knownCodes: ReadonlySet<string> = new Set(
  [
    ...['response_id', 'invocation_id'].flatMap((id) => [`${id}_conflict`, `${id}_in_use`]),
    ...['response_id', 'invocation_id', 'response', 'invocation'].flatMap((id) => [
      `${id}_already_exists`,
      `${id}_exists`,
      `duplicate_${id}`,
    ]),
  ].map(lettersAndDigitsOf),
);
/** Codes that say so only of the place that they name. */
const conflictCodes: ReadonlySet<string> = new Set(
  ['conflict', 'already_exists', 'duplicate', 'resource_already_exists', 'resource_exists', 'id_conflict'].map(
    lettersAndDigitsOf,
  ),
);
const ownPlaces: ReadonlySet<string> = new Set(
  ['response_id', 'invocation_id', 'x-agent-response-id', 'x-agent-invocation-id'].map(lettersAndDigitsOf),
);

const saysKnown = (by: HttpAnswer): boolean => {
  if (by.status !== 409) return false;
  const { codes, places } = errorMarksOf(by);
  const said = codes.map(lettersAndDigitsOf);
  if (said.some((code) => knownCodes.has(code))) return true;
  const isOfOurId = places.some((place) => place.some((step) => ownPlaces.has(lettersAndDigitsOf(step))));
  return isOfOurId && said.some((code) => conflictCodes.has(code));
};
