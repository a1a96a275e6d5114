import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fromFixtureText, messageReaders, type RowKind, readRow, rowReaders } from './stored-kinds.ts';

// Rows and messages as each version of this service wrote them, with what they said. The files never change: what an
// earlier version has left in a storage account stays readable.

const fixturesOf = <Schema extends z.ZodType>(stored: 'rows' | 'messages', schema: Schema) =>
  readdirSync(new URL('fixtures/', import.meta.url))
    .filter((file) => file.startsWith(`${stored}-v`))
    .map((file): [string, readonly z.output<Schema>[]] => {
      const text = readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8');
      return [file, z.array(schema).parse(fromFixtureText(text))];
    });

const isRowKind = (text: string): text is RowKind => text in rowReaders;

const rowFixture = z.object({
  row: z.custom<RowKind>((kind) => typeof kind === 'string' && isRowKind(kind)),
  name: z.string(),
  columns: z.looseObject({ partitionKey: z.string(), rowKey: z.string() }),
  value: z.record(z.string(), z.unknown()),
});

describe.each(fixturesOf('rows', rowFixture))('of %s', (_file, rows) => {
  test.each(rows)('$name says what it said', ({ row, columns, value }) => {
    expect(readRow(row, columns)).toEqual(value);
  });

  test('there is a row of every kind', () => {
    expect(new Set(rows.map(({ row }) => row))).toEqual(new Set(Object.keys(rowReaders)));
  });
});

const messageFixture = z.object({
  queue: z.enum(['delivery', 'work']),
  name: z.string(),
  body: z.unknown(),
  value: z.unknown(),
});

describe.each(fixturesOf('messages', messageFixture))('of %s', (_file, messages) => {
  test.each(messages)('$name says what it said', ({ queue, body, value }) => {
    expect(messageReaders[queue](body)).toEqual(value);
  });
});
