import type { AgentAnswer, RunError } from '../../domain/run.ts';
import { describePending } from './pending-requests.ts';
import type { Said } from './said.ts';

const maxOutputBytes = 32 * 1024;

/** What a run keeps of the agent's text: at most 32 KiB of UTF-8, cut between code points. Nothing of no text. */
export const toOutput = (text: string, isCut: boolean): Pick<AgentAnswer, 'outputText' | 'outputTruncated'> => {
  if (text === '') return isCut ? { outputTruncated: true } : {};
  const wellFormed = text.toWellFormed();
  // encodeInto writes whole code points only, and says how much of the text they are.
  const { read } = new TextEncoder().encodeInto(wellFormed, new Uint8Array(maxOutputBytes));
  const outputText = wellFormed.slice(0, read);
  return isCut || read < wellFormed.length ? { outputText, outputTruncated: true } : { outputText };
};

/**
 * What a run keeps of what its agent said. One without output has a note that says why; a run that failed has its error
 * for that.
 */
export const toAnswer = (
  { text, isCut = false, silence, usage }: Said,
  { hasFailed }: { readonly hasFailed: boolean },
): Pick<AgentAnswer, 'outputText' | 'outputTruncated' | 'outputNote' | 'usage'> => ({
  ...toOutput(text, isCut),
  ...(text === '' && !hasFailed && silence !== undefined && { outputNote: silence }),
  ...(usage !== undefined && { usage }),
});

/** An answer that waits for a person or a client is no success: nobody will give it what it waits for. */
export const pendingError = ({ pending }: Said, statusCode: number): RunError | undefined =>
  pending && { statusCode, type: 'requires_action', message: describePending(pending) };
