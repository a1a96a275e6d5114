import { describe, expect, test } from 'vitest';
import { filterLog } from '../../local/host/log-filter.ts';
import type { HostLogLine } from '../../local/host/worker-protocol.ts';

type Levels = Parameters<typeof filterLog>[0];

const isLogged = (levels: Levels, category: string, level: HostLogLine['level']): boolean => {
  const lines: HostLogLine[] = [];
  filterLog(levels, (line) => lines.push(line))({ level, category, message: 'm' });
  return lines.length === 1;
};

describe('logging.logLevel', () => {
  test.each<[Levels, string, HostLogLine['level'], boolean]>([
    [{}, 'Host', 'information', true],
    [{}, 'Host', 'debug', false],
    [{ default: 'warning' }, 'Host', 'information', false],
    [{ Default: 'warning' }, 'Host', 'warning', true],
    [{ default: 'warning', Function: 'information' }, 'Function.tick.User', 'information', true],
    [{ default: 'warning', Function: 'information' }, 'Host', 'information', false],
    [{ Function: 'error', 'Function.tick': 'debug' }, 'Function.tick.User', 'debug', true],
    [{ 'Function.tick': 'debug', Function: 'error' }, 'Function.deliver', 'warning', false],
    [{ function: 'debug' }, 'Function.tick', 'debug', true],
    [{ default: 'error', 'Function.*.User': 'information' }, 'Function.tick.User', 'information', true],
    [{ default: 'error', 'Function.*.User': 'information' }, 'Function.tick', 'information', false],
    [{ Host: 'none' }, 'Host', 'critical', false],
  ])('%j: %s %s is written: %s', (levels, category, level, written) => {
    expect(isLogged(levels, category, level)).toBe(written);
  });
});
