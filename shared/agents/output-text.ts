import type { AgentAnswer } from '../domain/run.ts';

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
