import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { messageVersion, withVersion } from '../../shared/storage/queues/messages.ts';
import { rowVersion } from '../../shared/storage/tables/row-codec.ts';
import { everyRow } from './every-row.ts';
import { everyDeliveryMessage, everyWorkMessage } from './every-value.ts';
import { fromFixtureText, messageReaders, type RowKind, readRow, rowReaders, toFixtureText } from './stored-kinds.ts';

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
    expect(messageReaders[queue](body)).toMatchObject(value as object);
  });
});

describe('what is written now', () => {
  test.each(everyRow)('comes back with every field: $name', ({ row, columns, value }) => {
    expect(readRow(row, columns)).toEqual(value);
  });

  const everyMessage = [
    ...Object.values(everyDeliveryMessage).map((value) => ({ queue: 'delivery' as const, value })),
    ...Object.values(everyWorkMessage).map((value) => ({ queue: 'work' as const, value })),
  ].map(({ queue, value }) => ({ queue, name: value.kind, body: withVersion(value), value }));

  test.each(everyMessage)('comes back with every field: the message $name', ({ queue, body, value }) => {
    expect(messageReaders[queue](JSON.parse(JSON.stringify(body)))).toEqual({ ...value, v: messageVersion });
  });

  test.each([
    ['rows', 'rowVersion', rowVersion, everyRow],
    ['messages', 'messageVersion', messageVersion, everyMessage],
  ] as const)('is what the newest file of %s says', async (stored, name, version, written) => {
    const file = `fixtures/${stored}-v${version}.json`;
    const isKept = existsSync(new URL(file, import.meta.url));
    const toDo = `What is written is not what ${file} says. Raise \`${name}\` by one and run this test: it writes the next file. The file of a version that was deployed never changes, by -u neither`;
    await expect(toFixtureText(written), toDo).toMatchFileSnapshot(file);
    expect(isKept, `${file} was not there and has been written now: commit it`).toBe(true);
  });
});
