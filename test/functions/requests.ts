// The classes are not exported by name at run time: the package is CommonJS.
import functions, { type HttpRequest, type InvocationContext } from '@azure/functions';

export interface RequestInput {
  readonly method?: string;
  /** Path below `/api/` and query. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is bytes or text already. */
  readonly body?: unknown;
}

/** A request as the platform hands it to a function: headers in lower case, parameters decoded, the body as bytes. */
export const aRequest = ({ method = 'GET', path = '', headers = {}, params = {}, body }: RequestInput): HttpRequest => {
  const bytes = bytesOf(body);
  const described: Record<string, string> =
    bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(bytes.length) };
  return new functions.HttpRequest({
    method,
    url: `http://127.0.0.1:7071/api/${path}`,
    headers: { host: '127.0.0.1:7071', ...described, ...headers },
    params: { ...params },
    ...(bytes !== undefined && { body: { bytes } }),
  });
};

const bytesOf = (body: unknown): Buffer | undefined => {
  if (body === undefined || body instanceof Buffer) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
};

export const aContext = (functionName: string): InvocationContext =>
  new functions.InvocationContext({ functionName, logHandler: () => undefined });
