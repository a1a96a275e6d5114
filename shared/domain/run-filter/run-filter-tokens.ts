import { InvalidRequestError } from '../errors.ts';

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
  let index = skipSpace(filter, 0);
  while (index < filter.length) {
    const { kind, text, end } = readToken(filter, index);
    tokens.push({ kind, text, at: index + 1 });
    index = skipSpace(filter, end);
  }
  tokens.push({ kind: 'end', text: '', at: filter.length + 1 });
  return tokens;
};

interface ReadToken extends Pick<Token, 'kind' | 'text'> {
  readonly end: number;
}

const skipSpace = (filter: string, index: number): number => index + (matchAt(space, filter, index)?.length ?? 0);

const readToken = (filter: string, index: number): ReadToken => {
  const first = filter.charAt(index);
  if (first === "'" || first === '"') return { kind: 'text', ...readQuoted(filter, index, first) };
  const name = matchAt(word, filter, index);
  if (name !== null) return readWord(filter, name, index + name.length);
  const sign = matchAt(symbol, filter, index);
  if (sign !== null) return { kind: 'symbol', text: sign, end: index + sign.length };
  throw filterError(index + 1, `${JSON.stringify(first)} has no meaning here`);
};

/** The last part of a name may hold any characters when it is quoted as MLflow does it: metadata.`cost center`. */
const readWord = (filter: string, name: string, end: number): ReadToken => {
  const quote = filter.charAt(end);
  if (!name.endsWith('.') || (quote !== '`' && quote !== '"')) return { kind: 'word', text: name, end };
  const quoted = readQuoted(filter, end, quote);
  return { kind: 'word', text: name + quoted.text, end: quoted.end };
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
