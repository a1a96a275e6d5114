import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { circlesIn, importsOf, readImports } from './import-graph.ts';
import { wrongArrows, wrongInTable } from './rooms.ts';

const graph = readImports(['bench', 'local', 'functions', 'shared']);

describe('the house', () => {
  test('is read whole', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const targets = [...graph.values()].flat();
    expect(targets.length).toBeGreaterThan(1000);
    expect(targets.filter((file) => !existsSync(`${root}/${file}`))).toEqual([]);
  });

  test('has no circle between files', () => {
    expect(circlesIn(graph)).toEqual([]);
  });

  test('has no arrow that its table of rooms does not allow', () => {
    expect(wrongArrows(graph)).toEqual([]);
  });

  test('has a table in which every arrow runs down', () => {
    expect(wrongInTable()).toEqual([]);
  });
});

describe('a wrong import is named with both files', () => {
  test.each([
    ['shared/domain/run.ts', 'shared/domain/time/next-fire.ts'],
    ['shared/domain/time/next-fire.ts', 'shared/domain/kinds/trigger-kinds.ts'],
    ['shared/domain/kinds/action-kinds.ts', 'shared/domain/progress/run-progress.ts'],
    ['shared/app/ports/run-store.ts', 'shared/app/delivery/deliver.ts'],
    ['shared/app/delivery/deliver.ts', 'shared/app/schedule/tick.ts'],
    ['shared/app/schedule/tick.ts', 'shared/app/routines/put-routine.ts'],
    ['shared/app/routines/put-routine.ts', 'shared/app/runs/cancel-run.ts'],
    ['shared/app/runs/cancel-run.ts', 'shared/app/operations/read-status.ts'],
    ['shared/app/operations/read-status.ts', 'shared/app/service.ts'],
    ['shared/app/service.ts', 'shared/storage/tables/run-store.ts'],
    ['shared/app/delivery/deliver.ts', 'shared/config.ts'],
    ['shared/storage/tables/run-store.ts', 'shared/storage/queues/messages.ts'],
    ['shared/storage/queues/messages.ts', 'shared/storage/tables/run-store.ts'],
    ['shared/storage/storage-call.ts', 'shared/storage/tables/table.ts'],
    ['shared/storage/queues/settle.ts', 'shared/app/delivery/disposition.ts'],
    ['shared/agents/responses.ts', 'shared/app/service.ts'],
    ['shared/http/run-view.ts', 'shared/storage/tables/run-row.ts'],
    ['shared/http/run-view.ts', 'shared/services.ts'],
    ['functions/tick.ts', 'shared/app/schedule/tick.ts'],
    ['local/host/host.ts', 'shared/config.ts'],
    ['shared/clock.ts', 'local/start.ts'],
    ['shared/app/delivery/deliver.ts', 'test/builders.ts'],
  ])('%s imports %s', (file, target) => {
    const [message = '', ...others] = wrongArrows(new Map([[file, [target]]]));
    expect(message).toContain(`${file} imports ${target}: `);
    expect(others).toEqual([]);
  });

  test('as is a file without a room', () => {
    expect(wrongArrows(new Map([['shared/app/helpers/text.ts', []]]))).toEqual([
      'shared/app/helpers/text.ts is in no room: give it one, or a folder, in test/house/rooms.ts',
    ]);
  });

  test('and a circle with all its files, once', () => {
    const circle = new Map([
      ['a.ts', ['b.ts']],
      ['b.ts', ['c.ts', 'd.ts']],
      ['c.ts', ['a.ts']],
      ['d.ts', []],
    ]);
    expect(circlesIn(circle)).toEqual(['c.ts → a.ts → b.ts → c.ts']);
  });
});

test('imports of types, of names, of nothing and at run time are all read', () => {
  const text = `import type { A } from './a.ts';
import {
  b,
} from '../b.ts';
import './c.ts';
export { d } from './d.ts';
const e = await import('./e.ts');
import { z } from 'zod';`;
  expect(importsOf('room/wing/file.ts', text)).toEqual([
    'room/wing/a.ts',
    'room/b.ts',
    'room/wing/c.ts',
    'room/wing/d.ts',
    'room/wing/e.ts',
  ]);
});
