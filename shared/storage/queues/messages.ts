import * as z from 'zod';
import type {
  DeliveryMessage,
  DispatchMessage,
  FireMessage,
  PollMessage,
  ReconcileMessage,
  ScanFindings,
  ScanMessage,
  WorkMessage,
} from '../../app/ports/messages.ts';
import { isJsonObject, parseJsonText } from '../../domain/json.ts';
import { projectName, routineName, runId, triggerName } from '../../domain/schema/name-schemas.ts';
import { type StoredFields, storedObject } from '../../domain/schema/stored-fields.ts';

const routine = { project: projectName, routine: routineName };
/** What a Date can hold: beyond it there is no time that a delivery could wait for. */
const instant = z.int().nonnegative().max(8_640_000_000_000_000);

const fireMessage = storedObject({
  kind: z.literal('fire'),
  ...routine,
  trigger: triggerName,
  nominal: instant,
  aside: z.int().positive().optional(),
  again: z.literal(true).optional(),
} satisfies StoredFields<FireMessage>);

const dispatchMessage = storedObject({
  kind: z.literal('dispatch'),
  ...routine,
  runId,
  sentAt: instant,
  aside: z.int().positive().optional(),
} satisfies StoredFields<DispatchMessage>);

const pollMessage = storedObject({
  kind: z.literal('poll'),
  ...routine,
  runId,
  poll: z.int().positive(),
} satisfies StoredFields<PollMessage>);

const reconcileMessage = storedObject({
  kind: z.literal('reconcile'),
  ...routine,
  generation: z.int().nonnegative(),
  again: z.literal(true).optional(),
  lives: z.int().positive().optional(),
} satisfies StoredFields<ReconcileMessage>);

const count = z.int().nonnegative();
const scanMessage = storedObject({
  kind: z.literal('scan'),
  startedAt: instant,
  after: storedObject(routine satisfies StoredFields<NonNullable<ScanMessage['after']>>).optional(),
  found: storedObject({
    routines: count,
    lostRuns: count,
    repairedSchedules: count,
    unreadableRoutines: count,
  } satisfies StoredFields<ScanFindings>),
  lives: z.int().positive().optional(),
} satisfies StoredFields<ScanMessage>);

const deliveryMessage = z.discriminatedUnion('kind', [fireMessage, dispatchMessage, pollMessage]);
const workMessage = z.discriminatedUnion('kind', [reconcileMessage, scanMessage]);

/** A message that can be read again. */
type ReadableMessage = z.output<typeof deliveryMessage> | z.output<typeof workMessage>;

/**
 * The version of what messages say, in their field `v`: +1 with every change of a field. It says who sent the message. A
 * message without it is of version 0; one of a newer version is read as long as what is known here can be.
 */
export const messageVersion = 2;

/** The message as it is sent. Fields that only a newer version knows stay in it. */
export const withVersion = (message: ReadableMessage) => ({ ...message, v: messageVersion });

/** A message that is none of this queue's: it can never be handled, however often it is delivered. */
export class InvalidMessageError extends Error {
  override readonly name = 'InvalidMessageError';
}

/**
 * What a delivery message says. Takes what the queue trigger hands over: the parsed JSON, or the text when it is no
 * JSON. Throws InvalidMessageError.
 */
export const parseDeliveryMessage = (body: unknown): DeliveryMessage => parseMessage(deliveryMessage, body);

/** As parseDeliveryMessage, for the work queue. */
export const parseWorkMessage = (body: unknown): WorkMessage => parseMessage(workMessage, body);

const parseMessage = <Message>(schema: z.ZodType<Message>, body: unknown): Message => {
  const json = typeof body === 'string' ? parseJsonText(body) : body;
  if (typeof body === 'string' && json === undefined) {
    throw new InvalidMessageError('Queue message cannot be read: it is no JSON');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'message'}: ${message}`);
  throw new InvalidMessageError(`Queue message cannot be read: ${reasons.join('; ')}`);
};

/** A message as text, for an operator to read: as it stood, or as JSON when the platform has parsed it. */
export const toMessageText = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

/** The wire text: base64 of JSON, as host.json says. An object always, since the platform parses a bare string. */
export const encodeMessage = (message: unknown): string => {
  if (!isJsonObject(message)) throw new Error(`Queue message ${JSON.stringify(message)}: expected an object`);
  return encodeText(JSON.stringify(message));
};

export const encodeText = (text: string): string => Buffer.from(text).toString('base64');

const maxDelaySeconds = 604_800;

/** A delay as the queue takes it: whole seconds, rounded down, from 0 to seven days. */
export const toVisibilitySeconds = (delaySeconds: number): number =>
  Math.min(maxDelaySeconds, Math.max(0, Math.floor(delaySeconds)));
