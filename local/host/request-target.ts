/** What a request line asks for, as the platform's web server (Kestrel) reads it. */
export interface RequestTarget {
  /** Decoded, except `%2F`; without dot segments; starts with a slash. Routes are matched against it. */
  readonly path: string;
  /** The path as it stands in the URL that a function sees. */
  readonly encodedPath: string;
  /** With its question mark, or empty. */
  readonly query: string;
}

/** One character in UTF-8, percent-encoded. A sequence that is none of these stays as it is. */
const encodedCharacter =
  /%(?:[0-7][0-9a-f]|[cd][0-9a-f]%[89ab][0-9a-f]|e[0-9a-f](?:%[89ab][0-9a-f]){2}|f[0-7](?:%[89ab][0-9a-f]){3})/gi;

/** Undefined for what the web server answers with 400: characters outside ASCII, an encoded NUL, no path. */
export const parseRequestTarget = (target: string): RequestTarget | undefined => {
  if (!/^[\x21-\x7e]+$/.test(target)) return undefined;
  const origin = target.startsWith('/') ? target : pathOfAbsolute(target);
  if (origin === undefined) return undefined;
  const mark = origin.indexOf('?');
  const raw = mark === -1 ? origin : origin.slice(0, mark);
  if (/%00/.test(raw)) return undefined;
  const path = removeDotSegments(raw.replace(encodedCharacter, decodeCharacter));
  return { path, encodedPath: encodePath(path), query: mark === -1 ? '' : origin.slice(mark).replace(/#.*$/, '') };
};

const pathOfAbsolute = (target: string): string | undefined => {
  const match = /^https?:\/\/[^/?#]+([/?].*)?$/i.exec(target);
  if (match === null) return undefined;
  const rest = match[1] ?? '/';
  return rest.startsWith('/') ? rest : `/${rest}`;
};

const decodeCharacter = (encoded: string): string => {
  if (encoded.toLowerCase() === '%2f') return encoded;
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Overlong forms and surrogates: no character.
    return encoded;
  }
};

const removeDotSegments = (path: string): string => {
  const kept: string[] = [];
  const segments = path.slice(1).split('/');
  for (const [index, segment] of segments.entries()) {
    if (segment === '..') kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (index === segments.length - 1) kept.push('');
  }
  return `/${kept.join('/')}`;
};

/** Leaves a percent sign that starts an escape alone, so that what stayed encoded is not encoded twice. */
const encodePath = (path: string): string =>
  path.replace(/%(?![0-9a-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/giu, (character) => encodeURIComponent(character));

/**
 * The query as the platform passes it: names in any case are one name, values of one name are joined by commas, and a
 * name without a value has the empty one.
 */
export const parseQuery = (query: string): ReadonlyMap<string, string> => {
  const names = new Map<string, string>();
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const known = names.get(name.toLowerCase()) ?? name;
    names.set(name.toLowerCase(), known);
    const before = values.get(known);
    values.set(known, before === undefined ? value : `${before},${value}`);
  }
  return values;
};
