import { describe, expect, test } from 'vitest';
import { judgeStatus, parseRetryAfter, truncateErrorMessage } from '../../shared/domain/progress/call-verdict.ts';

describe('judgeStatus', () => {
  test.each([200, 201, 202, 204, 299])('%i completes the run', (status) => {
    expect(judgeStatus(status)).toBe('completed');
  });
  test.each([408, 429, 500, 502, 503, 504, 599])('%i may be retried', (status) => {
    expect(judgeStatus(status)).toBe('retryable');
  });
  test.each([301, 302, 304, 307, 400, 401, 403, 404, 409, 422, 499, 600])('%i is final', (status) => {
    expect(judgeStatus(status)).toBe('terminal');
  });
});

describe('parseRetryAfter', () => {
  const now = new Date('2026-06-02T07:00:00.400Z');
  test.each([
    ['0', 0],
    [' 17 ', 17],
    ['Tue, 02 Jun 2026 07:00:30 GMT', 30],
    ['Tue, 02 Jun 2026 06:00:00 GMT', 0],
    ['Tuesday, 02-Jun-26 07:01:00 GMT', 60],
  ])('%j is %i seconds', (header, seconds) => {
    expect(parseRetryAfter(header, now)).toBe(seconds);
  });
  test.each([null, '', 'soon', '-1', '1.5', '1e3', '9999999999', 'Tue, never'])('%j says nothing', (header) => {
    expect(parseRetryAfter(header, now)).toBeUndefined();
  });
});

describe('truncateErrorMessage', () => {
  test('1,024 characters stay as they are', () => {
    expect(truncateErrorMessage('é'.repeat(1024))).toBe('é'.repeat(1024));
  });
  test('a longer message is cut to 1,024 characters', () => {
    expect(truncateErrorMessage('é'.repeat(1025))).toBe('é'.repeat(1024));
  });
  test('a code point that would be cut in two is dropped', () => {
    expect(truncateErrorMessage(`${'a'.repeat(1023)}😀`)).toBe('a'.repeat(1023));
  });
  test('a code point that just fits is kept', () => {
    expect(truncateErrorMessage(`${'a'.repeat(1022)}😀b`)).toBe(`${'a'.repeat(1022)}😀`);
  });
  test('a lone surrogate, which storage would refuse, is replaced', () => {
    expect(truncateErrorMessage('a\uD800b')).toBe('a\uFFFDb');
  });
});
