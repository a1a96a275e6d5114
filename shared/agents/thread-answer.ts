import { NoAnswerError } from './agent-http.ts';
import { joinMessages, textOfContent } from './answers/content-text.ts';
import type { Said } from './answers/said.ts';
import { createSilence } from './answers/silence.ts';
import { toSpoken } from './answers/spoken-text.ts';
import {
  RefusedByServiceError,
  type ThreadMessage,
  type ThreadService,
  UnreadableAnswerError,
} from './thread-service.ts';

/** More than a run keeps of its output. */
const enoughLength = 64 * 1024;

/**
 * What a run said, and not what stands last on the thread: another run may have written since. The run has completed,
 * whatever can be read of what it said: messages that cannot be read at a second try are not worth its record.
 */
export const readThreadAnswer = async (service: ThreadService, threadId: string, runId: string): Promise<Said> => {
  const first = await readMessages(service, threadId, runId);
  const { why, ...said } =
    first.why === undefined || first.text !== '' ? first : await readMessages(service, threadId, runId);
  return why === undefined ? said : { ...said, silence: `The messages of the run could not be read: ${why}` };
};

interface ReadMessages extends Said {
  /** Why not all could be read. */
  readonly why?: string;
}

const readMessages = async (service: ThreadService, threadId: string, runId: string): Promise<ReadMessages> => {
  let text: string | undefined;
  let isCut = true;
  const silence = createSilence();
  const soFar = () => ({ text: toSpoken(text ?? ''), isCut, silence: silence.describe() });
  try {
    for await (const { items, hasMore } of service.messagesOf(threadId, runId)) {
      for (const { content } of items.filter((item) => isOf(item, runId) && item.role === 'assistant')) {
        const said = textOfContent(content);
        if (said === undefined) silence.saw('messages without a text');
        text = joinMessages(text, said);
      }
      isCut = hasMore;
      if (text !== undefined && text.length > enoughLength) break;
    }
    return soFar();
  } catch (error) {
    const isKnown = [UnreadableAnswerError, RefusedByServiceError, NoAnswerError].some((kind) => error instanceof kind);
    if (!(isKnown && error instanceof Error)) throw error;
    isCut = true;
    return { ...soFar(), why: error.message };
  }
};

/** Not every service knows the filter by run; a message says whose it is. */
const isOf = ({ run_id }: ThreadMessage, runId: string): boolean =>
  run_id === undefined || run_id === null || run_id === runId;
