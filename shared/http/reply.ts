/** What a handler answers, before the headers that every answer carries are added. */
export interface Reply {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: object): Reply => ({ status: 200, body });
export const noContent: Reply = { status: 204 };
