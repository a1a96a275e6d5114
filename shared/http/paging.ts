import type { HttpRequest } from '@azure/functions';
import type { ListOrder, Page, PageRequest } from '../app/ports/page.ts';
import type { Config } from '../config.ts';
import type { Problem } from '../domain/errors.ts';
import type { EveryField } from '../domain/every-field.ts';
import type { Dialect } from './dialect.ts';
import { type ListKind, parsePageToken, toPageToken } from './page-token.ts';
import { publicUrlOf } from './public-url.ts';
import { refuse } from './refuse.ts';

/** The JavaScript SDK up to 2.4 never asks for a second page. */
const defaultLimit = 100;
const maxLimit = 1000;

/**
 * Reads `limit`, `order` and `after`. Throws InvalidRequestError with all that is wrong with them, and for `before`,
 * which the JavaScript SDK up to 2.4 offers: were it ignored, the caller would get another page than the one asked for.
 */
export const parsePageRequest = (query: URLSearchParams, kind: ListKind): EveryField<PageRequest> => {
  const problems: Problem[] = [];
  const addProblem = (param: string, expected: string): void => {
    const message = `${param}: found ${JSON.stringify(query.get(param))}; expected ${expected}`;
    problems.push({ code: 'invalid_request', param, message });
  };
  const order = toOrder(query.get('order') ?? 'desc');
  if (order === null) addProblem('order', '"asc" or "desc"');
  const limit = toLimit(query.get('limit') ?? String(defaultLimit));
  if (limit === null) addProblem('limit', `a whole number from 1 to ${maxLimit}`);
  const token = query.get('after');
  const after = token === null || order === null ? undefined : parsePageToken(token, kind, order);
  if (after === null) addProblem('after', 'the token of an earlier page of this list in the same order');
  if (query.has('before')) addProblem('before', 'none: a list is read onwards from "after", or in the other order');
  refuse(problems);
  return { order: order ?? 'desc', limit: limit ?? defaultLimit, after: after ?? undefined };
};

const toOrder = (text: string): ListOrder | null => (text === 'asc' || text === 'desc' ? text : null);

const toLimit = (text: string): number | null => {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= maxLimit ? limit : null;
};

export interface ListContext {
  readonly kind: ListKind;
  readonly order: ListOrder;
  readonly request: HttpRequest;
  readonly dialect: Dialect;
  readonly config: Config['http'];
}

/** The envelope of a page. The token and the link to the next page stand in it only when there is one. */
export const pageView = <Item>(page: Page<Item>, view: (item: Item) => object, context: ListContext): object => {
  const { kind, order, request, dialect, config } = context;
  const items = page.items.map(view);
  const token = page.next === undefined ? null : toPageToken(kind, order, page.next);
  const link = token === null ? null : nextLink(request, config, token);
  switch (dialect.envelope) {
    case 'data':
      return { data: items, has_more: token !== null, ...(token !== null && { last_id: token, next_link: link }) };
    case 'value':
      return { value: items, ...(link !== null && { nextLink: link }) };
    case 'value_and_token':
      return { value: items, ...(token !== null && { nextLink: link, [azdTokenOf[kind]]: token }) };
    default:
      return dialect.envelope satisfies never;
  }
};

const azdTokenOf = { routines: 'continuationToken', runs: 'nextPageToken' } as const satisfies Record<ListKind, string>;

const keptParameters = ['limit', 'order', 'filter', 'api-version'];

const nextLink = (request: HttpRequest, config: Config['http'], token: string): string => {
  const url = publicUrlOf(request, config);
  for (const name of keptParameters) {
    const value = request.query.get(name);
    if (value !== null) url.searchParams.set(name, value);
  }
  url.searchParams.set('after', token);
  return url.href;
};
