import { describe, expect, it } from 'vitest';
import { dialectOf, instantView } from '../../../shared/http/dialect.ts';
import { at } from '../../builders.ts';

const javaScript = 'azsdk-js-ai-projects/2.2.0 core-rest-pipeline/1.22.0 Node/24.0.0';
const azd = 'azd-ext-azure-ai-routines/0.1.0 (linux)';

describe('the dialect of a request', () => {
  it.each([
    ['v1', 'azsdk-python-ai-projects/2.0', ['data', 'unix_seconds', 'unix_seconds', 'title']],
    ['v1', null, ['data', 'unix_seconds', 'unix_seconds', 'title']],
    ['v1', javaScript, ['data', 'unix_seconds', 'iso', 'title']],
    ['v1', azd, ['value_and_token', 'unix_seconds', 'unix_seconds', 'title']],
    [null, 'curl/8.5.0', ['value', 'iso', 'iso', 'upper']],
    [null, null, ['value', 'iso', 'iso', 'upper']],
    [null, javaScript, ['value', 'iso', 'iso', 'upper']],
    [null, azd, ['value_and_token', 'iso', 'iso', 'upper']],
  ])('with api-version %s and User-Agent %s is %j', (apiVersion, userAgent, expected) => {
    const { envelope, instants, timerInstants, statusWords } = dialectOf(apiVersion, userAgent);
    expect([envelope, instants, timerInstants, statusWords]).toEqual(expected);
  });

  it.each(['', 'v2', 'V1', '2025-05-01'])('is refused for api-version "%s"', (apiVersion) => {
    expect(() => dialectOf(apiVersion, null)).toThrow(
      expect.objectContaining({
        code: 'unsupported_api_version',
        message: `api-version "${apiVersion}" is not supported; expected "v1", or no api-version`,
      }),
    );
  });
});

describe('an instant', () => {
  it('is whole seconds in both forms, rounded down', () => {
    const instant = at('2026-06-02T07:00:05.999Z');
    expect(instantView(instant, 'unix_seconds')).toBe(1780383605);
    expect(instantView(instant, 'iso')).toBe('2026-06-02T07:00:05Z');
  });
});
