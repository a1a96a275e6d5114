import { InvalidRequestError } from './errors.ts';

/** `at` counts characters from 1. A word is a name, a keyword, a number or an instant without quotes. */
export interface Token {
  readonly kind: 'word' | 'text' | 'symbol' | 'end';
  readonly text: string;
  readonly at: number;
}

const space = /\s+/y;
const word = /[\w.:+-]+/y;
const symbol = /!=|>=|<=|[=><(),]/y;

/** Throws InvalidRequestError (`invalid_filter`) at a character that begins no token and at a text without an end. */
export const tokenize = (filter: string): readonly Token[] => {
  const tokens: Token[] = [];
  let index = 0;
  while (index < filter.length) {
    const at = index + 1;
    const first = filter[index];
    if (first === "'" || first === '"') {
      const quoted = readQuoted(filter, index, first);
      tokens.push({ kind: 'text', text: quoted.text, at });
      index = quoted.end;
      continue;
    }
    const blank = matchAt(space, filter, index);
    const name = matchAt(word, filter, index);
    const text = blank ?? name ?? matchAt(symbol, filter, index);
    if (text === null) throw filterError(at, `${JSON.stringify(first)} has no meaning here`);
    if (blank === null) tokens.push({ kind: name === null ? 'symbol' : 'word', text, at });
    index += text.length;
  }
  tokens.push({ kind: 'end', text: '', at: filter.length + 1 });
  return tokens;
};

const matchAt = (pattern: RegExp, text: string, index: number): string | null => {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0] ?? null;
};

/** A quote inside is written twice (OData) or after a backslash (MLflow); any other backslash stands for itself. */
const readQuoted = (filter: string, start: number, quote: string): { text: string; end: number } => {
  let text = '';
  let index = start + 1;
  while (index < filter.length) {
    const pair = filter.slice(index, index + 2);
    if (pair === quote + quote || pair === `\\${quote}`) {
      text += quote;
      index += 2;
    } else if (filter[index] === quote) {
      return { text, end: index + 1 };
    } else {
      text += filter[index];
      index += 1;
    }
  }
  throw filterError(start + 1, `the text that begins here has no closing ${quote}`);
};

export const filterError = (at: number, message: string): InvalidRequestError =>
  new InvalidRequestError({ code: 'invalid_filter', param: 'filter', message: `filter, position ${at}: ${message}` });
