import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import {
  describeErrorObject,
  describeErrorValue,
  type Failure,
  saysError,
} from '../../domain/progress/describe-error.ts';
import { readStatus } from './work-status.ts';

/** What an event says of how the work goes: its status, and what failed. */
export interface EventVerdict {
  readonly status?: string | undefined;
  /** Why the work is incomplete. */
  readonly reason?: string | undefined;
  readonly error?: Failure | undefined;
}

const errorTypes: ReadonlySet<string> = new Set(['error', 'RUN_ERROR']);
/** The end of a response, or of a run of the Assistants API, by the name of its event. */
const endType = /^(?:response|thread\.run)\.(failed|incomplete|cancelled|canceled|expired|completed)$/;
/** Steps and messages have a status of their own. */
const innerType = /^thread\.(?!run\.[a-z_]+$)/;

export const verdictOf = (name: string, type: string, event: JsonObject): EventVerdict => {
  const speakers = speakersIn(event);
  return {
    status: statusOf(type, speakers),
    reason: speakers.map(({ incomplete_details: why }) => isJsonObject(why) && why.reason).find(isText),
    error: errorOf(name, type, event),
  };
};

/** A Responses event wraps the response that it is about, one of A2A the state of a task. */
const speakersIn = (event: JsonObject): readonly JsonObject[] =>
  [event, event.response, event.result].filter(isJsonObject);

const statusOf = (type: string, speakers: readonly JsonObject[]): string | undefined => {
  if (innerType.test(type)) return undefined;
  const said = speakers.map(({ status }) => (isJsonObject(status) ? status.state : status)).find(isText);
  const byType = endType.exec(type)?.[1];
  return byType === undefined || (byType === 'completed' && said !== undefined) ? said : byType;
};

const errorOf = (name: string, type: string, event: JsonObject): Failure | undefined => {
  if (name === 'error' || errorTypes.has(type)) {
    const { code, message } = describeErrorObject(event);
    // As the AI SDK says it.
    const text = message ?? (isText(event.errorText) ? event.errorText : undefined);
    return { code, message: text ?? 'The stream ended with an error' };
  }
  if (type === 'abort') return { message: 'The stream says that its work was aborted' };
  for (const { error, last_error: lastError } of speakersIn(event)) {
    const said = isJsonObject(lastError) && type === 'thread.run.failed' ? lastError : error;
    if (!saysError(said)) continue;
    const { code, message } = describeErrorValue(said);
    return { code, message: message ?? 'The stream holds an error without a message' };
  }
  return undefined;
};

/** A last status, spelled any way, that says that there is more to come. Others are words of an agent that tells of its progress. */
export const isUnderWay = (status: string | undefined): boolean =>
  /^(?:queued|in[-_ ]?progress|running)$/i.test(status ?? '');

/** A last status that is no success. */
export const failureBy = (status: string | undefined, reason: string | undefined): Failure | undefined =>
  isFailure(status)
    ? { message: `The stream says that its status is ${status}${reason === undefined ? '' : `: ${reason}`}` }
    : undefined;

const isFailure = (status: string | undefined): boolean => {
  const { kind } = readStatus(status);
  return kind === 'failed' || kind === 'cancelled';
};

const isText = (value: unknown): value is string => typeof value === 'string';
