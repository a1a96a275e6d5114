import { publicPhases, runPhases } from '../run.ts';
import {
  filterFieldNames,
  isCountField,
  isInstantField,
  isMetadataField,
  isTextField,
  type MetadataField,
  type NumberField,
  type TextField,
} from './filter-fields.ts';
import type { RunCondition, RunFilter } from './run-filter.ts';
import { filterError, type Token, tokenize } from './run-filter-tokens.ts';

const maxFilterLength = 2048;

type Operator = '=' | '!=' | '>' | '>=' | '<' | '<=' | 'like' | 'in';

/** MLflow writes symbols, OData writes words; each filter may use either. Keywords in any case. */
const operators: ReadonlyMap<string, Operator> = new Map([
  ['=', '='],
  ['eq', '='],
  ['!=', '!='],
  ['ne', '!='],
  ['>', '>'],
  ['gt', '>'],
  ['>=', '>='],
  ['ge', '>='],
  ['<', '<'],
  ['lt', '<'],
  ['<=', '<='],
  ['le', '<='],
  ['like', 'like'],
  ['ilike', 'like'],
  ['in', 'in'],
]);

/** A status may also be written as the phase that it comes with. */
const statusWords: ReadonlyMap<string, string> = new Map([
  ...publicPhases.map((phase) => [phase, runPhases[phase].status.toLowerCase()] as const),
  ['cancelled', runPhases.killed.status.toLowerCase()],
]);

/**
 * Reads MLflow's search grammar, `attributes.status = 'FINISHED' AND attributes.start_time > 1718000000000`, and
 * OData's, `status eq 'completed' and started_at ge 2026-06-02T07:00:00Z`. A metadata key of other characters than a
 * name has stands in backticks or double quotes, as in MLflow: metadata.`cost center`. An empty filter asks for nothing.
 * Throws InvalidRequestError (`invalid_filter`) that names the position, the first character being 1.
 */
export const parseRunFilter = (filter: string): RunFilter => {
  if (filter.length > maxFilterLength) {
    throw filterError(maxFilterLength + 1, `${filter.length} characters; expected at most ${maxFilterLength}`);
  }
  const tokens = tokenize(filter);
  const conditions: RunCondition[] = [];
  let index = 0;
  const take = (): Token => tokens[index++] ?? { kind: 'end', text: '', at: filter.length + 1 };
  if (tokens[0]?.kind === 'end') return conditions;
  for (;;) {
    conditions.push(parseCondition(take));
    const next = take();
    if (next.kind === 'end') return conditions;
    if (next.text.toLowerCase() !== 'and') throw unexpected(next, 'AND, the only way to join conditions, or the end');
  }
};

const parseCondition = (take: () => Token): RunCondition => {
  const name = take();
  if (name.kind !== 'word') throw unexpected(name, 'the name of a run field');
  const field = name.text.replace(/^(attributes|tags)\./, '');
  const sign = take();
  const operator = sign.kind === 'text' ? undefined : operators.get(sign.text.toLowerCase());
  if (isTextField(field) || isMetadataField(field)) {
    if (operator === undefined || !isTextOperator(operator)) {
      throw unexpected(sign, `=, !=, LIKE, ILIKE or IN after the text field ${field}`);
    }
    return textCondition(field, operator, takeValues(take, operator, textValue));
  }
  if (isInstantField(field) || isCountField(field)) {
    if (operator === undefined || operator === 'like') {
      throw unexpected(sign, `=, !=, >, >=, <, <= or IN after ${field}`);
    }
    return numberCondition(field, operator, takeValues(take, operator, numberValue(field)));
  }
  throw filterError(
    name.at,
    `${JSON.stringify(name.text)} is no field of a run; expected one of ${filterFieldNames.join(', ')}`,
  );
};

const takeValues = <Value>(take: () => Token, operator: Operator, read: (token: Token) => Value): readonly Value[] => {
  if (operator !== 'in') return [read(take())];
  const values: Value[] = [];
  const open = take();
  if (open.text !== '(' || open.kind !== 'symbol') throw unexpected(open, '( and a list of values after IN');
  for (;;) {
    values.push(read(take()));
    const next = take();
    if (next.kind === 'symbol' && next.text === ')') return values;
    if (next.kind !== 'symbol' || next.text !== ',') throw unexpected(next, ', or ) in the list of values');
  }
};

const textValue = (token: Token): string => {
  if (token.kind !== 'text') throw unexpected(token, "a text in quotes, like 'FINISHED'");
  return token.text.toLowerCase();
};

type TextOperator = '=' | '!=' | 'like' | 'in';

const isTextOperator = (operator: Operator): operator is TextOperator =>
  operator === '=' || operator === '!=' || operator === 'like' || operator === 'in';

const textCondition = (
  field: TextField | MetadataField,
  operator: TextOperator,
  values: readonly string[],
): RunCondition => {
  if (operator === 'like') return { type: 'text', field, operator, values };
  const canonical = field === 'status' ? values.map((value) => statusWords.get(value) ?? value) : values;
  return { type: 'text', field, operator: operator === '!=' ? 'not_in' : 'in', values: canonical };
};

const numberCondition = (
  field: NumberField,
  operator: Exclude<Operator, 'like'>,
  values: readonly number[],
): RunCondition => {
  const canonical = operator === '=' ? 'in' : operator === '!=' ? 'not_in' : operator;
  return { type: 'number', field, operator: canonical, values };
};

const decimal = /^-?\d{1,20}(\.\d{1,20})?$/;
const instant = /^(?<date>\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/i;

/** As with a timer's `at`: up to here a number is seconds, as answers show them; above, milliseconds (MLflow's form). */
const largestSeconds = 1e11;
const toMilliseconds = (instant: number): number => (Math.abs(instant) > largestSeconds ? instant : instant * 1000);

const numberValue =
  (field: NumberField) =>
  (token: Token): number => {
    const isNumber = token.kind === 'word' && decimal.test(token.text);
    if (isNumber) return isCountField(field) ? Number(token.text) : toMilliseconds(Number(token.text));
    if (isCountField(field)) throw unexpected(token, 'a number');
    const milliseconds = token.kind === 'word' || token.kind === 'text' ? parseInstant(token.text) : null;
    if (milliseconds === null) {
      throw unexpected(
        token,
        "seconds or milliseconds since 1970, or an ISO 8601 instant, like '2026-06-02T07:00:00Z'",
      );
    }
    return milliseconds;
  };

const parseInstant = (text: string): number | null => {
  const date = instant.exec(text)?.groups?.date;
  if (date === undefined || !isDate(date)) return null;
  const milliseconds = Date.parse(inUtc(text.toUpperCase()));
  return Number.isNaN(milliseconds) ? null : milliseconds;
};

/** Date.parse takes 30 February for 2 March. */
const isDate = (text: string): boolean => {
  const midnight = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
};

/** Without an offset an instant is UTC; Date.parse would take the server's zone. */
const inUtc = (text: string): string => (/T/.test(text) && !/(Z|[+-]\d\d:\d\d)$/.test(text) ? `${text}Z` : text);

const unexpected = (token: Token, expected: string): Error =>
  filterError(
    token.at,
    token.kind === 'end'
      ? `the filter ends here; expected ${expected}`
      : `found ${JSON.stringify(token.text)}; expected ${expected}`,
  );
