import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/**
 * What can become of a request. Before storage sees it: `unanswered` (it hangs), `refused` (its connection is reset),
 * `busy` (503), `throttled` (429 with Retry-After), `conflict` (409), `precondition_failed` (412). After storage has
 * carried it out: `lost_answer` (the connection closes without one), `cut_answer` (it breaks off in the middle),
 * `committed_conflict`, `committed_precondition_failed`. `delayed`: it arrives late. `none`: it passes.
 */
export type Fault =
  | 'none'
  | 'unanswered'
  | 'refused'
  | 'busy'
  | 'throttled'
  | 'conflict'
  | 'precondition_failed'
  | 'lost_answer'
  | 'cut_answer'
  | 'committed_conflict'
  | 'committed_precondition_failed'
  | 'delayed';

export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  /** The SDKs keep it while they repeat a request. */
  readonly requestId: string;
  readonly service: 'table' | 'queue';
  /** The table or queue. Of a transaction it stands in the body. */
  readonly target: string;
  readonly isTransaction: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<OutgoingHttpHeaders>;
  readonly body: Buffer;
}

/** What storage answers without having carried the request out; null for faults that are none of an answer. */
export const refusalBefore = (fault: Fault, request: ProxiedRequest): Answer | null => {
  switch (fault) {
    case 'busy':
      return refusal(request, 503, 'ServerBusy');
    case 'throttled':
      return refusal(request, 429, 'TooManyRequests', { 'retry-after': '1' });
    case 'conflict':
      return refusal(request, 409, 'EntityAlreadyExists');
    case 'precondition_failed':
      return refusal(request, 412, 'UpdateConditionNotSatisfied');
    default:
      return null;
  }
};

/** What the client is told in place of the answer that storage gave. */
export const refusalAfter = (fault: Fault, request: ProxiedRequest): Answer | null => {
  switch (fault) {
    case 'committed_conflict':
      return refusal(request, 409, 'EntityAlreadyExists');
    case 'committed_precondition_failed':
      return refusal(request, 412, 'UpdateConditionNotSatisfied');
    default:
      return null;
  }
};

export const isCommittedRefusal = (fault: Fault): boolean =>
  fault === 'committed_conflict' || fault === 'committed_precondition_failed';

export const sendAnswer = (response: ServerResponse, { status, headers, body }: Answer): void => {
  response.writeHead(status, headers).end(body);
};

/** The answer begins, then the connection is reset: half of the body arrives, or of the head where there is no body. */
export const sendHalf = (response: ServerResponse, { status, headers, body }: Answer): void => {
  const { socket } = response;
  if (socket === null) return;
  const reset = () => void socket.resetAndDestroy();
  if (body.length < 2) {
    socket.write(`HTTP/1.1 ${status} OK\r\ncontent-le`, reset);
  } else {
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.write(body.subarray(0, body.length / 2), reset);
  }
};

const refusal = (
  request: ProxiedRequest,
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => {
  if (request.service === 'queue') return xmlRefusal(status, code, headers);
  const isWrite = status === 409 || status === 412;
  return request.isTransaction && isWrite ? transactionRefusal(status, code) : jsonRefusal(status, code, headers);
};

const message = 'Answered by the proxy in front of storage.';

const xmlRefusal = (status: number, code: string, headers: Readonly<Record<string, string>>): Answer => ({
  status,
  headers: { ...headers, 'content-type': 'application/xml', 'x-ms-error-code': code },
  body: Buffer.from(
    `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  ),
});

const errorJson = (code: string, text: string): string =>
  JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value: text } } });

const jsonRefusal = (status: number, code: string, headers: Readonly<Record<string, string>>): Answer => ({
  status,
  headers: { ...headers, 'content-type': 'application/json;odata=minimalmetadata', 'x-ms-error-code': code },
  body: Buffer.from(errorJson(code, message)),
});

/** A transaction is answered with 202 whatever becomes of it; the refusal of its first write stands inside. */
const transactionRefusal = (status: number, code: string): Answer => {
  const lines = [
    '--batchresponse_proxy',
    'Content-Type: multipart/mixed; boundary=changesetresponse_proxy',
    '',
    '--changesetresponse_proxy',
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `HTTP/1.1 ${status} ${code}`,
    'Content-ID: 1',
    'DataServiceVersion: 3.0;',
    'Content-Type: application/json;odata=minimalmetadata;charset=utf-8',
    '',
    errorJson(code, `0:${message}`),
    '--changesetresponse_proxy--',
    '--batchresponse_proxy--',
    '',
  ];
  return {
    status: 202,
    headers: { 'content-type': 'multipart/mixed; boundary=batchresponse_proxy' },
    body: Buffer.from(lines.join('\r\n')),
  };
};
