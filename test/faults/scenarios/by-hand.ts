import { z } from 'zod';
import type { RunId } from '../../../shared/domain/names.ts';
import type { RunState } from '../../../shared/domain/run.ts';
import { dispatchRunId } from '../../../shared/domain/run-id.ts';
import { runId } from '../../../shared/domain/schema/name-schemas.ts';
import { systemRandomness } from '../../../shared/randomness.ts';
import { aRun } from '../../builders.ts';
import type { HostPart, Scenario } from '../scenario.ts';
import type { Stage, Told } from '../stage.ts';
import { dueNow, project, routineDueAt, seedRoutines, struck } from './seeds.ts';

const request = { project, routine: struck };

/** A routine between two slots. */
const idle = (stage: Stage): Promise<void> => {
  const slot = dueNow();
  return seedRoutines(stage, [routineDueAt(new Date(slot.getTime() + 30 * 60_000))]);
};

const theKey = 'one';
const keyed = { ...request, idempotency: { kind: 'key', value: theKey } } as const;

/** Remembers that a run was asked for, and which one when that was answered. */
const start = async ({ starts }: Told, ask: () => Promise<RunId>, key?: string): Promise<void> => {
  const asked: Told['starts'][number] = { routine: struck, key };
  starts.push(asked);
  asked.runId = await ask();
};

/** The client repeats what was not answered, under the same key, and starts nothing by it. */
const dispatchWithKey = ({ app, clean, told }: Stage): Promise<void> =>
  start(told, () => app.service.dispatchRoutine(keyed).catch(() => clean.service.dispatchRoutine(keyed)), theKey);

const dispatch = ({ app, told }: Stage): Promise<void> => start(told, () => app.service.dispatchRoutine(request));

const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000);

interface Left {
  readonly state: RunState;
  /** It excludes other runs, and holds its routine until then. */
  readonly heldUntil?: Date;
}

/** A dispatched run in that state, its message on the queue, as what came before has left them. */
const runLeftAs =
  (left: () => Left) =>
  async (stage: Stage): Promise<void> => {
    await idle(stage);
    const { runs, deliveries } = stage.stores;
    const { state, heldUntil } = left();
    const now = new Date();
    const id = dispatchRunId(now, systemRandomness.hex(10));
    const { scheduledFireAt: _, triggerTimeZone: __, ...run } = aRun({ ...request, id, triggeredAt: now });
    const startedAt = state.phase === 'queued' ? undefined : now;
    const dispatched = { ...run, attemptSource: 'queued_dispatch', startedAt, state } as const;
    if (heldUntil === undefined) await runs.create(dispatched);
    else {
      const to = { active: { runId: id, until: heldUntil } };
      await runs.create({ ...dispatched, exclusive: 'skip_if_active' }, { over: { version: null }, to });
    }
    await deliveries.send({ kind: 'dispatch', ...request, runId: id, sentAt: now.getTime() }, 1);
    stage.told.starts.push({ routine: struck, runId: id });
  };

const cancel = async ({ app, told }: Stage): Promise<void> => {
  const id = told.starts[0]?.runId;
  if (id === undefined) throw new Error('expected a run to cancel');
  await app.service.cancelRun(project, struck, id);
  told.cancelled.push(id);
};

const backingOff = (): RunState => ({ phase: 'backing_off', retryAt: inSeconds(2) });
/** Its delivery has crashed. */
const calling = (): RunState => ({
  phase: 'dispatching',
  claim: { owner: 'a crashed delivery', attempt: 1, startedAt: inSeconds(0), leaseUntil: inSeconds(1) },
});

const routineUrl = (url: string): string => `${url}/api/projects/${project}/routines/${struck}`;

const post = async (url: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> => {
  const response = await fetch(url, { method: 'POST', headers });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
};

const dispatched = z.object({ routine_run_id: runId });

const callDispatch = ({ told }: Stage, url: string): Promise<void> =>
  start(told, async () => dispatched.parse(await post(`${routineUrl(url)}:dispatch_async`)).routine_run_id);

const callDispatchWithKey = ({ clean, told }: Stage, url: string): Promise<void> =>
  start(
    told,
    () =>
      post(`${routineUrl(url)}:dispatch_async`, { 'idempotency-key': theKey }).then(
        (body) => dispatched.parse(body).routine_run_id,
        () => clean.service.dispatchRoutine(keyed),
      ),
    theKey,
  );

const callCancel = async ({ told }: Stage, url: string): Promise<void> => {
  const id = told.starts[0]?.runId;
  await post(`${routineUrl(url)}/runs/${id}:cancel`);
  if (id !== undefined) told.cancelled.push(id);
};

/** What the dispatch writes; its delivery begins a second later. */
const dispatching: HostPart = {
  isOwn: ({ method, service, target }) =>
    service === 'table' ? /(routines|runs)$/.test(target) : target.endsWith('-delivery') && method === 'POST',
  call: callDispatch,
};

export const dispatchScenarios: readonly Scenario[] = [
  { title: 'dispatch', host: dispatching, prepare: idle, act: dispatch },
  {
    title: 'dispatch with a key',
    host: { ...dispatching, call: callDispatchWithKey },
    prepare: idle,
    act: dispatchWithKey,
  },
];

/** Its delivery goes on where the cancellation was refused. */
const ends = ['killed', 'completed'] as const;
const cancelling: HostPart = { isOwn: ({ target }) => target.endsWith('runs'), call: callCancel };

export const cancelScenarios: readonly Scenario[] = [
  {
    title: 'cancel of a queued run',
    host: cancelling,
    ends,
    prepare: runLeftAs(() => ({ state: { phase: 'queued' } })),
    act: cancel,
  },
  {
    title: 'cancel between attempts',
    host: cancelling,
    ends,
    prepare: runLeftAs(() => ({ state: backingOff() })),
    act: cancel,
  },
  {
    title: 'cancel between exclusive attempts',
    host: cancelling,
    ends,
    prepare: runLeftAs(() => ({ state: backingOff(), heldUntil: inSeconds(4) })),
    act: cancel,
  },
  {
    title: 'cancel of an attempt',
    host: cancelling,
    ends,
    prepare: runLeftAs(() => ({ state: calling(), heldUntil: inSeconds(1) })),
    act: cancel,
  },
];
