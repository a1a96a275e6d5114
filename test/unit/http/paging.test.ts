import { describe, expect, it } from 'vitest';
import { dialectOf } from '../../../shared/http/dialect.ts';
import { parsePageToken, toPageToken } from '../../../shared/http/page-token.ts';
import { pageView, parsePageRequest } from '../../../shared/http/paging.ts';
import { publicUrlOf } from '../../../shared/http/public-url.ts';
import { aRequest } from '../../functions/requests.ts';

const token = toPageToken('runs', 'desc', '019b76a8-4be0!x.y_z');

describe('the page that a query asks for', () => {
  const parse = (query: string) => parsePageRequest(new URLSearchParams(query), 'runs');

  it.each([
    ['', { order: 'desc', limit: 100, after: undefined }],
    ['limit=1&order=asc', { order: 'asc', limit: 1, after: undefined }],
    ['limit=1000', { order: 'desc', limit: 1000, after: undefined }],
    [`after=${token}`, { order: 'desc', limit: 100, after: '019b76a8-4be0!x.y_z' }],
  ])('"%s" is %j', (query, expected) => {
    expect(parse(query)).toEqual(expected);
  });

  it.each([
    ['limit=0', 'limit', 'limit: found "0"; expected a whole number from 1 to 1000'],
    ['limit=1001', 'limit', 'found "1001"'],
    ['limit=', 'limit', 'found ""'],
    ['limit=1.5', 'limit', 'found "1.5"'],
    ['limit=1e2', 'limit', 'found "1e2"'],
    ['order=newest', 'order', 'order: found "newest"; expected "asc" or "desc"'],
    ['after=', 'after', 'expected the token of an earlier page'],
    ['after=routine-7', 'after', 'found "routine-7"'],
    [`after=${token}&order=asc`, 'after', 'in the same order'],
    [`after=${token}==`, 'after', 'expected the token'],
    [`after=${toPageToken('routines', 'desc', 'x')}`, 'after', 'of this list'],
    [`after=${toPageToken('runs', 'desc', "x' or '1")}`, 'after', 'expected the token'],
    ['before=019b76a8', 'before', 'before: found "019b76a8"; expected none'],
    ['before=', 'before', 'found ""'],
  ])('"%s" is refused', (query, param, message) => {
    expect(() => parse(query)).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ param, message: expect.stringContaining(message) })],
      }),
    );
  });

  it('is refused with all that is wrong', () => {
    expect(() => parse('limit=x&after=y')).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ param: 'limit' }), expect.objectContaining({ param: 'after' })],
      }),
    );
  });
});

describe('a page token', () => {
  it('gives its position back to the list and order it came from, and to no other', () => {
    expect(parsePageToken(token, 'runs', 'desc')).toBe('019b76a8-4be0!x.y_z');
    expect(parsePageToken(token, 'runs', 'asc')).toBeNull();
    expect(parsePageToken(token, 'routines', 'desc')).toBeNull();
    expect(token).toMatch(/^[\w-]+$/);
  });
});

describe('the envelope of a page', () => {
  const query = 'limit=2&order=desc&filter=status%20%3D%20%27FINISHED%27&api-version=v1&after=old&colour=red';
  const request = aRequest({ path: `projects/demo/routines/daily/runs?${query}` });
  const config = { trustProxy: false, corsOrigins: [], requirePreviewHeader: false };
  const envelope = (kind: 'routines' | 'runs', apiVersion: string | null, userAgent: string | null, next?: string) => {
    const context = { kind, order: 'desc', request, dialect: dialectOf(apiVersion, userAgent), config } as const;
    return pageView({ items: [1, 2], next }, (n) => ({ n }), context);
  };
  const items = [{ n: 1 }, { n: 2 }];
  const azd = 'azd-ext-azure-ai-routines/1';
  const nextToken = toPageToken('runs', 'desc', 'p2');
  const link =
    'http://127.0.0.1:7071/api/projects/demo/routines/daily/runs' +
    `?limit=2&order=desc&filter=status+%3D+%27FINISHED%27&api-version=v1&after=${nextToken}`;

  it('tells SDKs of the next page by token and link, and only when there is one', () => {
    expect(envelope('runs', 'v1', null)).toEqual({ data: items, has_more: false });
    expect(envelope('runs', 'v1', null, 'p2')).toEqual({
      data: items,
      has_more: true,
      last_id: nextToken,
      next_link: link,
    });
  });

  it('tells readers of the documentation by link', () => {
    expect(envelope('runs', null, null)).toEqual({ value: items });
    expect(envelope('runs', null, null, 'p2')).toEqual({ value: items, nextLink: link });
  });

  it('tells azd by the token that it reads', () => {
    expect(envelope('runs', 'v1', azd)).toEqual({ value: items });
    expect(envelope('runs', 'v1', azd, 'p2')).toEqual({ value: items, nextLink: link, nextPageToken: nextToken });
    expect(envelope('routines', 'v1', azd, 'p2')).toMatchObject({
      continuationToken: toPageToken('routines', 'desc', 'p2'),
    });
  });
});

describe('the public address of a request', () => {
  const forwarded = { 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'api.example.com, inner' };
  it.each([
    ['the Host it named', {}, { host: 'routines.test:8080' }, 'http://routines.test:8080/api/projects/p/routines'],
    ['never a proxy that is not trusted', {}, forwarded, 'http://127.0.0.1:7071/api/projects/p/routines'],
    ['behind a trusted proxy', { trustProxy: true }, forwarded, 'https://api.example.com/api/projects/p/routines'],
    [
      'under PUBLIC_BASE_URL before all',
      { trustProxy: true, publicBaseUrl: 'https://gw.example.com/routines' },
      forwarded,
      'https://gw.example.com/routines/api/projects/p/routines',
    ],
    [
      'where it arrived when the Host is unreadable',
      {},
      { host: 'a b' },
      'http://127.0.0.1:7071/api/projects/p/routines',
    ],
    [
      'where it arrived when the scheme is none of ours',
      { trustProxy: true },
      { 'x-forwarded-proto': 'javascript' },
      'http://127.0.0.1:7071/api/projects/p/routines',
    ],
  ])('is %s', (_, over, headers, expected) => {
    const config = { trustProxy: false, corsOrigins: [], requirePreviewHeader: false, ...over };
    const request = aRequest({ path: 'projects/p/routines?limit=5', headers });
    expect(publicUrlOf(request, config).href).toBe(expected);
  });
});
