import { joinMessages } from './content-text.ts';

/** What one event of a stream says, and how that goes with what was said before. */
export interface EventText {
  /** Goes on with what was said. */
  readonly delta?: string | undefined;
  /** A message, or a part of one: counts unless its deltas have come. */
  readonly whole?: string | undefined;
  /** All that was said since the end before, as the end of a response tells it. */
  readonly all?: string | undefined;
  /** What was said, once more: counts when nothing else brought a text. */
  readonly repeat?: string | undefined;
  /** Whose text it is: another message stands on a line of its own. */
  readonly message?: string | undefined;
  readonly part?: string | undefined;
  /** The id of the message stands for other messages, too: this is the end of one. */
  readonly closes?: true;
}

/** What the events of a stream say together, in bounded memory. */
export interface Transcript {
  add(event: EventText): void;
  text(): string;
  isCut(): boolean;
}

/** Ids of messages that are remembered; a stream of more may repeat itself in the output. */
const maxMessages = 10_000;

export const createTranscript = (maxLength: number): Transcript => {
  let before = '';
  let text = '';
  let repeat: string | undefined;
  let lastMessage: string | undefined;
  let isCut = false;
  const said = new Set<string>();

  const shorten = (whole: string): string => {
    if (whole.length > maxLength) isCut = true;
    return whole.slice(0, maxLength);
  };
  const say = (piece: string, message: string | undefined, isApart: boolean): void => {
    if (piece === '') return;
    if (text.length >= maxLength) isCut = true;
    else text = shorten(`${text}${isApart && text !== '' ? '\n' : ''}${piece}`);
    lastMessage = message ?? lastMessage;
  };
  const remember = (...keys: (string | undefined)[]): void => {
    for (const key of keys) if (key !== undefined && said.size < maxMessages) said.add(key);
  };
  const isOther = (message: string | undefined): boolean =>
    message !== undefined && lastMessage !== undefined && message !== lastMessage;

  const addWhole = (whole: string, { message, part, closes }: EventText): void => {
    const key = part ?? message ?? '';
    // Without an id a message stands for itself, unless it came in deltas before.
    if (!said.has(key)) say(whole, message, message === undefined || closes === true || isOther(message));
    if (closes) said.delete(key);
    else remember(message, part);
  };

  return {
    add: (event) => {
      const { delta, whole, all, repeat: again } = event;
      if (delta !== undefined && delta !== '') {
        say(delta, event.message, isOther(event.message));
        remember(event.message ?? '', event.part);
      }
      if (whole !== undefined) addWhole(whole, event);
      if (again !== undefined && again !== '') repeat = again.slice(0, maxLength + 1);
      if (all !== undefined && all !== '') {
        before = shorten(joinMessages(before, all) ?? '');
        text = '';
      }
    },
    text: () => {
      const spoken = joinMessages(before, text) ?? '';
      return shorten(spoken === '' ? (repeat ?? '') : spoken);
    },
    isCut: () => isCut,
  };
};
