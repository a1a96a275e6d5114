import { isJsonObject, type JsonObject, parseJsonText } from '../json.ts';
import { codeOf, isGeneral, toCode } from './error-code.ts';
import { notesIn, withNotes } from './error-notes.ts';
import { isPage, pageTitleOf } from './html-page.ts';

export interface ErrorDescription {
  readonly code?: string;
  readonly message?: string;
}

/** What an answer says of its failure, or what is said for it. */
export interface Failure extends ErrorDescription {
  readonly message: string;
}

// An error may come in millions of pieces: what is beyond these says nothing more.
const maxDepth = 5;
const maxItems = 20;
const maxValues = 400;

/** Where in an error a value stands, and how many more are looked at in all of it. */
interface Place {
  readonly depth: number;
  readonly budget: { left: number };
}

const outside = (): Place => ({ depth: 0, budget: { left: maxValues } });
const within = ({ depth, budget }: Place): Place => ({ depth: depth + 1, budget });
/** To parse more takes longer than an error is worth: its beginning is quoted instead. */
const maxParsedLength = 128 * 1024;

/** What an error body says: an object or a list that tells of an error, a page's title, or its plain text. */
export const describeErrorBody = (text: string): ErrorDescription => {
  const trimmed = trimBounded(text);
  if (!/^[{["]/.test(trimmed)) return describeText(trimmed, outside());
  const body = trimmed.length > maxParsedLength ? undefined : parseJsonText(trimmed);
  if (body === undefined) return /^[{[]/.test(trimmed) ? {} : { message: toMessage(trimmed) };
  return describe(body, outside());
};

/** What a body that is an object says of its error, in whichever of the many forms that frameworks and gateways use. */
export const describeErrorObject = (body: JsonObject): ErrorDescription => describe(body, outside());

/** What the value of an `error` field says: an object with code and message, a list of them, or the message itself. */
export const describeErrorValue = (error: unknown): ErrorDescription => describe(error, outside());

/** Whether the value of an `error` field says that there is one: `{}`, `false` and an object of nulls do not. */
export const saysError = (error: unknown): boolean => typeof error !== 'number' && saysAnything(error, outside());

const saysAnything = (value: unknown, at: Place): boolean => {
  if (typeof value === 'string') return value.trim() !== '';
  if (typeof value !== 'object' || value === null) return Boolean(value);
  at.budget.left -= 1;
  if (at.depth >= maxDepth || at.budget.left < 0) return true;
  let seen = 0;
  for (const key in value) {
    seen += 1;
    if (seen > maxItems || saysAnything(Reflect.get(value, key), within(at))) return true;
  }
  return false;
};

const describe = (value: unknown, at: Place): ErrorDescription => {
  if (value === undefined || value === null) return {};
  at.budget.left -= 1;
  if (at.depth > maxDepth || at.budget.left < 0) return {};
  if (typeof value === 'string') return describeText(value, at);
  if (Array.isArray(value)) return describeList(value, at);
  return isJsonObject(value) ? describeObject(value, at) : {};
};

/** Proxies hand on errors as texts: JSON in a text is read, a page becomes its title. */
const describeText = (text: string, at: Place): ErrorDescription => {
  const message = toMessage(text);
  if (message === undefined) return {};
  if (/^[{[]/.test(message) && message.length <= maxParsedLength && at.depth < maxDepth) {
    const told = describe(parseJsonText(message), within(at));
    if (told.message !== undefined) return told;
  }
  if (isPage(message)) return { message: pageTitleOf(message) };
  return message.startsWith('<') ? describeXml(message) : { message };
};

/** `<Error><Code>…</Code><Message>…`, as storage services have it, and the fault of SOAP. */
const describeXml = (text: string): ErrorDescription => {
  const beginning = text.slice(0, 16 * 1024);
  const message = /<(?:\w{1,20}:)?(?:message|faultstring|text|reason)\b[^>]{0,200}>\s*([^<]{1,2000})</i.exec(beginning);
  const code = /<(?:\w{1,20}:)?(?:code|faultcode)\b[^>]{0,200}>\s*([^<]{1,128})</i.exec(beginning);
  return { code: toCode(code?.[1]), message: toMessage(message?.[1]) ?? text };
};

const describeList = (list: readonly unknown[], at: Place): ErrorDescription => {
  const told = list.slice(0, maxItems).map((item) => describe(item, within(at)));
  const messages = [...new Set(told.flatMap(({ code, message = code }) => message ?? []))];
  const more = list.length > maxItems ? [`and ${list.length - maxItems} more`] : [];
  return {
    code: told.find(({ code }) => code !== undefined)?.code,
    message: messages.length === 0 ? undefined : [...messages, ...more].join('; '),
  };
};

/** Where the error itself stands when the object is only what it is wrapped in. */
const wrapperNames = [
  'error',
  'odata.error',
  'fault',
  'Error',
  'Fault',
  'ResponseStatus',
  'Exception',
  'exception',
] as const;

const describeObject = (object: JsonObject, at: Place): ErrorDescription => {
  const wrapped = wrapperNames.map((name) => object[name]).find((value) => saysAnything(value, outside()));
  const own = describeOwn(object, at);
  if (typeof wrapped === 'string') return describeBeside(wrapped, own, { object, at });
  const told = describe(wrapped, within(at));
  return {
    code: told.code ?? own.code,
    message: withNotes(told.message ?? own.message, told.message === undefined ? [] : notesIn(object)),
  };
};

/**
 * `{error: "message"}`, `{error: "code", message}`, or `{status: 404, error: "Not Found", message}`, where it is only the
 * status in words.
 */
const describeBeside = (
  error: string,
  own: ErrorDescription,
  { object, at }: { readonly object: JsonObject; readonly at: Place },
): ErrorDescription => {
  const told = describeText(error, at);
  const isPlain = told.code === undefined && told.message === error.trim();
  if (own.message === undefined || !isPlain) return { code: told.code ?? own.code, message: told.message };
  const isStatus = typeof object.status === 'number' || typeof object.statusCode === 'number';
  if (isStatus || isGeneral(error)) return own;
  return /\s/.test(error.trim()) ? { code: own.code, message: told.message } : { ...own, code: toCode(error) };
};

const messageNames = [
  'message',
  'Message',
  'error_description',
  'errorMessage',
  'error_message',
  'ErrorMessage',
  'errorDescription',
  'description',
  'msg',
  'errmsg',
  'reason',
  'faultstring',
  'value',
  'text',
] as const;
/** They go on from the message. */
const furtherNames = ['detail', 'ExceptionMessage', 'exceptionMessage', 'detailed_explanation'] as const;
/** What lies deeper: lists of errors, one by field, or the error that led to this one. */
const nestedNames = [
  'innererror',
  'innerError',
  'inner_error',
  'InnerException',
  'details',
  'errors',
  'Errors',
  'error_details',
  'ModelState',
  'modelState',
  'validationErrors',
  'validation_errors',
  'violations',
  'issues',
  'invalid-params',
  'invalidParams',
  'cause',
] as const;
/** They may as well hold what was asked: they are looked into when nothing else says anything. */
const lastNames = ['data', 'response', 'body'] as const;

/** What the fields of this object say, without what it wraps. */
const describeOwn = (object: JsonObject, at: Place): ErrorDescription => {
  const main = messageNames.map((name) => object[name]).find((value) => saysAnything(value, outside()));
  const pieces = [main, ...furtherNames.map((name) => object[name])].map((value) => describe(value, within(at)));
  const said = pieces.reduce<string | undefined>((all, { message }) => join(all, message), undefined);
  // A status that is an object is the error itself (gRPC).
  const status = isJsonObject(object.status) ? object.status : undefined;
  const nested = [...nestedNames.map((name) => object[name]), status].map((value) => describeNested(value, within(at)));
  const deeper = [...pieces, ...nested];
  const own = codeOf(object);
  const inner = deeper.find(({ code }) => code !== undefined)?.code;
  const code = own === undefined || isGeneral(own) ? (inner ?? own) : own;
  const deep = nested.reduce<string | undefined>(
    (all, { code: innerCode, message = innerCode === code ? undefined : innerCode }) => join(all, message),
    undefined,
  );
  const title = toMessage(object.title) ?? toMessage(object.Title);
  const titled = title === undefined || (isGeneral(title) && said !== undefined) ? said : join(title, said);
  const message = placed(object, join(titled, deep)) ?? lastWord(object, at);
  return { code, message: withNotes(message, notesIn(object)) };
};

const lastWord = (object: JsonObject, at: Place): string | undefined =>
  lastNames.map((name) => describe(object[name], within(at)).message).find((message) => message !== undefined);

/** A list, an error, or messages by the field that they are about. */
const describeNested = (value: unknown, at: Place): ErrorDescription => {
  const told = describe(value, at);
  if (told.message !== undefined || told.code !== undefined || !isJsonObject(value) || at.depth > maxDepth) return told;
  const said: string[] = [];
  let seen = 0;
  for (const field in value) {
    seen += 1;
    if (seen > maxItems) break;
    const { message } = describe(value[field], within(at));
    if (message !== undefined) said.push(`${field === '' ? '' : `${field}: `}${message}`);
  }
  return { message: said.length === 0 ? undefined : said.join('; ') };
};

/** The message behind the field that it is about: `loc` in Python's web frameworks, a name elsewhere. */
const placed = (object: JsonObject, message: string | undefined): string | undefined => {
  const { loc, field = object.propertyName } = object;
  const place = Array.isArray(loc) ? loc.slice(0, maxItems).join('.') : toMessage(loc ?? field);
  return message === undefined || place === undefined || place === '' ? message : `${place}: ${message}`;
};

const join = (said: string | undefined, more: string | undefined): string | undefined => {
  if (said === undefined || more === undefined) return said ?? more;
  if (said.includes(more)) return said;
  if (more.includes(said)) return more;
  return `${said}${/[.:!?…]$/.test(said) ? ' ' : ': '}${more}`;
};

/** Of any length: it is cut only where it is kept, after the token that may be in it was hidden. */
const toMessage = (value: unknown): string | undefined => {
  const message = typeof value === 'string' ? value.trim() : '';
  return message === '' ? undefined : message;
};

const trimBounded = (text: string): string => text.replace(/^\uFEFF/, '').trim();
