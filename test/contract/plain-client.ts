import { keys } from './contract-app.ts';

/** What a client without an SDK gets back. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON; undefined when there was no body. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** One request with the contributor's key. A body is sent as JSON unless the headers say otherwise. */
export const ask = async (url: string, init: RequestInit = {}): Promise<Answer> => {
  const headers = new Headers(init.headers);
  if (!headers.has('Authorization')) headers.set('Authorization', `Bearer ${keys.contributor}`);
  if (init.body !== undefined && !headers.has('Content-Type')) headers.set('Content-Type', 'application/json');
  const response = await fetch(url, { ...init, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
};

/** The fields of a run that no SDK shows, or shows changed. */
export interface WireRun {
  readonly status: string;
  readonly triggered_at: number | string;
  readonly started_at: number | string;
  readonly ended_at: number | string;
  readonly output_text?: string;
  readonly result?: object;
  readonly attempts: readonly {
    readonly number: number;
    readonly started_at: number;
    readonly ended_at: number;
    readonly status_code?: number;
  }[];
}

/** The runs of a routine as they go over the wire: with an api-version as the SDKs get them, else as documented. */
export const askForRuns = async (endpoint: string, routine: string, apiVersion?: 'v1'): Promise<readonly WireRun[]> => {
  const query = apiVersion === undefined ? '' : `?api-version=${apiVersion}`;
  const response = await fetch(`${endpoint}/routines/${routine}/runs${query}`, {
    headers: { Authorization: `Bearer ${keys.contributor}` },
  });
  const body: { readonly data?: readonly WireRun[]; readonly value?: readonly WireRun[] } = JSON.parse(
    await response.text(),
  );
  return (apiVersion === undefined ? body.value : body.data) ?? [];
};
