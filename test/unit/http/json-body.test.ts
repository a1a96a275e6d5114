import { describe, expect, it } from 'vitest';
import { readJsonBody } from '../../../shared/http/json-body.ts';
import { aRequest } from '../../functions/requests.ts';

const read = (body: unknown, headers: Record<string, string> = {}) =>
  readJsonBody(aRequest({ method: 'PUT', body, headers }));

describe('a body', () => {
  it.each<[string, unknown, unknown]>([
    ['JSON', '{"a":[1,"é",null]}', { a: [1, 'é', null] }],
    ['JSON after a byte order mark', '\uFEFF{"a":1}', { a: 1 }],
    ['64 levels of JSON', `${'['.repeat(64)}${']'.repeat(64)}`, JSON.parse(`${'['.repeat(64)}${']'.repeat(64)}`)],
    ['1 MiB of JSON', `"${'x'.repeat(1_048_574)}"`, 'x'.repeat(1_048_574)],
    ['the largest number', '1.7976931348623157e308', Number.MAX_VALUE],
    ['a whole surrogate pair', '"\\ud83d\\ude00"', '😀'],
  ])('may be %s', async (_, body, expected) => {
    expect(await read(body)).toEqual(expected);
  });

  it('may be missing, whatever the content type', async () => {
    expect(await readJsonBody(aRequest({ method: 'POST' }))).toBeUndefined();
    expect(await read('', { 'content-type': 'text/plain' })).toBeUndefined();
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/merge-patch+json',
  ])('may come as %s', async (type) => {
    expect(await read('{}', { 'content-type': type })).toEqual({});
  });

  it.each<[string, unknown, Record<string, string>, string, string]>([
    ['in chunks', '{}', { 'transfer-encoding': 'chunked' }, 'length_required', 'expected a Content-Length'],
    ['above 1 MiB', `"${'x'.repeat(1_048_575)}"`, {}, 'payload_too_large', 'expected at most 1048576'],
    [
      'above 1 MiB that says less',
      `"${'x'.repeat(1_048_575)}"`,
      { 'content-length': '2' },
      'payload_too_large',
      '1048577',
    ],
    ['that says it is above 1 MiB', '{}', { 'content-length': '1048577' }, 'payload_too_large', '1048577 bytes'],
    ['as text', '{}', { 'content-type': 'text/plain' }, 'unsupported_media_type', '"text/plain"'],
    ['of no type', '{}', { 'content-type': '' }, 'unsupported_media_type', 'expected application/json'],
    ['in Latin-1', '{}', { 'content-type': 'application/json; charset=latin1' }, 'unsupported_media_type', 'UTF-8'],
    ['in gzip', '{}', { 'content-encoding': 'gzip' }, 'unsupported_media_type', 'Content-Encoding "gzip"'],
    ['that is not UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 'invalid_request', 'not UTF-8'],
    ['that is not JSON', '{"a":}', {}, 'invalid_request', 'The body is not JSON: '],
    ['with 65 levels', `${'['.repeat(65)}1${']'.repeat(65)}`, {}, 'invalid_request', 'deeper than 64'],
    ['with very many levels', '['.repeat(400_000), {}, 'invalid_request', ''],
    ['with very many closed levels', `${'['.repeat(400_000)}${']'.repeat(400_000)}`, {}, 'invalid_request', ''],
    ['with half a surrogate pair', '{"a":{"b":"\\ud83d"}}', {}, 'invalid_request', 'a.b: half of a surrogate pair'],
    [
      'with a number that would become null',
      '{"a":[-1e400]}',
      {},
      'invalid_request',
      'a.0: a number that is too large',
    ],
    ['with half a surrogate pair in a name', '{"\\ud83d":1}', {}, 'invalid_request', 'body: half of a surrogate'],
  ])('%s is refused', async (_, body, headers, code, message) => {
    await expect(read(body, headers)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
