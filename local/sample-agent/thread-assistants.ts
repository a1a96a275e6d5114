export type RunStatus =
  | 'queued'
  | 'in_progress'
  | 'requires_action'
  | 'cancelling'
  | 'cancelled'
  | 'failed'
  | 'completed'
  | 'incomplete'
  | 'expired';

/** A classic agent: how long its runs take, how they end, and what they have said by then. */
export interface Assistant {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly seconds: number;
  readonly end: RunStatus;
  readonly answers: (heard: string) => readonly string[];
  readonly lastError?: { readonly code: string; readonly message: string };
}

const silent = (): readonly string[] => [];
/** More than the service puts on one page of a list. */
const manyMessages = 45;

/** `slowSeconds`: how long asst_slow takes. */
export const createAssistants = (slowSeconds: number): ReadonlyMap<string, Assistant> => {
  const ends = (end: RunStatus, description: string, over: Partial<Assistant> = {}): Assistant => {
    const name = over.name ?? end.replaceAll('_', '-');
    const id = `asst_${name.replaceAll('-', '_')}`;
    return { id, name, description, seconds: 0, end, answers: silent, ...over };
  };
  const assistants = [
    ends('completed', 'Answers at once and repeats what it heard.', {
      name: 'echo',
      answers: (heard) => [`asst_echo heard: ${heard}`],
    }),
    ends('completed', `Answers after ${slowSeconds} seconds.`, {
      name: 'slow',
      seconds: slowSeconds,
      answers: (heard) => [`asst_slow heard: ${heard}`],
    }),
    ends('completed', `Answers in ${manyMessages} messages.`, {
      name: 'talkative',
      answers: () => Array.from({ length: manyMessages }, (_, index) => `message ${index + 1}`),
    }),
    ends('failed', 'Its runs fail.', {
      name: 'failing',
      lastError: { code: 'server_error', message: 'asst_failing could not finish its work' },
    }),
    ends('incomplete', 'Its runs stop before their end, having used all the tokens they may.', {
      answers: (heard) => [`asst_incomplete heard: ${heard.slice(0, 5)}`],
    }),
    ends('expired', 'Its runs take longer than the service lets them.'),
    ends('requires_action', 'Its runs wait for the output of a tool.'),
    ends('cancelled', 'Its runs are cancelled at the service.'),
  ];
  return new Map(assistants.map((assistant) => [assistant.id, assistant]));
};
