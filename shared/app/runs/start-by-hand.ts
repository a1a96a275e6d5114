import { createHash } from 'node:crypto';
import { ConflictError } from '../../domain/errors.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { ProjectName, RoutineName, RunId } from '../../domain/names.ts';
import type { Run } from '../../domain/run.ts';
import { dispatchRunId } from '../../domain/run-id.ts';
import type { StoredIdempotencyRecord } from '../ports/run-store.ts';
import type { Timings } from '../timings.ts';
import type { Uses } from '../uses.ts';

export type StartByHandUses = Uses<'runs' | 'deliveries' | 'clock' | 'randomness' | 'timings'>;

/** `key`: the Idempotency-Key header. `request`: x-ms-client-request-id, when there is no Idempotency-Key. */
export interface Idempotency {
  readonly kind: 'key' | 'request';
  readonly value: string;
}

/** A run that a caller asks for. */
export interface AskedRun {
  readonly project: ProjectName;
  readonly routine: RoutineName;
  readonly idempotency?: Idempotency;
  /** What was asked for: the same key with another body asks for another run. */
  readonly body: JsonValue;
  /** Checks the request and makes the run; not asked for the repeat of an earlier request. */
  create(): Promise<(id: RunId, now: Date) => Run>;
}

const maxTries = 3;

/**
 * Starts a run by hand and answers with its id. A repeat under the same idempotency key answers with the first one's
 * id and starts nothing, whatever has become of the routine since: the caller only missed the first answer.
 *
 * The message is sent before the run is written (promise 8). A crash between leaves a message without a run: it is
 * dropped after a minute, and no caller was told of it. A crash after the write leaves a run that is delivered. A process
 * that was held up for so long that the message may be gone sends it again before it answers.
 */
export const startByHand = async (deps: StartByHandUses, asked: AskedRun): Promise<RunId> => {
  const { project, routine, idempotency } = asked;
  if (idempotency === undefined) return sendAndWrite(deps, await asked.create());
  const bodyHash = sha256(JSON.stringify(asked.body));
  for (let tries = 0; tries < maxTries; tries += 1) {
    const key = `${idempotency.kind}:${idempotency.value}`;
    const over = await deps.runs.findIdempotencyRecord(project, routine, key);
    const first = firstRunOf(over, { idempotency, bodyHash, now: deps.clock.now() }, deps.timings);
    if (first !== null) return first;
    const runId = await sendAndWrite(deps, await asked.create(), { key, bodyHash, over });
    if (runId !== null) return runId;
  }
  throw new ConflictError(`Routine "${routine}": too many requests with the same idempotency key at once.`);
};

interface Repeat {
  readonly idempotency: Idempotency;
  readonly bodyHash: string;
  readonly now: Date;
}

/** The run that an earlier request with this key started; null when this one is the first. */
const firstRunOf = (
  record: StoredIdempotencyRecord | null,
  repeat: Repeat,
  { idempotencySeconds }: Pick<Timings, 'idempotencySeconds'>,
): RunId | null => {
  const { idempotency, bodyHash, now } = repeat;
  if (record === null || record.expiresAt <= now) return null;
  if (record.bodyHash === bodyHash) return record.runId;
  // A client that reuses a request id for another body means another request; a reused Idempotency-Key is a mistake.
  if (idempotency.kind === 'request') return null;
  throw new ConflictError(
    `Idempotency-Key "${idempotency.value}" was used for another body within ${idempotencySeconds / 3600} hours.`,
  );
};

interface IdempotencyWrite {
  readonly key: string;
  readonly bodyHash: string;
  readonly over: StoredIdempotencyRecord | null;
}

async function sendAndWrite(deps: StartByHandUses, toRun: (id: RunId, now: Date) => Run): Promise<RunId>;
async function sendAndWrite(
  deps: StartByHandUses,
  toRun: (id: RunId, now: Date) => Run,
  write: IdempotencyWrite,
): Promise<RunId | null>;
async function sendAndWrite(
  deps: StartByHandUses,
  toRun: (id: RunId, now: Date) => Run,
  write?: IdempotencyWrite,
): Promise<RunId | null> {
  const { dispatchDelaySeconds, sendAgainAfterSeconds } = deps.timings;
  const now = deps.clock.now();
  const run = toRun(dispatchRunId(now, deps.randomness.hex(10)), now);
  const { project, routine, id: runId } = run;
  const message = { kind: 'dispatch', project, routine, runId, sentAt: now.getTime() } as const;
  await deps.deliveries.send(message, dispatchDelaySeconds);
  if (!(await writeAsked(deps, run, write))) return null;
  const waitedSeconds = (deps.clock.now().getTime() - now.getTime()) / 1000;
  if (waitedSeconds >= sendAgainAfterSeconds) {
    await deps.deliveries.send(message, dispatchDelaySeconds);
  }
  return runId;
}

/** False when another request has the idempotency key. */
const writeAsked = async (
  { runs, timings }: Uses<'runs' | 'timings'>,
  run: Run,
  write: IdempotencyWrite | undefined,
): Promise<boolean> => {
  if (write === undefined) {
    // The id is random: a run that is there already is this one, written behind a lost answer and claimed since.
    await runs.create(run);
    return true;
  }
  const { over, ...keyed } = write;
  const expiresAt = new Date(run.triggeredAt.getTime() + timings.idempotencySeconds * 1000);
  return (await runs.createDispatched(run, { ...keyed, runId: run.id, expiresAt }, over)) === 'created';
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
