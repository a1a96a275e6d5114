import { expect } from 'vitest';

/** Requests to the routines of a host's project `demo`, each answered 200. */
export const routineCalls =
  (urlOf: () => string) =>
  async <Body>(method: string, path: string, body?: object): Promise<Body> => {
    const answer = await fetch(`${urlOf()}/api/projects/demo/routines/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    expect(answer.status, text).toBe(200);
    return JSON.parse(text);
  };
