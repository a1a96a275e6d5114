export interface ServerSentEvent {
  /** The field `event`; empty when the event has no name. */
  readonly name: string;
  /** Empty when the event was too long. */
  readonly data: string;
  readonly isTooLong: boolean;
}

export interface EventParser {
  feed(chunk: string): void;
  /** An event that lacks the empty line after it counts all the same. */
  end(): void;
}

/**
 * Reads `text/event-stream` (WHATWG HTML, 9.2) bit by bit. In a line or in an event's data nothing beyond that many
 * characters is kept, and lines of other fields cost no more than being read: neither memory nor time is the sender's
 * to spend.
 */
export const createEventParser = (maxLength: number, onEvent: (event: ServerSentEvent) => void): EventParser => {
  let afterCarriageReturn = false;
  let pieces: string[] = [];
  let lineLength = 0;
  let name = '';
  let data: string[] = [];
  let dataLength = 0;
  let isTooLong = false;

  const take = (piece: string): void => {
    lineLength += piece.length;
    isTooLong ||= dataLength + lineLength > maxLength;
    if (isTooLong) {
      pieces = [];
      data = [];
    } else if (piece !== '') pieces.push(piece);
  };

  const endEvent = (): void => {
    if (data.length > 0 || isTooLong) onEvent({ name, data: data.join('\n'), isTooLong });
    name = '';
    data = [];
    dataLength = 0;
    isTooLong = false;
  };

  const endLine = (): void => {
    const line = pieces.join('');
    const isEmpty = lineLength === 0;
    pieces = [];
    lineLength = 0;
    if (isEmpty) {
      endEvent();
      return;
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === 'event') name = value;
    if (field !== 'data' || isTooLong) return;
    data.push(copyOf(value));
    // The line feed that joins it counts: empty lines are no way around the limit.
    dataLength += value.length + 1;
  };

  const feed = (chunk: string): void => {
    if (chunk === '') return;
    // The line feed of a carriage return in the chunk before.
    let start = afterCarriageReturn && chunk.startsWith('\n') ? 1 : 0;
    afterCarriageReturn = chunk.endsWith('\r');
    const lineEnd = /\r\n|\r|\n/g;
    lineEnd.lastIndex = start;
    for (let found = lineEnd.exec(chunk); found !== null; found = lineEnd.exec(chunk)) {
      take(chunk.slice(start, found.index));
      endLine();
      start = lineEnd.lastIndex;
    }
    take(chunk.slice(start));
  };

  return { feed, end: () => feed('\n\n') };
};

/** A part of a string may keep the whole of it in memory: a copy lets go of the chunk that it came in. */
const copyOf = (text: string): string => Buffer.from(text).toString();
