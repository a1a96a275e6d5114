import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseCronExpression } from '../../../shared/domain/time/cron-expression.ts';
import { nextFireAfter } from '../../../shared/domain/time/next-fire.ts';
import { type VectorException, vectorExceptions } from './cron-vector-exceptions.ts';
import { aSchedule, expectFires } from './expect-fires.ts';

const vectorsFile = new URL('../../data/cron-vectors.json', import.meta.url);
const vectorSchema = z.object({
  expr: z.string(),
  tz: z.string(),
  from: z.string(),
  expect: z.array(z.string()),
  source: z.string(),
  note: z.string(),
});
type Vector = z.infer<typeof vectorSchema>;
const vectors = z.array(vectorSchema).parse(JSON.parse(readFileSync(vectorsFile, 'utf8')));

const isExcepted = (vector: Vector, exception: VectorException): boolean =>
  vector.expr === exception.expression &&
  vector.tz === exception.zone &&
  vector.from === exception.from &&
  (exception.firstExpected === undefined || vector.expect[0] === exception.firstExpected);

const applicable = vectors.filter((vector) => !vectorExceptions.some((exception) => isExcepted(vector, exception)));
const isInvalid = ({ note }: Vector) => note.startsWith('[invalid');
const title = ({ expr, tz, from, source }: Vector) => `"${expr}" in ${tz} from ${from} (${source})`;

describe("cases of other projects' suites", () => {
  it.each(applicable.filter(isInvalid).map((vector) => [title(vector), vector] as const))('rejects %s', (_, vector) => {
    expect(parseCronExpression(vector.expr)).toMatchObject({ ok: false });
  });

  it.each(applicable.filter((vector) => !isInvalid(vector)).map((vector) => [title(vector), vector] as const))(
    'fires as expected: %s',
    (_, vector) => {
      const trigger = aSchedule(vector.expr, vector.tz);
      if (vector.expect.length === 0) expect(nextFireAfter(trigger, new Date(vector.from))).toBeNull();
      else expectFires(trigger, vector.from, vector.expect);
    },
  );
});

describe('cases that our rules answer differently', () => {
  it.each(vectorExceptions.map((exception) => [exception.expression, exception] as const))(
    'one case and no more is meant by the exception for "%s"',
    (_, exception) => {
      expect(vectors.filter((vector) => isExcepted(vector, exception))).toHaveLength(1);
    },
  );

  it('are 34, so that all 522 cases are accounted for', () => {
    expect(applicable.filter(isInvalid)).toHaveLength(87);
    expect(applicable.filter((vector) => !isInvalid(vector))).toHaveLength(401);
    expect(vectorExceptions).toHaveLength(34);
  });

  it.each(vectorExceptions.map((exception) => [exception.expression, exception] as const))(
    'an exception is needed for "%s"',
    (_, exception) => {
      const vector = vectors.find((candidate) => isExcepted(candidate, exception));
      if (vector === undefined) throw new Error('no such case');
      const trigger = aSchedule(vector.expr, vector.tz);
      const check = () => expectFires(trigger, vector.from, vector.expect);
      if (isInvalid(vector)) expect(parseCronExpression(vector.expr)).toMatchObject({ ok: true });
      else expect(check).toThrow();
    },
  );
});
