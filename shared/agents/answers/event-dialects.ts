import { isJsonObject, type JsonObject } from '../../domain/json.ts';

/** Follows a stream whose dialect says how a stream of it ends. */
export interface DialectWatch {
  /** `type`: what the event says it is. */
  hear(type: string, event: JsonObject): void;
  /** `[DONE]` ends every dialect, and so does an error. */
  end(): void;
  /** The end that was to come and did not; undefined for whole streams and for those of no dialect. */
  missing(): string | undefined;
  /** A dialect was heard. */
  isKnown(): boolean;
  /** An end was heard. */
  hasEnded(): boolean;
}

interface Dialect {
  readonly name: string;
  readonly end: string;
  /** `isFirst`: no dialect has begun before. */
  readonly begins: (type: string, event: JsonObject, isFirst: boolean) => boolean;
  readonly ends: (type: string, event: JsonObject) => boolean;
}

const choiceOf = ({ choices }: JsonObject): JsonObject | undefined => {
  const [choice] = Array.isArray(choices) ? choices : [];
  return isJsonObject(choice) ? choice : undefined;
};

const terminalTask =
  /^(?:task_state_)?(?:completed|failed|canceled|cancelled|rejected|input[-_]required|auth[-_]required)$/i;

/** The A2A event itself, or what JSON-RPC wraps it in. */
const a2aOf = (event: JsonObject): JsonObject => {
  const result = isJsonObject(event.result) ? event.result : event;
  return [result.task, result.statusUpdate, result.artifactUpdate, result.message].find(isJsonObject) ?? result;
};

/** As their public documentation has them. */
const dialects: readonly Dialect[] = [
  {
    name: 'responses',
    end: 'response.completed',
    // A delta alone is what agents of another make borrow.
    begins: (type) => /^response\.(?:created|queued|in_progress|output_item|content_part)/.test(type),
    ends: (type) => /^response\.(?:completed|failed|incomplete|cancelled|canceled|done)$/.test(type),
  },
  {
    name: 'ag-ui',
    end: 'RUN_FINISHED',
    begins: (type) => type === 'RUN_STARTED',
    ends: (type) => type === 'RUN_FINISHED' || type === 'RUN_ERROR',
  },
  {
    name: 'chat completions',
    end: '[DONE]',
    begins: (_type, event, isFirst) => {
      const delta = choiceOf(event)?.delta;
      // What comes behind the end, of tokens and filters, begins nothing.
      if (isFirst && event.object === 'chat.completion.chunk') return true;
      return isJsonObject(delta) && ['role', 'content', 'tool_calls'].some((name) => Boolean(delta[name]));
    },
    ends: (_type, event) => typeof choiceOf(event)?.finish_reason === 'string',
  },
  {
    name: 'anthropic',
    end: 'message_stop',
    begins: (type, { message }) => type === 'message_start' && isJsonObject(message),
    ends: (type) => type === 'message_stop',
  },
  {
    name: 'ai sdk',
    end: 'finish',
    begins: (type, { messageId }) =>
      /^(?:start-step|text-start|text-delta|reasoning-start|tool-input-start)$/.test(type) ||
      (type === 'start' && typeof messageId === 'string'),
    ends: (type) => type === 'finish' || type === 'abort',
  },
  {
    name: 'assistants',
    end: 'thread.run.completed',
    begins: (type) => type.startsWith('thread.run.'),
    ends: (type) => /^thread\.run\.(?:completed|failed|cancelled|expired|incomplete|requires_action)$/.test(type),
  },
  {
    name: 'a2a',
    end: 'a final status',
    begins: (_type, event) => /^(?:task|status-update|artifact-update)$/.test(String(a2aOf(event).kind)),
    ends: (_type, event) => {
      const { final, status } = a2aOf(event);
      return final === true || (isJsonObject(status) && terminalTask.test(String(status.state)));
    },
  },
];

/** One stream may hold one dialect after another: the last that began has to have ended. */
export const createDialectWatch = (): DialectWatch => {
  let current: Dialect | undefined;
  let isEnded = false;
  return {
    hear: (type, event) => {
      if (current === undefined || isEnded) {
        const begun = dialects.find(({ begins }) => begins(type, event, current === undefined));
        if (begun !== undefined) {
          current = begun;
          isEnded = false;
        }
      }
      // A whole answer may come in one event: what ends it needs no beginning.
      if (current?.ends(type, event)) isEnded = true;
    },
    end: () => {
      isEnded = true;
    },
    missing: () => (current === undefined || isEnded ? undefined : current.end),
    isKnown: () => current !== undefined,
    hasEnded: () => isEnded,
  };
};
