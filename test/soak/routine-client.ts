import { isJsonObject, type JsonObject } from '../../shared/domain/json.ts';
import type { RunId } from '../../shared/domain/names.ts';
import { isRunId } from '../../shared/domain/run-id.ts';
import type { TimedTrigger } from '../../shared/domain/trigger.ts';
import type { ApiAnswer, CallApi } from './api-client.ts';
import type { Cancel, Change, ChangeKind, Definition, Ledger, RoutineLedger, Start } from './ledger.ts';

/** Asks one thing of one routine, and enters into the ledger what was asked and what came of it. */
export interface RoutineClient {
  put(routine: RoutineLedger, definition: Definition, description?: string): Promise<Change>;
  change(routine: RoutineLedger, kind: Exclude<ChangeKind['kind'], 'put'>): Promise<Change>;
  dispatch(routine: RoutineLedger, key?: string): Promise<Start>;
  retry(routine: RoutineLedger, run: RunId): Promise<Start>;
  cancel(routine: RoutineLedger, run: RunId): Promise<Cancel>;
  /** A run that was acknowledged stands in the list of runs from then on. */
  listRuns(routine: RoutineLedger): Promise<void>;
  /** The status of the health endpoint; 0 when it does not answer. */
  health(): Promise<number>;
}

export const createRoutineClient = (call: CallApi, ledger: Ledger): RoutineClient => {
  const change = async (routine: RoutineLedger, kind: ChangeKind, answered: Promise<ApiAnswer>): Promise<Change> => {
    const made: Change = { ...kind, ...withoutBody(await answered) };
    routine.changes.push(made);
    return made;
  };
  const start = (routine: RoutineLedger, answer: ApiAnswer, key?: string): Start => {
    const made: Start = { ...withoutBody(answer), key, runId: runIdOf(answer) };
    if (made.outcome === 'acknowledged' && made.runId === undefined) {
      ledger.complaints.push(`A start of ${routine.name} was answered without a run id`);
    }
    routine.starts.push(made);
    return made;
  };
  return {
    put: (routine, definition, description) => {
      const body = toWire(routine, definition, description);
      return change(routine, { kind: 'put', definition }, call({ method: 'PUT', path: pathOf(routine), body }));
    },
    change: (routine, kind) => {
      const path = pathOf(routine);
      const answered =
        kind === 'delete' ? call({ method: 'DELETE', path }) : call({ method: 'POST', path: `${path}:${kind}` });
      return change(routine, { kind }, answered);
    },
    dispatch: async (routine, key) => {
      const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
      return start(routine, await call({ method: 'POST', path: `${pathOf(routine)}:dispatch_async`, headers }), key);
    },
    retry: async (routine, run) =>
      start(routine, await call({ method: 'POST', path: `${pathOf(routine)}/runs/${run}:retry` })),
    cancel: async (routine, runId) => {
      const answer = await call({ method: 'POST', path: `${pathOf(routine)}/runs/${runId}:cancel` });
      const made: Cancel = { ...withoutBody(answer), runId };
      routine.cancels.push(made);
      return made;
    },
    listRuns: async (routine) => {
      const promised = routine.starts.flatMap(({ runId }) => runId ?? []).at(-1);
      const { outcome, body } = await call({ method: 'GET', path: `${pathOf(routine)}/runs?limit=1000` });
      if (promised === undefined || outcome !== 'acknowledged') return;
      const listed = toList(body?.value).some(({ id }) => id === promised);
      if (!listed) ledger.complaints.push(`Run ${promised} of ${routine.name} was promised, and its list lacks it`);
    },
    health: async () => (await call({ method: 'GET', path: '/health' })).status,
  };
};

const pathOf = ({ project, name }: RoutineLedger): string => `/projects/${project}/routines/${name}`;

const withoutBody = ({ body: _, ...record }: ApiAnswer): Omit<ApiAnswer, 'body'> => record;

const runIdOf = ({ outcome, body }: ApiAnswer): RunId | undefined => {
  // The answer to a retry is the run itself.
  const id = body?.routine_run_id ?? body?.id;
  return outcome === 'acknowledged' && typeof id === 'string' && isRunId(id) ? id : undefined;
};

const toList = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

const toWire = ({ policy }: RoutineLedger, { enabled, trigger }: Definition, description = ''): JsonObject => ({
  description,
  enabled,
  concurrency_policy: policy,
  triggers: { main: toWireTrigger(trigger) },
  action: { type: 'invoke_agent_responses_api', agent_name: 'moody-agent', input: 'Do your work.' },
});

const toWireTrigger = (trigger: TimedTrigger): JsonObject =>
  trigger.type === 'timer'
    ? { type: 'timer', at: trigger.at.toISOString() }
    : { type: 'schedule', cron_expression: trigger.cronExpression, time_zone: trigger.timeZone };
