import type { Reply } from './reply.ts';
import { type HttpFunction, type RespondServices, respond } from './respond.ts';

export type ReadHealth = () => Promise<'ok' | 'degraded'>;

/** For load balancers and monitors: no authentication, no details. */
export const healthEndpoint =
  (services: RespondServices & { readonly readHealth: ReadHealth }): HttpFunction =>
  (request, context) =>
    respond({ request, context }, services, async (): Promise<Reply> => {
      const status = await services.readHealth();
      return { status: status === 'ok' ? 200 : 503, body: { status } };
    });
