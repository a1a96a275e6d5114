import type { HttpAnswer } from './agent-protocol.ts';
import { isLoopback } from './agent-url.ts';
import type { StreamSummary } from './answers/event-stream.ts';
import type { TokenSource } from './token-source.ts';

export type AgentAccess =
  | {
      readonly kind: 'headers';
      readonly headers: Readonly<Record<string, string>>;
      /** To be called with what the request was answered: gives it back without the token. */
      readonly received: (answer: HttpAnswer) => HttpAnswer;
    }
  | { readonly kind: 'none'; readonly message: string; readonly isFinal: boolean };

/** The headers that let a request in: none on this machine, elsewhere a token, over https only. Never rejects. */
export const openAccess = async (url: string, source: TokenSource, limit: AbortSignal): Promise<AgentAccess> => {
  if (isLoopback(url)) return { kind: 'headers', headers: {}, received: (answer) => answer };
  const { protocol, origin } = new URL(url);
  if (protocol !== 'https:') {
    return { kind: 'none', message: `${origin}: a token is sent over https only`, isFinal: true };
  }
  const result = await Promise.race([source.get(), aborted(limit)]);
  switch (result.kind) {
    case 'token':
      return byToken(result.token, source);
    case 'unreachable':
    case 'refused':
      return { kind: 'none', message: result.message, isFinal: result.kind === 'refused' };
    default:
      return result satisfies never;
  }
};

/**
 * A token that is refused is asked for anew, but not within the same attempt: an attempt is one call, and 401 ends the
 * run (contract, section 4). The run after it has the new one.
 */
const byToken = (token: string, source: TokenSource): AgentAccess => ({
  kind: 'headers',
  headers: { authorization: `Bearer ${token}` },
  received: (answer) => {
    const shown = withoutToken(token, answer);
    if (answer.status !== 401) return shown;
    source.drop(token);
    return { ...shown, isTokenRefused: true };
  },
});

/** An agent may answer with the request that it got: the token must reach neither run nor log. */
const withoutToken = (token: string, answer: HttpAnswer): HttpAnswer => {
  const hide = hiderOf(token);
  const { stream } = answer;
  return {
    ...answer,
    statusText: hide(answer.statusText),
    headers: new Headers([...answer.headers].map(([name, value]) => [name, hide(value)])),
    text: hide(answer.text),
    ...(stream && { stream: hideIn(stream, hide) }),
  };
};

/** Every text in it, whatever field a summary may get. */
const hideIn = (stream: StreamSummary, hide: (text: string) => string): StreamSummary =>
  JSON.parse(JSON.stringify(stream), (_name, value: unknown) => (typeof value === 'string' ? hide(value) : value));

/**
 * What is no letter, digit or dash in a token is written otherwise in JSON, in pages and in addresses: as `\/`,
 * `\u002b`, `&#43;` or `%2B`. Those who read the answer undo that, so each of these is the token, too. So is its beginning
 * at the end of a text that was cut.
 */
const hiderOf = (token: string): ((text: string) => string) => {
  const written = token.replace(/[^\w-]/g, (character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(2, '0');
    const decimal = character.charCodeAt(0);
    return `(?:\\\\*\\x${hex}|\\\\+[uU]00${hex}|&#0*${decimal};|&#[xX]0*${hex};|%${hex})`;
  });
  const isPlain = /^[\w.-]*$/.test(token);
  const pattern = isPlain ? token : new RegExp(written, 'gi');
  return (text) => withoutBeginning(token, text.replaceAll(pattern, '[token]'));
};

/** Shorter beginnings are those of any token. */
const leastBeginning = 16;

const withoutBeginning = (token: string, text: string): string => {
  const at = text.lastIndexOf(token.slice(0, leastBeginning));
  if (at === -1 || token.length <= leastBeginning) return text;
  const rest = text.slice(at, at + token.length).replace(/\s*…?$/, '');
  return at + rest.length + 2 >= text.length && token.startsWith(rest) ? `${text.slice(0, at)}[token]` : text;
};

/** The token request itself goes on: others may wait for it, and the next attempt will want its result. */
const aborted = (limit: AbortSignal): Promise<{ readonly kind: 'unreachable'; readonly message: string }> =>
  new Promise((resolve) => {
    const message = 'The token service did not answer within the time of the attempt';
    const end = () => resolve({ kind: 'unreachable', message });
    if (limit.aborted) end();
    else limit.addEventListener('abort', end, { once: true });
  });
