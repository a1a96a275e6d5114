import * as z from 'zod';
import { unscaledTimings } from '../app/timings.ts';
import { StorageUnavailableError } from '../domain/errors.ts';

/** The SDK's own retries included. */
const deadlineMs = unscaledTimings.storage.deadlineSeconds * 1000;

/** What the storage SDKs throw. A single table operation says its error code in another place than a transaction. */
const sdkError = z.object({
  name: z.string(),
  message: z.string(),
  statusCode: z.number().optional(),
  code: z.string().optional().catch(undefined),
  details: z
    .object({ odataError: z.object({ code: z.string().optional() }).optional() })
    .optional()
    .catch(undefined),
});

export interface StorageRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** A call of an SDK, which ends when the signal is aborted. */
export type StorageCall<Answer> = (options: { readonly abortSignal: AbortSignal }) => Promise<Answer>;

/**
 * Makes one storage operation with a deadline. Throws StorageUnavailableError for every failure that says nothing about
 * the rows or messages: no answer, too busy, refused credentials, a table or queue that was never created. What is left
 * is an answer (`refusalOf` reads it) or a fault of ours; it is thrown as it is.
 */
export const storageCall = async <Answer>(operation: string, call: StorageCall<Answer>): Promise<Answer> => {
  try {
    return await call({ abortSignal: AbortSignal.timeout(deadlineMs) });
  } catch (cause) {
    const reason = whyUnavailable(cause);
    throw reason === null ? cause : new StorageUnavailableError(`${operation}: ${reason}`, { cause });
  }
};

const conflicts = new Set([409, 412]);

/** `storageCall` of a read. It expects no state that could be another one: a conflict says nothing about the rows. */
export const storageRead = async <Answer>(operation: string, call: StorageCall<Answer>): Promise<Answer> => {
  try {
    return await storageCall(operation, call);
  } catch (cause) {
    const refusal = refusalOf(cause);
    if (refusal === null || !conflicts.has(refusal.status)) throw cause;
    throw new StorageUnavailableError(`${operation}: storage answered a read with ${describeAnswer(refusal)}`, {
      cause,
    });
  }
};

/** The storage service's answer to an operation that it did not carry out; null when the error is something else. */
export const refusalOf = (error: unknown): StorageRefusal | null => {
  const parsed = sdkError.safeParse(error);
  if (!parsed.success || parsed.data.statusCode === undefined) return null;
  const { statusCode: status, code, details, message } = parsed.data;
  return { status, code: details?.odataError?.code ?? code ?? '', message };
};

const notCreated = new Set(['TableNotFound', 'TableBeingDeleted', 'QueueNotFound', 'QueueBeingDeleted']);
const credentialErrors = /^(AbortError|CredentialUnavailableError|\w*Authentication(Required)?Error)$/;

const whyUnavailable = (error: unknown): string | null => {
  const refusal = refusalOf(error);
  if (refusal !== null) return whyRefusalIsUnavailable(refusal);
  const parsed = sdkError.safeParse(error);
  if (!parsed.success) return null;
  const { name, message } = parsed.data;
  return name === 'RestError' || credentialErrors.test(name) ? `storage does not answer (${message})` : null;
};

const describeAnswer = ({ status, code }: StorageRefusal): string => (code === '' ? `${status}` : `${status} ${code}`);

const whyRefusalIsUnavailable = (refusal: StorageRefusal): string | null => {
  const { status, code } = refusal;
  const answer = describeAnswer(refusal);
  if (notCreated.has(code)) {
    return `storage answered ${answer}; expected the deployment, or npm start, to have created its tables and queues`;
  }
  if (status === 401 || status === 403) {
    return `storage refused the credentials with ${answer}; expected a valid key, or the data roles for tables and queues`;
  }
  return status === 408 || status === 429 || status >= 500 ? `storage answered ${answer}` : null;
};
