/** A parsed route: one pattern for each segment, then perhaps an optional parameter or a catch-all. */
export interface RouteTemplate {
  readonly segments: readonly SegmentPattern[];
  /** `{*path}` at the end: takes whatever is left, also nothing. */
  readonly catchAll: string | undefined;
}

interface SegmentPattern {
  readonly pattern: RegExp;
  /** In the order of the pattern's groups. */
  readonly parameters: readonly string[];
  /** `{x?}`: the path may end before it. */
  readonly optional: boolean;
}

const placeholder = /\{([^{}]*)\}/g;
const catchAllSegment = /^\{\*{1,2}(\w+)\}$/;
const optionalSegment = /^\{(\w+)\?\}$/;

/**
 * Parses a template of the platform's router (ASP.NET Core's first one). Segments may mix text and parameters, as in
 * `{name}:enable`. Throws on constraints and defaults (`{x:int}`, `{x=1}`), which no route here may need, and on a
 * template that the router refuses too.
 */
export const parseRouteTemplate = (template: string): RouteTemplate => {
  const texts = template.replace(/^~?\/+|\/$/g, '').split('/');
  const catchAll = catchAllSegment.exec(texts.at(-1) ?? '')?.[1];
  if (catchAll !== undefined) texts.pop();
  const segments = texts
    .filter((text, index) => text !== '' || index > 0)
    .map((text, index, all) => parseSegment(template, text, index === all.length - 1 && catchAll === undefined));
  const names = [...segments.flatMap((segment) => segment.parameters), ...(catchAll === undefined ? [] : [catchAll])];
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new Error(`Route "${template}": parameter ${repeated} occurs twice`);
  return { segments, catchAll };
};

const parseSegment = (template: string, text: string, last: boolean): SegmentPattern => {
  if (text === '') throw new Error(`Route "${template}" has an empty segment`);
  const optional = last ? optionalSegment.exec(text)?.[1] : undefined;
  if (optional !== undefined) return { pattern: /^(.+)$/s, parameters: [optional], optional: true };
  const parameters: string[] = [];
  let source = '';
  let end = 0;
  for (const match of text.matchAll(placeholder)) {
    const [whole, name = ''] = match;
    if (!/^\w+$/.test(name)) {
      throw new Error(
        `Route "${template}": parameter ${whole} is not supported, expected {name}, {name?} or {*name} at the end`,
      );
    }
    parameters.push(name);
    // Greedy, so that with two parameters the first takes all it can: the router splits at the last place that fits.
    source += `${literalPattern(text.slice(end, match.index))}(.+)`;
    end = match.index + whole.length;
  }
  source += literalPattern(text.slice(end));
  return { pattern: new RegExp(`^${source}$`, 'is'), parameters, optional: false };
};

const literalPattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * The parameters when the path fits, else undefined. The path is decoded and starts with a slash; one at its end does
 * not matter. Literals match in any case; a path with an empty segment fits nothing.
 */
export const matchRoute = (template: RouteTemplate, path: string): Readonly<Record<string, string>> | undefined => {
  const segments = path.replace(/^\/|\/$/g, '').split('/');
  if (segments.length === 1 && segments[0] === '') segments.pop();
  if (segments.includes('')) return undefined;
  if (template.catchAll === undefined && segments.length > template.segments.length) return undefined;
  const parameters: [string, string][] = [];
  for (const [index, expected] of template.segments.entries()) {
    const segment = segments[index];
    if (segment === undefined) {
      if (expected.optional) continue;
      return undefined;
    }
    const match = expected.pattern.exec(segment);
    if (match === null) return undefined;
    for (const [group, name] of expected.parameters.entries()) parameters.push([name, match[group + 1] ?? '']);
  }
  const rest = segments.slice(template.segments.length).join('/');
  if (template.catchAll !== undefined && rest !== '') {
    parameters.push([template.catchAll, path.endsWith('/') ? `${rest}/` : rest]);
  }
  return Object.fromEntries(parameters);
};
