import { isJsonObject, type JsonObject } from '../json.ts';

const maxDepth = 5;
const maxNotes = 20;
const maxValues = 100;
const maxNoteLength = 320;
/** As long as the message that a run keeps. */
const maxMessageLength = 1024;

const noteNames = ['additionalInfo', 'additional_info', 'misalignment'] as const;

/**
 * What a service adds to its error for those who look into it: `additionalInfo` (the id of the request, the policy that
 * was violated) and `misalignment` (why a safety system stopped the agent), as `name: key=value, key=value`.
 */
export const notesIn = (error: JsonObject): readonly string[] =>
  noteNames.flatMap((name) => {
    const notes: Notes = { pairs: [], seen: 0 };
    collect(error[name], '', notes, 0);
    return notes.pairs.length === 0 ? [] : [`${name}: ${shortenAtWord(notes.pairs.join(', '), maxNoteLength)}`];
  });

interface Notes {
  readonly pairs: string[];
  seen: number;
}

const collect = (value: unknown, path: string, notes: Notes, depth: number): void => {
  notes.seen += 1;
  if (notes.pairs.length >= maxNotes || notes.seen > maxValues || depth > maxDepth) return;
  if (Array.isArray(value)) {
    for (const item of value.slice(0, maxNotes)) collect(item, path, notes, depth + 1);
  } else if (isJsonObject(value)) {
    for (const key in value) {
      if (notes.seen > maxValues) return;
      collect(value[key], path === '' ? key : `${path}.${key}`, notes, depth + 1);
    }
  } else if (value !== undefined && value !== null && value !== '') {
    const said = String(value).replace(/\s+/g, ' ').trim();
    notes.pairs.push(path === '' ? said : `${path}=${said}`);
  }
};

/** The message with the notes behind it: what is too long for both is cut, so that the notes are not lost. */
export const withNotes = (message: string | undefined, notes: readonly string[]): string | undefined => {
  if (notes.length === 0) return message;
  const noted = notes.join('; ');
  if (message === undefined || message.includes(noted)) return message ?? noted;
  return `${shortenAtWord(message, maxMessageLength - noted.length - 3)} (${noted})`;
};

/**
 * At most about that many characters, cut between two words: a token that is not hidden yet is one word, and part of it
 * would not be recognized any more. A word that is longer by itself is left out.
 */
export const shortenAtWord = (text: string, maxLength: number): string => {
  if (text.length <= maxLength) return text;
  const cut = text.slice(0, Math.max(0, maxLength)).search(/\s\S*$/);
  return `${text.slice(0, Math.max(0, cut)).trimEnd()} …`.trimStart();
};
