import { lettersAndDigitsOf } from '../domain/letters.ts';
import { describeErrorBody } from '../domain/progress/describe-error.ts';
import type { HttpAnswer } from './agent-protocol.ts';
import { platformErrorOf } from './call-errors.ts';
import { retryAfterNames, retryAfterSecondsOf } from './retry-after.ts';

/**
 * When an answer says that the agent, or what it works on, is busy: the same call may succeed when that is over. One
 * table, which docs/agents.md shows: codes and texts are those of public services, frameworks and bug reports.
 */
export const busyTable = {
  always: [423, 425],
  /** These say so by a header, a code or a text. A bare one is a refusal. */
  perhaps: [400, 409, 424],
  headers: retryAfterNames,
  /** Compared by their letters and digits alone. */
  codes: [
    // The Responses API, and the servers of hosted agents.
    'conversation_locked',
    'conversation_already_has_active_response',
    'response_in_progress',
    // Threads.
    'thread_locked',
    'thread_lock_failed',
    'active_run_exists',
    'run_already_active',
    'run_in_progress',
    // What is busy.
    'conversation_busy',
    'thread_busy',
    'session_busy',
    'session_locked',
    'agent_busy',
    'assistant_busy',
    'resource_busy',
    'task_in_progress',
    'already_running',
    'already_in_progress',
    'concurrent_request',
    'concurrent_run',
    'lock_timeout',
    'lock_conflict',
    'another_operation_in_progress',
    // A repeat under the same idempotency key that meets the first one still at work.
    'idempotency_key_in_use',
    'idempotency_in_flight',
    'idempotency_in_progress',
    'idempotent_request_in_progress',
    'request_in_progress',
    // Hosted agents: their session is being started, or their version deployed.
    'session_not_ready',
    'SandboxIdle',
    'AgentVersionNotReady',
    'ModelNotReadyException',
  ],
  /** Looked for in the message that is found in the answer, not in all that the answer holds. */
  texts: [
    { says: 'in-progress response', pattern: /\bin-progress response\b/i },
    {
      says: 'already has an active run (response, task)',
      pattern:
        /\balready has an? (?:active|running|in-progress|ongoing|pending) (?:run|response|task|turn|request|stream|invocation)/i,
    },
    {
      says: 'while a run (response, request) … is active (in progress)',
      pattern:
        /\bwhile (?:a|an|another|the) (?:\w+ )?(?:run|response|request|task|turn)\b.{0,120}\b(?:active|in progress|running|pending)\b/i,
    },
    {
      says: 'another process (request, run, response) is … active (operating, in progress, running)',
      pattern:
        /\b(?:another|other|previous|prior|existing|concurrent) (?:\w+ )?(?:process|request|run|response|task|turn|message|invocation|operation|execution)s?\b.{0,60}\b(?:is|are) (?:\w+ )?(?:active|in[ -]progress|running|operating|ongoing|pending|(?:being )?process)/i,
    },
    {
      says: 'conversation (thread, session, agent) … busy (locked, in use, running)',
      pattern:
        /\b(?:conversation|thread|session) (?:busy|locked)\b|\b(?:conversation|thread|session)\b.{0,80}?\bis (?:currently |already |still |temporarily )?(?:busy|locked|running|in use|processing)\b|\b(?:agent|assistant|worker)\b.{0,80}?\bis (?:currently |already |still )?(?:busy|running|processing)\b/i,
    },
    {
      says: 'already in progress (running, active, being processed)',
      pattern:
        /\balready (?:in[ -]progress|running|active|executing|processing|being (?:processed|generated|handled))\b/i,
    },
    {
      says: 'wait for (until) the run (response, request) to finish',
      pattern:
        /\bwait (?:for|until|till)\b.{0,60}\b(?:run|response|request|task|turn|message|it)\b.{0,40}\b(?:finish|complete|end|done|to be processed)/i,
    },
    {
      says: 'concurrent requests (runs) are not allowed',
      pattern:
        /\bconcurrent (?:requests?|runs?|invocations?|executions?|turns?|messages?)\b.{0,80}\bnot (?:allowed|supported|permitted)\b/i,
    },
    { says: 'could not acquire the lock', pattern: /\b(?:acquire|obtain|get) (?:an? |the )?(?:\w+ )?lock\b/i },
    {
      says: 'a request is outstanding (in progress) for this idempotency key',
      pattern:
        /\b(?:outstanding|in[ -]progress|in[ -]flight|still (?:being )?process\w*)\b.{0,80}\bidempoten|\bidempoten\w*\b.{0,80}\b(?:outstanding|in[ -]progress|in[ -]flight|still (?:being )?process|in use)/i,
    },
    {
      says: 'did not become ready within the expected timeout',
      pattern: /\bsession\b.{0,120}\b(?:did not become|is not(?: yet)?) ready\b/i,
    },
  ],
} as const;

/** The work itself is known there already: no other is in its way. */
const knownWork = 'response_id_conflict';

const busyCodes: ReadonlySet<string> = new Set(busyTable.codes.map(lettersAndDigitsOf));

/** No more of a message is looked at, and nothing between double quotes: there stands what the agent was asked. */
const maxLooked = 500;
const quoted = /"[^"]{0,500}"?|`[^`]{0,500}`?/g;

/** Whether the agent refuses the call only for now. */
export const saysBusy = (by: HttpAnswer): boolean => {
  const { status, headers, stream } = by;
  if (busyTable.always.some((always) => always === status)) return true;
  if (!busyTable.perhaps.some((perhaps) => perhaps === status)) return false;
  const { code, message = '' } = stream?.failure ?? describeErrorBody(stream?.text ?? by.text);
  if (code === knownWork) return false;
  // Whether it asks for a pause, not how long.
  if (retryAfterSecondsOf(headers, new Date(0)) !== undefined) return true;
  if ([code, platformErrorOf(by)].some((name) => name !== undefined && busyCodes.has(lettersAndDigitsOf(name))))
    return true;
  const said = message.slice(0, maxLooked).replace(quoted, '""').replace(/\s+/g, ' ');
  return busyTable.texts.some(({ pattern }) => pattern.test(said));
};
