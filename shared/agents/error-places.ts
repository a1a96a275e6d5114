import { isJsonObject, type JsonObject, type JsonValue, parseJsonText } from '../domain/json.ts';
import type { HttpAnswer } from './agent-protocol.ts';

/**
 * What an error is about, as its fields say: its codes, and the places in the request that it names. Messages are not
 * read: they may repeat what the agent was asked.
 */
export interface ErrorMarks {
  readonly codes: readonly string[];
  /** Each as the steps of its path, in lower case. */
  readonly places: readonly (readonly string[])[];
}

interface Found {
  readonly codes: string[];
  readonly places: (readonly string[])[];
  left: number;
}

// An error may come in millions of pieces: what is beyond these says nothing more.
const maxLength = 128 * 1024;
const maxDepth = 5;
const maxItems = 20;
const maxValues = 400;

export const errorMarksOf = ({ text, isCut, stream }: HttpAnswer): ErrorMarks => {
  const found: Found = { codes: [], places: [], left: maxValues };
  addCode(found, stream?.failure?.code);
  const body = isCut || text.length > maxLength ? undefined : parseJsonText(text.replace(/^\uFEFF/, ''));
  if (isJsonObject(body)) {
    // Django: `{"field": ["message"]}`. A list of texts is no echo of a flag.
    addKeys(found, body, (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'));
  }
  visit(found, body, 0);
  return found;
};

const codeNames = ['code', 'Code', 'errorCode', 'error_code', 'ErrorCode', 'type', 'reason'] as const;
/** One place, or a list of such. */
const placeNames = ['param', 'params', 'parameter', 'target', 'field', 'property', 'propertyName'] as const;
/** A path as a text; of `path` see below. */
const pointerNames = ['pointer', 'instancePath', 'dataPath', 'name', 'additionalProperty'] as const;
/** A path as a list of its steps. */
const pathNames = ['loc', 'path'] as const;
/** Errors, or lists of them. */
const innerNames = [
  ...['error', 'Error', 'odata.error', 'fault', 'detail', 'details', 'errors', 'Errors', 'source', 'params'],
  ...['innererror', 'innerError', 'inner_error', 'issues', 'violations', 'fieldViolations', 'field_violations'],
  ...['invalid-params', 'invalid_params', 'invalidParams', 'validationErrors', 'validation_errors', 'cause'],
] as const;
/** Errors by the field that they are about. */
const byFieldNames = [
  ...['errors', 'Errors', 'detail', 'details', 'fieldErrors', 'field_errors', 'ModelState', 'modelState'],
  ...['validationErrors', 'validation_errors'],
] as const;

const visit = (found: Found, value: JsonValue | undefined, depth: number): void => {
  found.left -= 1;
  if (depth > maxDepth || found.left < 0) return;
  // `{"error": "background_not_supported"}`: a code in an error's place.
  if (typeof value === 'string') return void (depth > 0 && addCode(found, value));
  if (Array.isArray(value)) {
    for (const item of value.slice(0, maxItems)) visit(found, item, depth + 1);
    return;
  }
  if (isJsonObject(value)) visitObject(found, value, depth);
};

const visitObject = (found: Found, object: JsonObject, depth: number): void => {
  for (const name of codeNames) addCode(found, object[name]);
  for (const name of placeNames) {
    for (const place of listOf(object[name])) addPlace(found, [place]);
  }
  for (const name of pointerNames) addPlace(found, [object[name]]);
  for (const name of pathNames) {
    const path = object[name];
    if (Array.isArray(path)) addPlace(found, path);
  }
  // Zod names what it does not know beside the path to the object that holds it.
  if (object.code === 'unrecognized_keys') for (const key of listOf(object.keys)) addPlace(found, [key]);
  for (const name of byFieldNames) {
    const errors = object[name];
    if (isJsonObject(errors)) addKeys(found, errors, (error) => typeof error === 'string' || typeof error === 'object');
  }
  for (const name of innerNames) if (object[name] !== undefined) visit(found, object[name], depth + 1);
};

const listOf = (value: JsonValue | undefined): readonly (JsonValue | undefined)[] =>
  Array.isArray(value) ? value.slice(0, maxItems) : [value];

const addKeys = (found: Found, object: JsonObject, isError: (value: JsonValue | undefined) => boolean): void => {
  let seen = 0;
  for (const key in object) {
    seen += 1;
    if (seen > maxItems) return;
    if (object[key] !== null && isError(object[key])) addPlace(found, [key]);
  }
};

const addCode = (found: Found, code: unknown): void => {
  // A URL of a problem's type ends with its name.
  const name = typeof code === 'string' && code.length <= 512 ? code.replace(/^https?:.*[/#]|^urn:.*:/, '') : '';
  if (/^[A-Za-z][\w.-]{0,127}$/.test(name)) found.codes.push(name);
};

const addPlace = (found: Found, steps: readonly unknown[]): void => {
  const path = steps
    .slice(0, maxItems)
    .flatMap((step) => (typeof step === 'string' && step.length <= 512 ? step.split(/[./[\]#$"'\s]+/) : []))
    .filter((step) => step !== '')
    .map((step) => step.toLowerCase());
  if (path.length > 0) found.places.push(path);
};
