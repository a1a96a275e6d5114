import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { readStatus, type WorkStatus } from './work-status.ts';

/** The fields with which an answer tells of the work itself. */
const envelope: ReadonlySet<string> = new Set(
  `status, state, id, type, object, invocation_id, invocationId, session_id, sessionId, agent_session_id, request_id,
  requestId, run_id, runId, task_id, taskId, job_id, jobId, thread_id, conversation_id, response_id, agent, agent_name,
  output, result, response, error, errors, message, detail, details, reason, code, success, ok, progress, retry_after,
  created_at, createdAt, updated_at, updatedAt, started_at, startedAt, completed_at, completedAt, ended_at, timestamp,
  poll_url, status_url, statusUrl, location, usage, model, metadata`
    .split(',')
    .map((name) => name.trim()),
);

const maxFields = 40;

/**
 * The status of the work that an answer of an agent's own shape tells. Where fields of the agent's own stand beside it,
 * as in `{"status": "failed", "build": 42}`, it may as well be that of what the agent writes about, and counts only when
 * the answer names its invocation.
 */
export const ownStatusIn = (body: JsonObject): WorkStatus => {
  const status = readStatus(body.status);
  // The task that A2A answers with: one that goes on has no invocation to ask for its end by.
  if (status.kind === 'none' && typeof body.jsonrpc === 'string' && isJsonObject(body.result)) {
    const task = readStatus(body.result.status);
    return task.kind === 'failed' || task.kind === 'cancelled' ? task : status;
  }
  if (status.kind === 'none' || typeof body.invocation_id === 'string') return status;
  let fields = 0;
  for (const name in body) {
    fields += 1;
    if (fields > maxFields || !envelope.has(name)) return { kind: 'none', says: '' };
  }
  return status;
};

/** The status that a poll is answered with: there it is that of the work. Durable functions call it `runtimeStatus`. */
export const polledStatusIn = (body: JsonObject): WorkStatus => {
  const found = [body.status, body.state, body.runtimeStatus].map(readStatus).find(({ kind }) => kind !== 'none');
  return found ?? { kind: 'none', says: '' };
};
